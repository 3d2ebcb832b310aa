"""Capacity from below: what the people who are there, and those to come, can bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise

import polars as pl

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.core.errors import ParameterError
from spm_lib.targets.over_time import Season, TimePlan, plan_time
from spm_lib.targets.ratio import Ratio, exact_ratio, share_of_one

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


def bookings_capacity(
    *,
    quota: int,
    ramped_heads: Ratio,
    attainment: Ratio,
    ramping_heads: Ratio = 0,
    productivity: Ratio = 0,
) -> int:
    """Return the capacity of a period: ramped and ramping heads times what each brings of a quota.

    Parameters
    ----------
    quota
        Of one head in the period, minor units.
    attainment
        What ramped people are expected to reach of it.
    productivity
        What ramping people are expected to reach of it.

    Raises
    ------
    ParameterError
        If a number is negative or none at all.

    Examples
    --------
    >>> bookings_capacity(
    ...     quota=15_000_000,
    ...     ramped_heads=7,
    ...     attainment=0.85,
    ...     ramping_heads=3,
    ...     productivity=0.40,
    ... )
    107250000
    """
    parts = [exact_ratio(x) for x in (ramped_heads, attainment, ramping_heads, productivity)]
    if min(quota, *parts) < 0:
        raise ParameterError(
            "Heads, quota and what is reached of it are not negative.",
            found=f"quota {quota}, {', '.join(str(float(part)) for part in parts)}",
            do="Give numbers from 0 up",
        )
    return _half_up(quota * (parts[0] * parts[1] + parts[2] * parts[3]))


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


def plan_capacity(
    people: pl.DataFrame,
    *,
    window: Window,
    calendar: WorkCalendar,
    per_head: int,
    ramp: Sequence[Ratio] = (),
    attrition: Ratio = 0,
    hires: Sequence[date] = (),
    season: Season | None = None,
    absences: pl.DataFrame | None = None,
    grain: str = "month",
) -> Capacity:
    """Add up what people bring, month by month, with ramp, leave, attrition and hires to come.

    Parameters
    ----------
    people
        ``rep_id`` and, where known, ``hired_on, left_on, part_time`` (see ``plan_time``).
    window
        The days to plan, usually a year.
    per_head
        What a ramped full-time person brings in the whole window, minor units: quota x expected
        attainment, or what was seen (``known_capacity``).
    ramp
        Share of that in the first, second, ... month after the hire date.
    attrition
        Share of people who leave within a year; it falls evenly on all, and on hires to come from
        their first day. Nobody is taken to be replaced but by ``hires``.
    hires
        First days of people to come.

    Raises
    ------
    ParameterError
        If ``attrition`` or a ramp is no ratio from 0 to 1, or ``per_head`` is negative.
    DataError
        As ``plan_time``.
    """
    if per_head < 0:
        raise ParameterError(
            "What a head brings is not negative.", found=str(per_head), do="Give minor units"
        )
    leaving = float(share_of_one(attrition, "Attrition"))
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

    there, bringing, ramped = plan(()), plan(ramp), plan([0] * len(ramp))
    since = dict(zip(coming, hires, strict=True))
    sums = [
        _Sums.of(
            [
                (_stays(leaving, period, since.get(who, window.start)), *shares)
                for who in there.there
                for shares in [[float(p.there[who][k]) for p in (there, bringing, ramped)]]
            ]
        )
        for k, period in enumerate(there.periods)
    ]
    return Capacity(_months(there, sums, per_head), window)


def _stays(leaving: float, period: Period, since: date) -> float:
    """Return the chance that somebody is still there in the middle of a period."""
    middle = period.start + (period.end - period.start) / 2
    return (1 - leaving) ** (max((middle - since).days, 0) / _YEAR)


@dataclass(frozen=True)
class _Sums:
    """Sums over the people of a period, as shares of a full head's window."""

    there: float
    there_ramped: float
    brought: float
    lost: float

    @classmethod
    def of(cls, people: list[tuple[float, ...]]) -> _Sums:
        """Add up (chance to stay, presence, what is brought, what is brought ramped)."""
        return cls(
            there=sum(stays * there for stays, there, _, _ in people),
            there_ramped=sum(stays * ramped for stays, _, _, ramped in people),
            brought=sum(stays * brought for stays, _, brought, _ in people),
            lost=sum((1 - stays) * brought for stays, _, brought, _ in people),
        )


def _months(plan: TimePlan, sums: list[_Sums], per_head: int) -> pl.DataFrame:
    full = [float(part) or 1.0 for part in plan.full]
    ramped = _whole([per_head * s.there_ramped for s in sums])
    capacity = _whole([per_head * s.brought for s in sums])
    return pl.DataFrame(
        {
            "period_start": [period.start for period in plan.periods],
            "period_end": [period.end for period in plan.periods],
            "ramped_heads": [s.there_ramped / f for s, f in zip(sums, full, strict=True)],
            "ramping_heads": [
                (s.there - s.there_ramped) / f for s, f in zip(sums, full, strict=True)
            ],
            "ramped": ramped,
            "ramping": [both - part for both, part in zip(capacity, ramped, strict=True)],
            "attrition": _whole([per_head * s.lost for s in sums]),
            "capacity": capacity,
        },
        schema=_MONTHS,
    )


def _whole(values: list[float]) -> list[int]:
    """Round so that parts add up to their rounded sum, however many there are."""
    so_far = [round(total) for total in accumulate(values, initial=0.0)]
    return [after - before for before, after in pairwise(so_far)]


def _with_hires(people: pl.DataFrame, ids: list[str], hires: Sequence[date]) -> pl.DataFrame:
    kept = [c for c in ("rep_id", "hired_on", "left_on", "part_time") if c in people.columns]
    new = pl.DataFrame(
        {"rep_id": ids, "hired_on": list(hires)},
        schema_overrides={"hired_on": pl.Date, "rep_id": pl.String},
    )
    return pl.concat([people.select(kept), new], how="diagonal_relaxed")


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()
