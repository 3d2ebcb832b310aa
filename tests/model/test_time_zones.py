"""Days are cut on the workspace's wall clock, through daylight saving and month ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from spm_lib.model import company_from_frames


def closing(settings, moment: object):
    deals = pl.DataFrame(
        {
            "opportunity_id": ["d"],
            "stage": ["Won"],
            "created_at": [datetime(2026, 1, 5, 12, tzinfo=UTC)],
            "closed_at": pl.Series([moment]),
            "amount": [1],
        }
    )
    return company_from_frames({"opportunities": deals}, settings)


def test_t12_a_close_late_on_31_march_utc_is_1_april_in_jerusalem(settings_of) -> None:
    moment = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    there = closing(settings_of(), moment)
    assert there.table("opportunities")["closed_on"].to_list() == [date(2026, 4, 1)]
    assert there.exported_on == date(2026, 4, 1)
    assert there.at(date(2026, 3, 31)).table("opportunities")["outcome"].to_list() == ["open"]
    here = closing(settings_of(timezone="UTC"), moment)
    assert here.table("opportunities")["closed_on"].to_list() == [date(2026, 3, 31)]


@pytest.mark.parametrize("zone", ["Asia/Jerusalem", "America/New_York", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("month", [2, 3, 10, 11, 12])
def test_every_hour_around_a_month_end_falls_on_the_day_the_wall_shows(
    settings_of, zone, month
) -> None:
    first = datetime(2026, month, 26, tzinfo=UTC)
    moments = [first + timedelta(minutes=30 * n) for n in range(400)]
    deals = pl.DataFrame(
        {
            "opportunity_id": [str(n) for n in range(len(moments))],
            "stage": ["Won"] * len(moments),
            "closed_at": moments,
        }
    )
    company = company_from_frames({"opportunities": deals}, settings_of(timezone=zone))
    expected = [m.astimezone(ZoneInfo(zone)).date() for m in moments]
    got = company.table("opportunities")
    assert got["closed_on"].to_list() == expected
    assert got["closed_day"].to_list() == [(d - date(1970, 1, 1)).days for d in expected]


def test_times_without_a_zone_are_read_on_the_wall_clock(settings_of) -> None:
    company = closing(settings_of(), datetime(2026, 3, 31, 23, 30))  # noqa: DTZ001
    row = company.table("opportunities").row(0, named=True)
    assert row["closed_on"] == date(2026, 3, 31)
    assert row["closed_at"] == datetime(2026, 3, 31, 20, 30, tzinfo=UTC)


def test_dates_stay_dates(settings) -> None:
    company = closing(settings, date(2026, 3, 31))
    assert company.table("opportunities").schema["closed_at"] == pl.Date


def test_a_date_in_the_row_and_a_time_in_the_history_agree_on_the_day(settings) -> None:
    deals = pl.DataFrame(
        {"opportunity_id": ["d"], "stage": ["Won"], "created_at": [date(2026, 3, 1)]}
    )
    events = pl.DataFrame(
        {
            "opportunity_id": ["d", "d"],
            "stage": ["Lead", "Won"],
            "entered_at": [
                datetime(2026, 3, 1, 8, tzinfo=UTC),
                datetime(2026, 3, 31, 22, tzinfo=UTC),
            ],
        }
    )
    company = company_from_frames({"opportunities": deals, "stage_events": events}, settings)
    row = company.table("opportunities").row(0, named=True)
    assert row["closed_on"] == row["closed_at"] == date(2026, 4, 1)
    assert company.stints["entered_on"].to_list() == [date(2026, 3, 1), date(2026, 4, 1)]
