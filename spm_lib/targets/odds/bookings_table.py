"""Bookings of a number of wins that is expected, as a table of quantiles: exact, then looked up.

Wins of one person in one month are Poisson, or come in batches where history was more uneven
than chance (Polya-Aeppli); each is worth an amount of the shape that was seen. The distribution
of the sum is found exactly on a lattice by the Fourier transform (Embrechts & Frei 2009, Panjer
recursion versus FFT for compound distributions, Math Meth Oper Res 69:497). One lookup then gives
a person's month, whatever the levers: more expected wins never give a worse month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Floats = np.ndarray
LEVELS = 1_000  # equally likely outcomes per row
RATIO = 1.02  # of the expected wins of two neighbouring rows
LEAST = 2e-3
_POINTS = 4_096
_OCTAVE = 35  # rows that share one lattice


@dataclass(frozen=True, eq=False)
class BookingsTable:
    """Quantiles of the bookings of a month by expected wins, in mean amounts.

    Attributes
    ----------
    values
        (rows, ``LEVELS``): row 0 is no wins at all, row k expects ``LEAST * RATIO ** (k - 1)``;
        columns are the means over equally likely parts of the distribution, ascending.
    """

    values: Floats

    @classmethod
    def of(cls, shape: Floats, *, dispersion: float, most: float) -> BookingsTable:
        """Make the table for up to ``most`` expected wins a month.

        Parameters
        ----------
        shape
            Amounts seen, as multiples of what was expected of them.
        dispersion
            Variance over mean of the number of wins, at least 1.
        most
            Expected wins in the last row.
        """
        shape = np.asarray(shape, float) / np.mean(shape)
        rows = int(np.ceil(np.log(max(most, 2 * LEAST) / LEAST) / np.log(RATIO))) + 1
        expected = LEAST * RATIO ** np.arange(rows)
        values = np.zeros((rows + 1, LEVELS), dtype=np.float32)
        for start in range(0, rows, _OCTAVE):
            some = expected[start : start + _OCTAVE]
            values[start + 1 : start + 1 + len(some)] = _quantiles(shape, some, dispersion)
        return cls(np.maximum.accumulate(values, axis=0))

    def scale(self, expected: Floats) -> Floats:
        """Return expected wins on the scale of the rows, as numbers to be added and cut off.

        Examples
        --------
        >>> table = BookingsTable.of(np.ones(3), dispersion=1, most=1)
        >>> table.scale(np.array([LEAST, LEAST * RATIO**7])).astype(int).tolist()
        [1, 8]
        """
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(expected / LEAST) / np.log(RATIO) + 1.5, -1e6)

    def bookings(self, place: Floats, level: np.ndarray) -> Floats:
        """Look up bookings, in mean amounts.

        Parameters
        ----------
        place
            Numbers on the scale of the rows, Float32; overwritten.
        level
            Columns, of the same shape.
        """
        np.clip(place, 0, len(self.values) - 1, out=place)
        index = place.astype(np.int32)
        index *= LEVELS
        index += level
        return self.values.reshape(-1).take(index, mode="clip")

    def drawn(self, rows: Floats, flow: Floats, months: Floats, level: np.ndarray) -> Floats:
        """Look up bookings of one person, in mean amounts, (steps, scenarios).

        Parameters
        ----------
        rows, flow, months
            Numbers on the scale of the rows, Float32, that add up: of each step, of each scenario,
            of both.
        level
            Columns, (steps, scenarios).
        """
        place = flow + months
        place += rows[:, None]
        return self.bookings(place, level)

    @property
    def most(self) -> float:
        """Expected wins of the last row."""
        return LEAST * RATIO ** (len(self.values) - 2)


def step_of(factor: Floats) -> Floats:
    """Return by how many rows a factor on the expected wins moves down the table."""
    return np.log(factor) / np.log(RATIO)


def _quantiles(shape: Floats, expected: Floats, dispersion: float) -> Floats:
    """Return the rows of neighbouring expectations, on one lattice."""
    top = float(expected[-1])
    squares = float((shape**2).mean()) + (dispersion - 1)
    span = top + 12 * np.sqrt(top * squares) + 3 * float(shape.max()) + _longest(dispersion)
    step = span / _POINTS
    amounts = np.fft.rfft(_on_lattice(shape / step))
    batch = 2 / (1 + dispersion)  # of the wins that begin a batch
    batches = batch * amounts / (1 - (1 - batch) * amounts)
    curves = np.exp(expected[:, None] * batch * (batches - 1))
    chance = np.maximum(np.fft.irfft(curves, _POINTS, axis=1), 0.0)
    chance /= chance.sum(axis=1, keepdims=True)
    edges = np.arange(LEVELS + 1) / LEVELS
    value = step * np.arange(_POINTS)
    rows = [_bin_means(row, value, edges) for row in chance]
    return np.stack(rows)


def _longest(dispersion: float) -> float:
    """Return the wins that all but one batch in 10,000 stay below; none where wins come singly."""
    goes_on = (dispersion - 1) / (dispersion + 1)
    return np.log(1e-4) / np.log(goes_on) if goes_on > 0 else 0.0


def _on_lattice(places: Floats) -> Floats:
    """Spread each amount over its two neighbours on the lattice so that the mean is kept."""
    low = np.floor(places).astype(int)
    rest = places - low
    weight = np.bincount(low, 1 - rest, _POINTS) + np.bincount(low + 1, rest, _POINTS)
    return weight[:_POINTS] / weight.sum()


def _bin_means(chance: Floats, value: Floats, edges: Floats) -> Floats:
    """Return the mean of each of several equally likely parts of a distribution."""
    below = np.concatenate([[0.0], np.cumsum(chance)])
    worth = np.concatenate([[0.0], np.cumsum(chance * value)])
    below, worth = below / below[-1], worth
    return np.diff(np.interp(edges, below, worth)) * (len(edges) - 1)
