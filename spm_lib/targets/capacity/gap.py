"""The gap between target and capacity as a decision: what each way to close it would take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.targets.capacity.staff import Staff

_STEPS = 40  # of halving in on an attrition
_WAYS = {
    "way": pl.String,
    "needed": pl.Float64,
    "unit": pl.String,
    "closes": pl.Int64,
    "left": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Gap:
    """A target beside the capacity for it.

    Attributes
    ----------
    target, capacity
        Minor units.
    ways
        One row per way to close the gap alone: ``way`` (hire, productivity, attrition, target),
        ``needed`` (heads to hire; ratio to raise productivity by; the attrition at which it
        closes; minor units to lower the target by; null: this way cannot close it), ``unit``
        (heads, ratio, money), ``closes`` (what it brings, at most: of a way that cannot close the
        gap all that it can), ``left`` (of the gap after it, 0 or more).
    """

    target: int
    capacity: int
    ways: pl.DataFrame

    @property
    def amount(self) -> int:
        """Target - capacity, minor units; negative where capacity is above the target."""
        return self.target - self.capacity


def close_gap(
    people: pl.DataFrame,
    *,
    target: int,
    hire_on: date,
    per_head: int,
    attrition: float = 0,
    hires: Sequence[date] = (),
    most_hires: int = 500,
    **plan: Any,
) -> Gap:
    """Say what it would take to close the gap, one way at a time.

    Parameters
    ----------
    people
        Who is there (see ``plan_capacity``).
    target
        Minor units, in the window of the plan.
    hire_on
        First day of those who would be hired; all on the same day.
    per_head, attrition, hires
        As ``plan_capacity``; these hires are to come anyway.
    most_hires
        More than these are no way.
    plan
        What else ``plan_capacity`` takes: window, calendar, ramp, season, absences, grain.

    Raises
    ------
    ParameterError
        If the target is negative, or as ``plan_capacity``.

    Examples
    --------
    >>> from spm_lib.core.calendar import Window, WorkCalendar
    >>> gap = close_gap(
    ...     pl.DataFrame({"rep_id": ["a", "b"]}),
    ...     target=260,
    ...     hire_on=date(2026, 1, 1),
    ...     window=Window(date(2026, 1, 1), date(2027, 1, 1)),
    ...     calendar=WorkCalendar(),
    ...     per_head=100,
    ... )
    >>> gap.amount, gap.ways.select("way", "needed").rows()[:2]
    (60, [('hire', 1.0), ('productivity', 0.3)])
    """
    if target < 0:
        raise ParameterError("A target is not negative.", found=str(target), do="Give minor units")

    staff = Staff.of(people, hires=[*hires, hire_on], **plan)

    def planned(extra: int = 0, leaving: float = attrition) -> int:
        return staff.capacity(per_head, attrition=leaving, last_times=extra).total

    now = planned()
    gap = target - now
    ways = [
        _hire(gap, lambda n: planned(n) - now, most_hires),
        _productivity(gap, now),
        _attrition(gap, attrition, lambda leaving: planned(leaving=leaving) - now),
        ("target", float(max(gap, 0)), "money", max(gap, 0), 0),
    ]
    return Gap(target, now, pl.DataFrame(ways, schema=_WAYS, orient="row"))


def _hire(gap: int, gain: Callable[[int], int], most: int) -> tuple:
    """Return how many heads close the gap: hires on one day bring the same each."""
    if gap <= 0:
        return "hire", 0.0, "heads", 0, 0
    one = gain(1)
    heads = -(-gap // one) if one > 0 else most + 1
    while heads <= most and gain(heads) < gap:  # rounding of months
        heads += 1
    if heads > most:
        closes = gain(most) if one > 0 else 0
        return "hire", None, "heads", closes, max(gap - closes, 0)
    return "hire", float(heads), "heads", gain(heads), 0


def _productivity(gap: int, now: int) -> tuple:
    if gap <= 0:
        return "productivity", 0.0, "ratio", 0, 0
    return (
        ("productivity", gap / now, "ratio", gap, 0)
        if now
        else ("productivity", None, "ratio", 0, gap)
    )


def _attrition(gap: int, rate: float, gain: Callable[[float], int]) -> tuple:
    """Return the attrition at which the gap closes, by halving."""
    if gap <= 0:
        return "attrition", float(rate), "ratio", 0, 0
    most = gain(0.0)
    if most < gap:
        return "attrition", None, "ratio", most, gap - most
    low, high = 0.0, float(rate)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if gain(middle) >= gap else (low, middle)
    return "attrition", low, "ratio", gain(low), 0
