"""Origins and windows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from spm_lib.core.calendar import WorkCalendar
from spm_lib.forecast.horizon import (
    backtest_horizons,
    date_of,
    day_number,
    months_ahead,
    months_earlier,
)

CALENDAR = WorkCalendar()
FISCAL = WorkCalendar(fiscal_year_start=2)


def test_windows_follow_one_another_from_the_day_after_the_origin() -> None:
    horizon = months_ahead(CALENDAR, date(2026, 11, 10), months=3)
    told = [(date_of(s), date_of(e)) for s, e in horizon.windows]
    assert told == [
        (date(2026, 11, 11), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 2, 1)),
    ]


@pytest.mark.parametrize("calendar", [CALENDAR, FISCAL])
@pytest.mark.parametrize("grain", ["month", "quarter"])
@pytest.mark.parametrize("until", [date(2026, 9, 30), date(2026, 10, 14)])
def test_only_windows_that_have_closed_are_scored(calendar, grain: str, until: date) -> None:
    since = date(2025, 1, 10)
    horizons = backtest_horizons(calendar, since=since, until=until, grain=grain, at_most=99)
    assert horizons
    for horizon in horizons:
        assert date_of(horizon.end) <= until + timedelta(days=1)
        assert date_of(horizon.origin) >= since
        start = calendar.period_of(date_of(horizon.edges[0]), grain)
        assert (start.start, start.end) == (date_of(horizon.edges[0]), date_of(horizon.end))
    ends = [h.end for h in horizons]
    starts = [h.edges[0] for h in horizons]
    assert starts[1:] == ends[:-1], "windows do not overlap"


def test_the_last_windows_are_taken() -> None:
    found = backtest_horizons(
        CALENDAR, since=date(2020, 1, 1), until=date(2026, 9, 30), grain="month", at_most=2
    )
    assert [date_of(h.origin) for h in found] == [date(2026, 7, 31), date(2026, 8, 31)]


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 3, 1), 12, date(2025, 3, 1)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 31), 3, date(2025, 10, 31)),
    ],
)
def test_months_earlier(day: date, months: int, earlier: date) -> None:
    assert date_of(months_earlier(day_number(day), months)) == earlier
