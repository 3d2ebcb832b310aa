"""Draws: the one immutable set of simulated bookings, rep x period x scenario, that adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.core.errors import DataError


@dataclass(frozen=True, eq=False)
class Draws:
    """Won value per rep, period and scenario, in minor units of the reporting currency.

    ``values`` is Int64 and read-only, shaped (reps, periods, scenarios). Scenario *s* is one
    possible future of everybody at once, so sums over reps or periods are taken scenario by
    scenario and always add up. ``seed`` is what the draws were made with.

    Examples
    --------
    >>> from datetime import date
    >>> may = Period("month", date(2026, 5, 1), date(2026, 6, 1), "2026-05")
    >>> draws = Draws(("ann", "bob"), (may,), np.array([[[1, 2, 3]], [[10, 20, 30]]]), "ILS", 7)
    >>> draws.company().tolist()
    [[11, 22, 33]]
    """

    reps: tuple[str, ...]
    periods: tuple[Period, ...]
    values: np.ndarray
    currency: str
    seed: int

    def __post_init__(self) -> None:
        shape = (len(self.reps), len(self.periods))
        if self.values.ndim != 3 or self.values.shape[:2] != shape or self.values.dtype.kind != "i":
            raise DataError(
                "Draws must be whole minor units shaped (reps, periods, scenarios).",
                found=f"{self.values.dtype} {self.values.shape}, expected first axes {shape}",
                do="Round the samples and cast them to Int64",
            )
        kept = np.array(self.values, dtype=np.int64)
        kept.setflags(write=False)
        object.__setattr__(self, "values", kept)

    @property
    def scenarios(self) -> int:
        """Number of scenarios."""
        return self.values.shape[2]

    def company(self) -> np.ndarray:
        """Return the sums over all reps: (periods, scenarios), Int64."""
        return self.values.sum(axis=0)

    def horizon(self) -> np.ndarray:
        """Return the sums over all periods: (reps, scenarios), Int64."""
        return self.values.sum(axis=1)

    def total(self) -> np.ndarray:
        """Return the sum of everything, per scenario, Int64."""
        return self.values.sum(axis=(0, 1))

    def of(self, reps: tuple[str, ...] | list[str] | set[str]) -> Draws:
        """Return the same scenarios for some of the reps only (a team, one person)."""
        wanted = [i for i, rep in enumerate(self.reps) if rep in set(reps)]
        names = tuple(self.reps[i] for i in wanted)
        return Draws(names, self.periods, self.values[wanted], self.currency, self.seed)

    def plus(self, other: Draws) -> Draws:
        """Return the sum, scenario by scenario, of two parts of the same bookings.

        Raises
        ------
        DataError
            If the two are not about the same reps, periods and scenarios.
        """
        mine = (self.reps, self.periods, self.currency, self.scenarios)
        if mine != (other.reps, other.periods, other.currency, other.scenarios):
            raise DataError(
                "Only draws of the same reps, periods and scenarios can be added.",
                found=f"{self.values.shape} and {other.values.shape}",
                do="Take both from the same forecast",
            )
        values = self.values + other.values
        return Draws(self.reps, self.periods, values, self.currency, self.seed)

    def frame(self, *, by: str | None = None) -> pl.DataFrame:
        """Return mean and P10, P50, P90 per period.

        Columns out: ``rep_id`` (only with ``by="rep_id"``), ``period_start, period_end`` (Date,
        ``[start, end)``), ``period`` (label), ``mean, p10, p50, p90`` (Int64 minor units).
        """
        values = self.values if by == "rep_id" else self.company()[None]
        names = self.reps if by == "rep_id" else ("",)
        rows = [
            {"rep_id": name, **_of_period(period), **spread(values[i, j])}
            for i, name in enumerate(names)
            for j, period in enumerate(self.periods)
        ]
        frame = pl.DataFrame(rows, schema=_SCHEMA)
        return frame if by == "rep_id" else frame.drop("rep_id")


_SCHEMA = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "period": pl.String,
    **dict.fromkeys(("mean", "p10", "p50", "p90"), pl.Int64),
}


def _of_period(period: Period) -> dict[str, object]:
    return {"period_start": period.start, "period_end": period.end, "period": period.label}


def spread(scenarios: np.ndarray) -> dict[str, int]:
    """Return the rounded mean, P10, P50 and P90 of one row of scenarios.

    Examples
    --------
    >>> spread(np.arange(101))
    {'mean': 50, 'p10': 10, 'p50': 50, 'p90': 90}
    """
    if not scenarios.size:
        return {"mean": 0, "p10": 0, "p50": 0, "p90": 0}
    low, mid, high = np.quantile(scenarios, (0.1, 0.5, 0.9))
    mean = round(float(scenarios.mean()))
    return {"mean": mean, "p10": round(low), "p50": round(mid), "p90": round(high)}
