"""Horizon: the origin of a forecast and the consecutive stretches of days it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.stats.steady import steady

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return the epoch day of a date.

    Examples
    --------
    >>> day_number(date(1970, 2, 1))
    31
    """
    return (day - _EPOCH).days


def date_of(day: int) -> date:
    """Return the date of an epoch day."""
    return _EPOCH + timedelta(days=int(day))


@dataclass(frozen=True)
class Horizon:
    """What is forecast at the end of the day ``origin``: windows that follow one another.

    ``edges`` are epoch days: the first one is the day after the origin, each next one the first
    day after a window. ``periods`` are the calendar months the windows lie in (the first may have
    begun before the origin).
    """

    origin: int
    edges: tuple[int, ...]
    periods: tuple[Period, ...] = ()

    @property
    def count(self) -> int:
        """Number of windows."""
        return len(self.edges) - 1

    @property
    def days(self) -> int:
        """Days from the origin to the end of the last window."""
        return self.edges[-1] - self.edges[0]

    @property
    def end(self) -> int:
        """First epoch day after the last window."""
        return self.edges[-1]

    @property
    def windows(self) -> list[tuple[int, int]]:
        """The windows ``[start, end)`` in epoch days."""
        return list(pairwise(self.edges))


def months_ahead(calendar: WorkCalendar, origin: date, *, months: int) -> Horizon:
    """Return the horizon of the next months: the rest of the running one counts as the first.

    Examples
    --------
    >>> horizon = months_ahead(WorkCalendar(), date(2026, 9, 30), months=3)
    >>> [period.label for period in horizon.periods], horizon.days
    (['2026-10', '2026-11', '2026-12'], 92)
    >>> months_ahead(WorkCalendar(), date(2026, 10, 21), months=1).days
    10
    """
    first = calendar.period_of(origin + timedelta(days=1), "month")
    periods = tuple(calendar.shift(first, k) for k in range(months))
    edges = (day_number(origin) + 1, *(day_number(period.end) for period in periods))
    return Horizon(day_number(origin), edges, periods)


@steady
def backtest_horizons(
    calendar: WorkCalendar, *, since: date, until: date, grain: str, at_most: int
) -> list[Horizon]:
    """Return the horizons of past origins: whole months or quarters over by the end of ``until``.

    ``since`` is the first day of known closes. An origin is the last day before a month (or
    quarter); its windows are the months of the period that follows.
    """
    months = {"month": 1, "quarter": 3}[grain]
    periods = calendar.periods(grain, Window(since, until + timedelta(days=1)))
    closed = [p for p in periods if p.end <= until + timedelta(days=1) and p.start > since]
    origins = [period.start - timedelta(days=1) for period in closed[-at_most:]]
    return [months_ahead(calendar, origin, months=months) for origin in origins]


def months_earlier(day: int, months: int) -> int:
    """Return the same day of the month, months earlier (clipped to the month's length).

    Examples
    --------
    >>> date_of(months_earlier(day_number(date(2026, 3, 31)), 1))
    datetime.date(2026, 2, 28)
    """
    start = date_of(day)
    index = start.year * 12 + start.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    last = (date((index + 1) // 12, (index + 1) % 12 + 1, 1) - first).days
    return day_number(first) + min(start.day, last) - 1
