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
from pathlib import Path

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.targets.arrivals import Arrivals
from spm_lib.targets.bars import Bars, bars_over
from spm_lib.targets.baseline import Baseline
from spm_lib.targets.draws import draw, read_draws, write_draws
from spm_lib.targets.levers import Levers

SCENARIOS, SEED = 2_000, 20_260
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

    def distribution(self, bars: Bars | None = None) -> pl.DataFrame:
        """Return how the scenarios spread over attainment.

        Columns out: low, high (edges, ratios), value (share of scenarios). Scenarios beyond
        an end are counted in the last bar there. Without `bars`, those that fit this answer.
        """
        bars = bars or bars_over(self.attainment)
        edges = bars.edges
        inside = np.clip(self.attainment + 1e-12, edges[0], edges[-1] - bars.step / 2)
        counts, _ = np.histogram(inside, edges)
        shares = counts / len(self.attainment)
        return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "value": shares})


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
    kept
        Folder in which another one of the same base rates has kept its draws; None, or one that
        holds no whole draws: they are made.
    """

    def __init__(
        self,
        baseline: Baseline,
        *,
        scenarios: int = SCENARIOS,
        seed: int = SEED,
        kept: Path | None = None,
    ) -> None:
        self.baseline = baseline
        self._arrivals = Arrivals.of(baseline)
        today = self._expected(baseline.levers)[-1] * baseline.win_rate
        self._most = _FAR * today
        self._draws = (kept and read_draws(kept)) or draw(
            baseline, most=self._most, scenarios=scenarios, seed=seed
        )

    def keep(self, folder: Path) -> None:
        """Write the draws, for others with the same base rates to map into memory."""
        write_draws(self._draws, folder)

    def answer(self, levers: Levers) -> Answer:
        """Play the year through with this setting of the levers."""
        expected = self._expected(levers)
        self._check(expected[-1] * levers.win_rate)
        clock = np.outer(self._draws.flow * self._win_rates(levers), expected)
        steps = self._steps_before(clock)
        seen = float(np.mean(self.baseline.amounts))
        booked = np.take_along_axis(self._draws.booked, steps, axis=1)
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
        return np.minimum(levers.win_rate * self._draws.rates, 1.0)

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

    def _steps_before(self, clock: np.ndarray) -> np.ndarray:
        """Count the arrivals before each time: one search through all scenarios laid in a line."""
        draws = self._draws
        scenarios, width = len(clock), draws.booked.shape[1] - 1
        rows = np.arange(scenarios)[:, None]
        times = np.minimum(clock, draws.span * 0.999999) + draws.span * rows
        return np.searchsorted(draws.line, times, side="right") - rows * width
