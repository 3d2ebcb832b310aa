"""The luck of the year to come, drawn once: when deals arrive, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spm_lib.store import whole_folder
from spm_lib.targets.baseline import Baseline

_MOST_STEPS = 2_000  # arrivals kept per scenario; larger companies get several deals per step


@dataclass(frozen=True, eq=False)
class Draws:
    """What chance brings in each scenario; levers only move the clock that runs through it.

    Attributes
    ----------
    rates
        The win rate's uncertainty, a factor around 1, one per scenario.
    flow
        The uncertainty of how many deals are decided, likewise.
    line
        Arrival times, ascending: the scenarios one after another, each `span` after the last.
    booked
        Bookings after 0, 1, ... arrivals, scenarios x steps, Int64 minor units.
    """

    rates: np.ndarray
    flow: np.ndarray
    line: np.ndarray
    booked: np.ndarray
    span: float
    block: int


def draw(baseline: Baseline, *, most: float, scenarios: int, seed: int) -> Draws:
    """Draw arrivals and amounts, far enough for `most` expected wins in the year."""
    rng = np.random.default_rng(seed)
    won, lost = baseline.won + 0.5, baseline.lost + 0.5
    rates = rng.beta(won, lost, scenarios) * (won + lost) / won  # around 1
    decided = baseline.won + baseline.lost
    flow = rng.gamma(decided + 0.5, 1 / (decided + 0.5), scenarios)
    most *= float((flow * rates).max())
    most += 6 * np.sqrt(most * baseline.dispersion) + 10
    block = max(1, round(most / _MOST_STEPS))
    shape = (scenarios, int(most / block) + 1)
    waits = np.cumsum(_gaps(rng, shape, block=block, dispersion=baseline.dispersion), axis=1)
    span = float(waits.max()) + 1.0
    line = (waits + span * np.arange(scenarios)[:, None]).ravel()
    amounts = _amounts(rng, shape, baseline.amounts, block=block)
    booked = np.zeros((scenarios, shape[1] + 1), dtype=np.int64)
    np.cumsum(amounts, axis=1, out=booked[:, 1:])
    return Draws(rates, flow, line, booked, span, block)


def write_draws(draws: Draws, folder: Path) -> None:
    """Write draws as plain arrays; the folder appears whole or not at all."""
    with whole_folder(folder) as fresh:
        for name in _ARRAYS:
            np.save(fresh / f"{name}.npy", getattr(draws, name), allow_pickle=False)
        np.save(fresh / _REST, np.array([draws.span, draws.block]), allow_pickle=False)


def read_draws(folder: Path) -> Draws | None:
    """Return kept draws, mapped into memory; None where there are none."""
    try:
        arrays = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS]
        span, block = np.load(folder / _REST)
    except OSError:
        return None
    rates, flow, line, booked = arrays
    return Draws(rates, flow, line, booked, float(span), int(block))


_ARRAYS, _REST = ("rates", "flow", "line", "booked"), "rest.npy"


def _gaps(
    rng: np.random.Generator, shape: tuple[int, int], *, block: int, dispersion: float
) -> np.ndarray:
    """Draw waiting times of mean `block` between steps of `block` deals.

    Singly: a new batch with probability q = 2 / (1 + dispersion), after an exponential wait of
    mean 1 / q; else at once. In blocks: gamma times of the same mean and variance.
    """
    if block > 1:
        return rng.gamma(block / dispersion, dispersion, shape)
    fresh = 2 / (1 + dispersion)
    gaps = rng.exponential(1 / fresh, shape)
    gaps[:, 1:] *= rng.random((shape[0], shape[1] - 1)) < fresh
    return gaps


def _amounts(
    rng: np.random.Generator, shape: tuple[int, int], seen: np.ndarray, *, block: int
) -> np.ndarray:
    if block == 1:
        return rng.choice(seen, shape)
    middle, spread = block * seen.mean(), np.sqrt(block) * seen.std()
    return np.maximum(np.rint(rng.normal(middle, spread, shape)), 0).astype(np.int64)
