"""The calendar's pace is found again where it was planted, and not where there is none."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from spm_lib.core.calendar import WorkCalendar
from spm_lib.forecast.horizon import date_of, day_number
from spm_lib.forecast.past.calendar_pace import day_features, fit_pace

CALENDAR = WorkCalendar()
SINCE, ORIGIN = day_number(date(2023, 1, 1)), day_number(date(2025, 12, 31))


def planted(rate: np.ndarray, seed: int = 3) -> np.ndarray:
    count = np.random.default_rng(seed).poisson(rate)
    return np.repeat(np.arange(SINCE, ORIGIN + 1), count)


def by_hand() -> dict[str, np.ndarray]:
    """The same features, day by day."""
    days = [date_of(d) for d in range(SINCE, ORIGIN + 1)]
    works = [CALENDAR.is_working_day(day) for day in days]
    quarter = [(day.year, (day.month - 1) // 3) for day in days]
    left = [
        sum(w and q == quarter[i] for w, q in zip(works[i + 1 :], quarter[i + 1 :], strict=True))
        for i in range(len(days) - 100)
    ]
    return {
        "off": np.array([not w for w in works]),
        "place": np.array([(day.month - 1) % 3 for day in days]),
        "quarter_end": np.array([n < 8 for n in left]),
    }


def test_what_the_calendar_says_of_each_day() -> None:
    found, expected = day_features(CALENDAR, SINCE, ORIGIN + 1), by_hand()
    assert (found["off"] == expected["off"]).all()
    assert (found["place"] == expected["place"]).all()
    known = len(expected["quarter_end"])
    assert (found["quarter_end"][:known] == expected["quarter_end"]).all()


def test_a_hurried_quarter_end_and_days_off_are_found() -> None:
    table = day_features(CALENDAR, SINCE, ORIGIN + 1)
    rate = 4.0 * np.where(table["off"], 0.0, 1.0) * np.where(table["quarter_end"], 2.0, 1.0)
    level = np.ones(len(rate))
    pace = fit_pace(CALENDAR, planted(rate), level, since=SINCE, origin=ORIGIN)
    ahead = day_features(CALENDAR, ORIGIN + 1, ORIGIN + 182)
    speed = np.diff(pace.until(np.arange(ORIGIN + 1, ORIGIN + 183)))
    plain = speed[~ahead["off"] & ~ahead["quarter_end"]].mean()
    assert speed[ahead["off"]].max() < 0.02 * plain
    hurried = speed[~ahead["off"] & ahead["quarter_end"]].mean()
    assert hurried / plain == pytest.approx(2.0, rel=0.15)
    assert pace.between(SINCE, ORIGIN + 1) == pytest.approx(len(rate))


def test_without_seasons_none_are_made_up() -> None:
    pace = fit_pace(
        CALENDAR, planted(np.full(1096, 3.0)), np.ones(1096), since=SINCE, origin=ORIGIN
    )
    months = [pace.between(ORIGIN + 1 + 30 * k, ORIGIN + 31 + 30 * k) / 30 for k in range(12)]
    assert months == pytest.approx([1.0] * 12, abs=0.05)


def test_a_season_seen_once_is_not_believed() -> None:
    """Pitfall: the month in the quarter with one quarter of history."""
    origin = SINCE + 150
    rate = np.where(day_features(CALENDAR, SINCE, origin + 1)["place"] == 2, 6.0, 1.0)
    days = np.repeat(np.arange(SINCE, origin + 1), np.random.default_rng(1).poisson(rate))
    pace = fit_pace(CALENDAR, days, np.ones(151), since=SINCE, origin=origin)
    table = day_features(CALENDAR, origin + 1, origin + 93)
    speed = np.diff(pace.until(np.arange(origin + 1, origin + 94)))
    worked = [speed[~table["off"] & (table["place"] == place)].mean() for place in range(3)]
    assert worked == pytest.approx([worked[0]] * 3)


def test_a_trend_is_not_taken_for_a_season() -> None:
    rate = 1.5 * np.exp(np.arange(1096) / 1096 * 1.5)
    days = planted(rate)
    pace = fit_pace(CALENDAR, days, np.ones(1096), since=SINCE, origin=ORIGIN, trend=True)
    months = [pace.between(ORIGIN + 1 + 30 * k, ORIGIN + 31 + 30 * k) / 30 for k in range(12)]
    assert months == pytest.approx([1.0] * 12, abs=0.08)
