"""What if: the year to come, played through many times while a slider moves.

Wins arrive as a compound Poisson process whose clock runs with the expected number of wins
(thinning and displacement of a Poisson process: Kingman 1993, ch. 5). Wins per month are more
uneven than chance where history was: arrivals then come in batches of geometric size (the
Polya-Aeppli process). Amounts are drawn from those seen. All draws are made once and kept
(common random numbers: Glasserman and Yao 1992), so a lever only moves the clock: answers
come in milliseconds, and a better lever never gives a worse year, scenario by scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.targets.arrivals import Arrivals
from spm_lib.targets.baseline import Baseline
from spm_lib.targets.levers import Levers

SCENARIOS, SEED = 2_000, 20_260
_MOST_STEPS = 2_000  # arrivals kept per scenario; larger companies get several deals per step
_FAR = 3.0  # times as many wins as today: how far levers may lead
_QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}


@dataclass(frozen=True, eq=False)
class Answer:
    """What one setting of the levers leads to.

    Attributes
    ----------
    levers
        The setting.
    months
        First days of the months.
    cumulative
        Bookings to the end of each month, scenarios x months, Int64 minor units.
    """

    levers: Levers
    months: tuple
    cumulative: np.ndarray

    @cached_property
    def attainment(self) -> np.ndarray:
        """Bookings at the end over target, one per scenario, sorted."""
        return np.sort(self.cumulative[:, -1]) / self.levers.target

    @property
    def reach(self) -> float:
        """Share of scenarios that reach the target."""
        return float((self.cumulative[:, -1] >= self.levers.target).mean())

    @property
    def median(self) -> int:
        """Bookings at the end in the median year, minor units."""
        return round(float(np.median(self.cumulative[:, -1])))

    def quantile(self, share: float) -> float:
        """Return the attainment that this share of the scenarios stays below."""
        return float(np.quantile(self.attainment, share))

    def path(self) -> pl.DataFrame:
        """Return the way through the year.

        Columns out: month (Date), p10, p25, p50, p75, p90 and target: Int64 minor units, added
        up to the end of the month; the target is spread evenly.
        """
        ranked = np.sort(self.cumulative, axis=0)
        last = len(ranked) - 1
        bands = {name: ranked[round(q * last)] for name, q in _QUANTILES.items()}
        steps = np.arange(1, len(self.months) + 1)
        goal = self.levers.target * steps // len(self.months)
        return pl.DataFrame({"month": self.months, **bands, "target": goal})

    def distribution(
        self, *, low: float = 0.0, high: float = 2.0, step: float = 0.05
    ) -> pl.DataFrame:
        """Return how the scenarios spread over attainment.

        Columns out: low, high (edges, ratios), value (share of scenarios). Scenarios beyond
        an end are counted in the last bar there.
        """
        edges = low + step * np.arange(round((high - low) / step) + 1)
        inside = np.clip(self.attainment + 1e-12, low, high - step / 2)
        counts, _ = np.histogram(inside, edges)
        shares = counts / len(self.attainment)
        return pl.DataFrame(
            {"low": edges[:-1].round(6), "high": edges[1:].round(6), "value": shares}
        )


class WhatIf:
    """The draws of one company, ready to answer any setting of the levers.

    Parameters
    ----------
    baseline
        Base rates.
    scenarios
        How many years are played through.
    seed
        The same seed gives the same answers.
    """

    def __init__(self, baseline: Baseline, *, scenarios: int = SCENARIOS, seed: int = SEED) -> None:
        self.baseline = baseline
        self._arrivals = Arrivals.of(baseline)
        rng = np.random.default_rng(seed)
        won, lost = baseline.won + 0.5, baseline.lost + 0.5
        self._rates = rng.beta(won, lost, scenarios) * (won + lost) / won  # around 1
        decided = baseline.won + baseline.lost
        self._flow = rng.gamma(decided + 0.5, 1 / (decided + 0.5), scenarios)
        self._draw(rng, scenarios)

    def answer(self, levers: Levers) -> Answer:
        """Play the year through with this setting of the levers."""
        expected = self._expected(levers)
        self._check(expected[-1] * levers.win_rate)
        clock = np.outer(self._flow * self._win_rates(levers), expected)
        steps = self._steps_before(clock)
        seen = float(np.mean(self.baseline.amounts))
        booked = np.take_along_axis(self._booked, steps, axis=1)
        cumulative = np.rint(booked * (levers.deal_amount / seen)).astype(np.int64)
        return Answer(levers, self.baseline.months, cumulative)

    def _check(self, wins: float) -> None:
        if wins > self._most:
            raise ParameterError(
                f"The levers together lead more than {_FAR} times as far as today's rates.",
                found=f"{wins:.0f} expected wins, {self._most / _FAR:.0f} at today's rates",
                do="Move them closer to today",
            )

    def _win_rates(self, levers: Levers) -> np.ndarray:
        return np.minimum(levers.win_rate * self._rates, 1.0)

    def _expected(self, levers: Levers) -> np.ndarray:
        """Return deals decided to the end of each month, won or lost."""
        stretch = levers.cycle_days / self.baseline.levers.cycle_days
        by_month = self._arrivals.by_month(stretch, self.baseline.heads, self._capacity(levers))
        return by_month * self.baseline.decided_per_rep_month

    def _capacity(self, levers: Levers) -> np.ndarray:
        today, months = self.baseline.heads, len(self.baseline.months)
        full = np.ones(months)
        full[: len(self.baseline.ramp)] = self.baseline.ramp[:months]
        return min(levers.heads, today) + max(levers.heads - today, 0) * full

    def _draw(self, rng: np.random.Generator, scenarios: int) -> None:
        """Draw arrivals and amounts, far enough for levers that give `_FAR` times the wins."""
        today = self._expected(self.baseline.levers)[-1] * self.baseline.win_rate
        self._most = _FAR * today
        most = self._most * float((self._flow * self._rates).max())
        most += 6 * np.sqrt(most * self.baseline.dispersion) + 10
        self._block = max(1, round(most / _MOST_STEPS))
        shape = (scenarios, int(most / self._block) + 1)
        gaps = _gaps(rng, shape, block=self._block, dispersion=self.baseline.dispersion)
        waits = np.cumsum(gaps, axis=1)
        self._span = float(waits.max()) + 1.0
        self._line = (waits + self._span * np.arange(scenarios)[:, None]).ravel()
        amounts = _amounts(rng, shape, self.baseline.amounts, block=self._block)
        self._booked = np.zeros((scenarios, shape[1] + 1), dtype=np.int64)
        np.cumsum(amounts, axis=1, out=self._booked[:, 1:])

    def _steps_before(self, clock: np.ndarray) -> np.ndarray:
        """Count the arrivals before each time: one search through all scenarios laid in a line."""
        scenarios, width = len(clock), self._booked.shape[1] - 1
        rows = np.arange(scenarios)[:, None]
        times = np.minimum(clock, self._span * 0.999999) + self._span * rows
        return np.searchsorted(self._line, times, side="right") - rows * width


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
