"""A staff month by month: who is there, and what they bring at any attrition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.core.errors import ParameterError
from spm_lib.targets.over_time import Season, TimePlan, plan_time
from spm_lib.targets.ratio import Ratio, share_of_one

_YEAR = 365.2425
_MONTHS = {
    "period_start": pl.Date,
    "period_end": pl.Date,
    "ramped_heads": pl.Float64,
    "ramping_heads": pl.Float64,
    "ramped": pl.Int64,
    "ramping": pl.Int64,
    "attrition": pl.Int64,
    "capacity": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Capacity:
    """What a staff can bring in a window.

    Attributes
    ----------
    months
        Per period: ``ramped_heads, ramping_heads`` (full-time heads there on average, after
        attrition), ``ramped, ramping`` (what they bring, minor units), ``attrition`` (what those
        would bring who are expected to leave; not in the others), ``capacity`` (ramped +
        ramping).
    window
        The days planned.
    """

    months: pl.DataFrame
    window: Window

    @cached_property
    def total(self) -> int:
        """Capacity of the window, minor units."""
        return int(self.months["capacity"].sum())


@dataclass(frozen=True, eq=False)
class Staff:
    """People and hires to come, month by month: worked out once, asked with any attrition.

    Attributes
    ----------
    window, periods
        The days planned, and the periods they are cut into.
    full
        Weight of each period for a full head; the weights sum to 1.
    there, brought, ramped
        By person and period: the weight of being there; of that, times the ramp, what is brought;
        and of that, what is brought by those who are ramped.
    years
        By person and period: years from the first day to the period's middle, of attrition.
    """

    window: Window
    periods: tuple[Period, ...]
    full: np.ndarray
    there: np.ndarray
    brought: np.ndarray
    ramped: np.ndarray
    years: np.ndarray

    @classmethod
    def of(
        cls,
        people: pl.DataFrame,
        *,
        window: Window,
        calendar: WorkCalendar,
        ramp: Sequence[Ratio] = (),
        hires: Sequence[date] = (),
        season: Season | None = None,
        absences: pl.DataFrame | None = None,
        grain: str = "month",
    ) -> Staff:
        """Work out who is there when (see ``plan_capacity``)."""
        coming = [f"+{i}" for i in range(len(hires))]
        staff = _with_hires(people, coming, hires)

        def plan(curve: Sequence[Ratio]) -> TimePlan:
            return plan_time(
                staff,
                window=window,
                calendar=calendar,
                grain=grain,
                season=season,
                ramp=curve,
                absences=absences,
            )

        there, brought, ramped = plan(()), plan(ramp), plan([0] * len(ramp))
        since = {**dict.fromkeys(staff["rep_id"], window.start)}
        since |= dict(zip(coming, hires, strict=True))
        middles = [p.start + (p.end - p.start) / 2 for p in there.periods]
        years = [[max((m - day).days, 0) / _YEAR for m in middles] for day in since.values()]
        return cls(
            window,
            there.periods,
            np.array([float(part) for part in there.full]),
            _array(there),
            _array(brought),
            _array(ramped),
            np.array(years).reshape(len(since), len(middles)),
        )

    def capacity(self, per_head: int, *, attrition: Ratio = 0, last_times: int = 1) -> Capacity:
        """Return what the staff can bring.

        Parameters
        ----------
        per_head, attrition
            As ``plan_capacity``.
        last_times
            How often the person that came last counts: so many hires of one kind.

        Raises
        ------
        ParameterError
            If ``attrition`` is no ratio from 0 to 1, or ``per_head`` is negative.
        """
        if per_head < 0:
            raise ParameterError(
                "What a head brings is not negative.", found=str(per_head), do="Give minor units"
            )
        stays = (1 - float(share_of_one(attrition, "Attrition"))) ** self.years
        times = np.ones((len(stays), 1))
        times[-1:] = last_times

        def sums(shares: np.ndarray) -> np.ndarray:
            return (times * shares).sum(axis=0)

        full = np.where(self.full > 0, self.full, 1.0)
        ramped_heads, heads = sums(stays * self.ramped) / full, sums(stays * self.there) / full
        ramped = _whole(per_head * sums(stays * self.ramped))
        capacity = _whole(per_head * sums(stays * self.brought))
        lost = _whole(per_head * sums((1 - stays) * self.brought))
        months = {
            "period_start": [period.start for period in self.periods],
            "period_end": [period.end for period in self.periods],
            "ramped_heads": ramped_heads,
            "ramping_heads": heads - ramped_heads,
            "ramped": ramped,
            "ramping": capacity - ramped,
            "attrition": lost,
            "capacity": capacity,
        }
        return Capacity(pl.DataFrame(months, schema=_MONTHS), self.window)


def _array(plan: TimePlan) -> np.ndarray:
    floats = {parts: [float(part) for part in parts] for parts in set(plan.there.values())}
    rows = [floats[parts] for parts in plan.there.values()]
    return np.array(rows).reshape(len(rows), len(plan.periods))


def _whole(values: np.ndarray) -> np.ndarray:
    """Round so that parts add up to their rounded sum, however many there are."""
    return np.diff(np.rint(np.cumsum(values)), prepend=0.0).astype(np.int64)


def _with_hires(people: pl.DataFrame, ids: list[str], hires: Sequence[date]) -> pl.DataFrame:
    kept = [c for c in ("rep_id", "hired_on", "left_on", "part_time") if c in people.columns]
    schema = {"rep_id": pl.String, "hired_on": pl.Date}
    new = pl.DataFrame({"rep_id": ids, "hired_on": list(hires)}, schema_overrides=schema)
    return pl.concat([people.select(kept), new], how="diagonal_relaxed")
