"""Capacity from below: what the people who are there, and those to come, can bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.core.errors import ParameterError
from spm_lib.targets.capacity.staff import Capacity, Staff
from spm_lib.targets.over_time import Season
from spm_lib.targets.ratio import Ratio, exact_ratio, half_up


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
    return half_up(quota * (parts[0] * parts[1] + parts[2] * parts[3]))


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
    staff = Staff.of(
        people,
        window=window,
        calendar=calendar,
        ramp=ramp,
        hires=hires,
        season=season,
        absences=absences,
        grain=grain,
    )
    return staff.capacity(per_head, attrition=attrition)
