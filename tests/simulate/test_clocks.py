"""The clocks: still on days off, the inverse of their reading, hurried at quarter end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.simulate import PRESETS, make_world
from spm_lib.simulate.clocks import Clock, date_of, day_number, make_clocks, shocks
from spm_lib.simulate.truth import month_shocks

pytestmark = pytest.mark.slow

CLOCKS = make_clocks(PRESETS["clean"], 1)


def test_clocks_stand_still_on_days_off() -> None:
    free = holidays.country_holidays("IL", years=range(2023, 2029))
    for k in range(len(CLOCKS.working)):
        day = date_of(CLOCKS.origin + k)
        works = day.weekday() not in (4, 5) and day not in free  # Friday, Saturday
        assert CLOCKS.working[k] == works
        assert (CLOCKS.work.pace[k] > 0) == works
        assert (CLOCKS.closing.pace[k] > 0) == works


@given(st.floats(0, 0.999999))
def test_a_moment_reads_back(share: float) -> None:
    for clock in (CLOCKS.work, CLOCKS.closing):
        moment = clock.moment(np.array([share * clock.total[-1]]))
        assert np.isclose(clock.reading(moment)[0], share * clock.total[-1], atol=1e-6)
        assert CLOCKS.working[int(moment[0]) - CLOCKS.origin]


def test_a_reading_is_the_sum_of_days_passed() -> None:
    clock = Clock.of(100, np.array([1.0, 0.0, 2.0]))
    assert clock.reading(np.array([100.5, 101.0, 101.9, 102.25])).tolist() == [0.5, 1.0, 1.0, 1.5]
    assert clock.moment(np.array([0.5, 1.0, 2.0])).tolist() == [100.5, 102.0, 102.5]
    assert clock.moment(np.array([3.0]))[0] == np.inf


def test_nobody_hurries_early_in_a_quarter_and_everybody_at_its_end() -> None:
    hurry = {}
    for k in np.flatnonzero(CLOCKS.working):
        day = date_of(CLOCKS.origin + k)
        ratio = CLOCKS.closing.pace[k] / CLOCKS.work.pace[k]
        hurry.setdefault((day.month % 3, day.day > 20), []).append(ratio)
    assert np.mean(hurry[(0, True)]) > 1.6 * np.mean(hurry[(1, False)])


def test_august_and_holiday_weeks_are_slow() -> None:
    pace = {date_of(CLOCKS.origin + k): p for k, p in enumerate(CLOCKS.work.pace)}
    assert pace[date(2025, 8, 12)] < 0.8
    assert pace[date(2025, 10, 8)] < 0.5  # inside Sukkot week
    assert pace[date(2025, 10, 1)] == pace[date(2025, 9, 30)] / 2  # the eve of Yom Kippur


def test_shocks_have_mean_one_and_the_planned_spread() -> None:
    found = shocks(PRESETS["clean"], 9, np.arange(20_000))
    assert abs(found.mean() - 1) < 0.003
    assert abs(np.log(found).std() - 0.08) < 0.002


def test_an_unknown_shock_is_one() -> None:
    day = date(2025, 3, 31)
    blind, calm = (
        make_clocks(PRESETS["clean"], 1, shocks_until=day),
        make_clocks(replace(PRESETS["clean"], shock_sd=0.0), 1),
    )
    after = day_number(day + timedelta(days=1)) - CLOCKS.origin
    assert np.array_equal(blind.closing.pace[after:], calm.closing.pace[after:])
    assert np.array_equal(blind.closing.pace[:after], CLOCKS.closing.pace[:after])


def test_the_truth_names_the_shock_of_every_month() -> None:
    world = make_world("clean", 1)
    calm = make_clocks(replace(PRESETS["clean"], shock_sd=0.0), 1)
    named = month_shocks(world)
    assert next(iter(named)) == "2023-07"
    assert list(named)[-1] == "2026-09"
    for k in np.flatnonzero(calm.closing.pace):
        name = f"{date_of(calm.origin + k):%Y-%m}"
        if name in named:
            ratio = world.clocks.closing.pace[k] / calm.closing.pace[k]
            assert abs(ratio - named[name]) < 1e-5
