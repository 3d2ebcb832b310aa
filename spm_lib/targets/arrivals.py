"""When deals close: how a deal's cycle spreads its win over the months to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.targets.baseline import Baseline

DAYS = 365.2425 / 12  # a month
_PARTS = 6  # points in a month at which deals are taken to be created
_MOST_CYCLES = 400  # quantiles that stand for a longer sample


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Expected closings of one person's deals by the end of each coming month.

    A deal is created evenly over its month and closes after a cycle drawn from those seen.
    Deals created before the first month and not yet closed are carried over; of their cycles
    only what remains grows or shrinks with the lever. The past is taken to be steady: as
    many deals were begun each month as were decided.

    Attributes
    ----------
    ages
        Days between creation and the end of the 1st, 2nd, ... month, one row per part.
    cycles
        Sorted cycles, in days.
    remaining
        Sorted days that remain for deals carried over.
    weight
        Deals per person and month that each remaining time stands for, in months.
    """

    ages: np.ndarray
    cycles: np.ndarray
    remaining: np.ndarray
    weight: float

    @classmethod
    def of(cls, baseline: Baseline) -> Arrivals:
        """Prepare what does not depend on the levers."""
        cycles = _thinned(baseline.cycles)
        parts = (np.arange(_PARTS) + 0.5) / _PARTS
        ends = np.arange(1, len(baseline.months) + 1)
        past = int(np.ceil(cycles[-1] / DAYS)) + 1
        begun = (np.arange(past)[:, None] + parts).ravel() * DAYS  # days before the first month
        left = (cycles[:, None] - begun).ravel()
        return cls(
            ages=(ends[None, :] - parts[:, None]) * DAYS,
            cycles=cycles,
            remaining=np.sort(left[left > 0]),
            weight=1 / (len(cycles) * _PARTS),
        )

    def by_month(self, stretch: float, today: float, capacity: np.ndarray) -> np.ndarray:
        """Return decided deals, added up to the end of each month, in a person's monthly deals.

        Parameters
        ----------
        stretch
            Cycles as a multiple of those seen.
        today
            People who sold in the past months.
        capacity
            People selling in each coming month, new ones counted by their ramp.
        """
        months = len(capacity)
        closed = np.searchsorted(self.cycles, self.ages / stretch, side="right")
        spread = closed.mean(axis=0) / len(self.cycles)  # closed by the end of month k
        new = np.convolve(capacity, spread)[:months]
        ends = np.arange(1, months + 1) * DAYS / stretch
        carried = np.searchsorted(self.remaining, ends, side="right") * self.weight
        return new + carried * today


def _thinned(cycles: np.ndarray) -> np.ndarray:
    if len(cycles) <= _MOST_CYCLES:
        return np.sort(cycles)
    return np.quantile(cycles, (np.arange(_MOST_CYCLES) + 0.5) / _MOST_CYCLES)
