"""The calendar against pandas' fiscal periods, NumPy's business days and day-by-day scans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import holidays
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core import (
    GRAINS,
    DataError,
    ParameterError,
    Window,
    WorkCalendar,
    WorkspaceError,
)
from spm_lib.core import calendar as calendars

DAYS = st.dates(date(1995, 1, 1), date(2040, 12, 31))
DAY = timedelta(days=1)
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@given(day=DAYS, first=st.integers(1, 12))
def test_fiscal_periods_are_those_of_pandas(day: date, first: int) -> None:
    calendar = WorkCalendar(fiscal_year_start=first)
    ends_in = MONTHS[first - 2]
    for grain, frequency in (("quarter", f"Q-{ends_in}"), ("year", f"Y-{ends_in}")):
        expected = pd.Timestamp(day).to_period(frequency)
        found = calendar.period_of(day, grain)
        assert found.start == expected.start_time.date()
        assert found.end == expected.end_time.date() + DAY
        name = f"{expected.qyear if grain == 'quarter' else expected.year}"
        name = name if first == 1 else f"FY{name}"
        assert found.label == (f"{name}-Q{expected.quarter}" if grain == "quarter" else name)


@given(day=DAYS, grain=st.sampled_from(GRAINS), k=st.integers(-40, 40), first=st.integers(1, 12))
def test_periods_tile_the_days(day: date, grain: str, k: int, first: int) -> None:
    calendar = WorkCalendar(fiscal_year_start=first)
    period = calendar.period_of(day, grain)
    assert period.start <= day < period.end
    assert calendar.period_of(period.end, grain) == calendar.shift(period, 1)
    assert calendar.period_of(period.end - DAY, grain) == period
    assert calendar.shift(calendar.shift(period, k), -k) == period


@pytest.mark.parametrize(("week", "weekday"), [("sun-thu", 6), ("mon-fri", 0), ("sat-wed", 5)])
def test_a_week_starts_on_the_first_working_day(week: str, weekday: int) -> None:
    start = WorkCalendar(week=week).period_of(date(2026, 9, 30), "week").start
    assert start.weekday() == weekday
    assert date(2026, 9, 24) <= start <= date(2026, 9, 30)


def test_periods_are_those_that_overlap() -> None:
    calendar = WorkCalendar()
    window = Window(date(2026, 1, 31), date(2026, 3, 1))
    assert [p.label for p in calendar.periods("month", window)] == ["2026-01", "2026-02"]
    assert calendar.periods("month", Window(date(2026, 1, 1), date(2026, 1, 1))) == []


@given(start=DAYS, length=st.integers(0, 500), week=st.sampled_from(["sun-thu", "mon-fri"]))
@settings(max_examples=25, deadline=None)
def test_working_days_are_those_of_numpy(start: date, length: int, week: str) -> None:
    mask = "1111001" if week == "sun-thu" else "1111100"
    days_off = list(holidays.country_holidays("IL", years=range(start.year, start.year + 3)))
    end = start + length * DAY
    expected = np.busday_count(start, end, weekmask=mask, holidays=days_off)
    calendar = WorkCalendar(week=week)
    assert calendar.working_days(start, end) == expected
    assert calendar.working_days(end, start) == -expected


def test_the_frame_is_the_calendar_day_by_day() -> None:
    calendar = WorkCalendar(fiscal_year_start=4)
    start, end = date(2025, 12, 29), date(2026, 10, 5)
    frame = calendar.frame(start, end)
    assert frame.schema == {
        "date": pl.Date,
        "day": pl.Int64,
        **dict.fromkeys(GRAINS[1:], pl.Date),
        "working_index": pl.Int64,
    }
    for row in frame.iter_rows(named=True):
        day = row["date"]
        assert row["day"] == (day - date(1970, 1, 1)).days
        assert all(row[grain] == calendar.period_of(day, grain).start for grain in GRAINS[1:])
        assert row["working_index"] == calendar.working_days(start, day)
    assert frame.height == (end - start).days
    assert calendar.frame(start, start).height == 0


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        # Israel: clocks go forward on 27 March 2026 at 02:00 and back on 25 October 2026 at 02:00.
        (datetime(2026, 3, 26, 21, 59, tzinfo=UTC), date(2026, 3, 26)),
        (datetime(2026, 3, 26, 22, 0, tzinfo=UTC), date(2026, 3, 27)),
        (datetime(2026, 3, 27, 20, 59, tzinfo=UTC), date(2026, 3, 27)),
        (datetime(2026, 3, 27, 21, 0, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 10, 24, 20, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_the_local_day_survives_the_change_of_clocks(instant: datetime, day: date) -> None:
    assert WorkCalendar().local_date(instant) == day


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(DataError, match="without a zone"):
        WorkCalendar().local_date(datetime(2026, 1, 1))  # noqa: DTZ001 - this is the fault


def test_holidays_are_days_off() -> None:
    israel, nobody = WorkCalendar(), WorkCalendar(country="")
    yom_kippur = date(2026, 9, 21)  # a Monday; hebcal.com
    assert not israel.is_working_day(yom_kippur)
    assert nobody.is_working_day(yom_kippur)
    assert not WorkCalendar(country="GB", week="mon-fri").is_working_day(date(2026, 12, 25))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026", "2026-01-01/2027-01-01"),
        ("2026-Q4", "2026-10-01/2027-01-01"),
        ("2026-02", "2026-02-01/2026-03-01"),
        ("2026-02-28", "2026-02-28/2026-03-01"),
        ("2026-01-05/2026-01-09", "2026-01-05/2026-01-09"),
        ("FY2026-Q1", "2026-01-01/2026-04-01"),
    ],
)
def test_windows_are_read_as_written(text: str, label: str) -> None:
    assert WorkCalendar().parse_window(text).label == label


def test_fiscal_windows_say_that_they_are() -> None:
    calendar = WorkCalendar(fiscal_year_start=10)
    assert calendar.parse_window("FY2026").label == "2025-10-01/2026-10-01"
    assert calendar.parse_window("FY2026-Q4").label == "2026-07-01/2026-10-01"
    assert calendar.parse_window("2026-02").label == "2026-02-01/2026-03-01"
    with pytest.raises(ParameterError, match="FY2026-Q1"):
        calendar.parse_window("2026-Q1")


@pytest.mark.parametrize("text", ["2026-Q5", "2026-13", "Q1", "", "2026-02-30", "FY2026-02", "x/y"])
def test_windows_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="could not be understood"):
        WorkCalendar().parse_window(text)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"week": "sunday"}, "sun-thu"),
        ({"timezone": "Asia/Jerusalm"}, "time zone"),
        ({"timezone": "../etc/passwd"}, "time zone"),
        ({"country": "ZZ"}, "ISO 3166"),
        ({"fiscal_year_start": 13}, "1 to 12"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(wrong: dict, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says):
        WorkCalendar(**wrong)


def test_a_window_does_not_end_before_it_starts() -> None:
    with pytest.raises(ParameterError, match="ends before"):
        Window(date(2026, 1, 2), date(2026, 1, 1))


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(ParameterError, match="day, week, month"):
        WorkCalendar().period_of(date(2026, 1, 1), "decade")


def test_calendars_can_be_keys() -> None:
    assert len({WorkCalendar(), WorkCalendar(), WorkCalendar(week="mon-fri")}) == 2


def test_the_countries_known_are_those_of_the_library() -> None:
    """Their list is read without the modules of all of them, which ``list_supported_...`` loads."""
    assert calendars._known_countries() == set(holidays.list_supported_countries())
