"""Draws cannot be changed, are whole, and add up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spm_lib.core.calendar import WorkCalendar
from spm_lib.core.errors import DataError
from spm_lib.forecast import Draws

CALENDAR = WorkCalendar()
PERIODS = tuple(CALENDAR.period_of(date(2026, m, 1), "month") for m in (10, 11))
REPS = ("ann", "bob", "כהן")


def draws(values: np.ndarray) -> Draws:
    return Draws(REPS, PERIODS, values, "ILS", 1)


whole = arrays(np.int64, (3, 2, 5), elements=st.integers(0, 10**12))


@given(whole)
def test_company_is_the_sum_of_its_people_in_every_scenario(values: np.ndarray) -> None:
    made = draws(values)
    for scenario in range(5):
        for period in range(2):
            by_hand = sum(int(values[rep, period, scenario]) for rep in range(3))
            assert int(made.company()[period, scenario]) == by_hand
    assert (made.horizon().sum(axis=0) == made.total()).all()
    assert (made.company().sum(axis=0) == made.total()).all()


@given(whole, whole)
def test_parts_add_up(first: np.ndarray, second: np.ndarray) -> None:
    assert (draws(first).plus(draws(second)).values == first + second).all()


@given(whole)
def test_some_people_and_the_others_are_all(values: np.ndarray) -> None:
    made = draws(values)
    some, others = made.of({"ann"}), made.of({"bob", "כהן"})
    assert (some.company() + others.company() == made.company()).all()


def test_they_cannot_be_changed() -> None:
    values = np.ones((3, 2, 5), dtype=np.int64)
    made = draws(values)
    values[:] = 7
    assert made.values.max() == 1
    with pytest.raises(ValueError, match="read-only"):
        made.values[0, 0, 0] = 2


def test_float_money_is_refused() -> None:
    with pytest.raises(DataError, match="whole minor units"):
        draws(np.ones((3, 2, 5)))


def test_different_people_are_not_added() -> None:
    made = draws(np.ones((3, 2, 5), dtype=np.int64))
    with pytest.raises(DataError, match="same reps"):
        made.plus(made.of({"ann"}))


def test_the_frame_tells_quantiles() -> None:
    values = np.arange(3 * 2 * 101).reshape(3, 2, 101)
    frame = draws(values).frame(by="rep_id")
    row = frame.row(3, named=True)
    assert (row["rep_id"], row["period"], row["p10"], row["p50"]) == ("bob", "2026-11", 313, 353)
    assert draws(values).frame().height == 2
