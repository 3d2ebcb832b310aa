"""Targets changed in mid-year: old rows stay, and what is due is worked out from both."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.over_time import (
    DayWeights,
    Season,
    change_target,
    due_by,
    in_force,
    target_book,
)
from tests.examples import examples

START, END = date(2026, 1, 1), date(2027, 1, 1)
EVEN = DayWeights.of(Window(START, END), calendar=WorkCalendar(), season=Season(per="month"))
PLAN = pl.DataFrame(
    {"rep_id": ["a"], "period_start": [START], "period_end": [END], "metric": ["won.amount"]}
)


def booked(value: int = 120_000) -> pl.DataFrame:
    plan = PLAN.with_columns(value=pl.lit(value))
    return target_book(plan, approved_by="Dana", approved_on=date(2025, 12, 1))


def changed(book: pl.DataFrame, value: int, day: date, **more: object) -> pl.DataFrame:
    given = {"approved_by": "Dana", "approved_on": day, "reason": "two accounts moved", **more}
    return change_target(
        book, rep_id="a", period_start=START, value=value, effective_from=day, **given
    )


def test_old_and_new_target_count_for_the_months_they_are_in_force() -> None:
    book = booked()
    after = changed(book, 60_000, date(2026, 7, 1))
    assert book.height == 1
    assert after.head(1).equals(book)
    assert in_force(after, days=EVEN).select("period_start", "period_end", "value").rows() == [
        (START, date(2026, 7, 1), 60_000),
        (date(2026, 7, 1), END, 30_000),
    ]
    due = due_by(after, day=date(2026, 9, 30), days=EVEN)
    assert due.rows() == [("a", "won.amount", 60_000 + 15_000)]
    assert due_by(after, day=date(2026, 6, 20), days=EVEN)["value"].to_list() == [56_667]


def test_a_change_is_not_known_before_it_is_approved() -> None:
    late = changed(booked(), 60_000, date(2026, 7, 1), approved_on=date(2026, 8, 15))
    assert due_by(late, day=date(2026, 7, 31), days=EVEN)["value"].to_list() == [70_000]
    assert due_by(late, day=date(2026, 8, 31), days=EVEN)["value"].to_list() == [70_000]
    assert due_by(late, day=date(2026, 12, 31), days=EVEN)["value"].to_list() == [90_000]


def test_of_two_changes_of_one_day_the_last_approved_counts() -> None:
    day = date(2026, 7, 1)
    book = changed(booked(), 60_000, day, approved_on=date(2026, 6, 20))
    book = changed(book, 90_000, day, approved_on=date(2026, 6, 10))
    assert in_force(book, days=EVEN)["value"].to_list() == [60_000, 30_000]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DataError, match="not in the book"):
        change_target(
            booked(),
            rep_id="b",
            period_start=START,
            value=1,
            effective_from=START,
            approved_by="Dana",
            approved_on=START,
            reason="x",
        )
    for wrong in ({"reason": " "}, {"approved_by": ""}):
        with pytest.raises(ParameterError, match="name and a reason"):
            changed(booked(), 1, date(2026, 5, 1), **wrong)
    for value, day in ((1, END), (1, date(2025, 12, 31)), (-1, date(2026, 5, 1))):
        with pytest.raises(ParameterError, match="inside its period"):
            changed(booked(), value, day)
    half = DayWeights.of(Window(START, date(2026, 7, 1)), calendar=WorkCalendar(), season=Season())
    with pytest.raises(DataError, match="do not reach over"):
        in_force(booked(), days=half)
    with pytest.raises(DataError, match="twice"):
        target_book(
            pl.concat([PLAN, PLAN]).with_columns(value=1), approved_by="D", approved_on=START
        )


@settings(max_examples=examples(15))
@given(st.integers(0, 10**12), st.lists(st.dates(START, date(2026, 12, 31)), max_size=5))
def test_a_target_confirmed_again_and_again_adds_up_to_itself(value: int, days: list) -> None:
    book = booked(value)
    for day in days:
        book = changed(book, value, day)
    rows = in_force(book, days=EVEN)
    assert rows["value"].sum() == value
    assert rows["period_end"].to_list()[:-1] == rows["period_start"].to_list()[1:]
