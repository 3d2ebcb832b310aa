"""Blocks of days: a day is on the same side of every day asked for as the end of its block."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from spm_lib.metrics.day_blocks import DayBlocks, day_blocks
from spm_lib.metrics.definition import EPOCH, day_number

LAST = date(2200, 12, 31)
REGULAR = date(1900, 3, 1), date(2100, 2, 28)  # every fourth year is a leap year
EVERY = range(day_number(date(1890, 1, 1)), day_number(LAST) + 1)


def month_ends(first: int, last: int) -> list[date]:
    months = [(year, month) for year in range(first, last + 1) for month in range(1, 13)]
    return [date(y, m, calendar.monthrange(y, m)[1]) for y, m in months]


def every(days: list[date], step: int) -> list[date]:
    return [days[0] + timedelta(step * n) for n in range(len(days))]


ASKED = {
    "one day": ([date(2024, 2, 11)], False, True),
    "no day before the last": ([LAST], False, True),
    "months, the last one cut": ([*month_ends(1901, 2099), LAST], True, True),
    "quarters": (month_ends(2023, 2024)[2::3], True, True),
    "months in a year without a leap day": (month_ends(2100, 2101), False, False),
    "weeks": (every(month_ends(2024, 2025), 7), False, True),
    "two weeks and three": ([date(2024, 1, 1), date(2024, 1, 15), date(2024, 2, 5)], False, True),
    "any days": ([date(2024, 1, 1), date(2024, 1, 4), date(2024, 2, 5)], False, False),
}


@pytest.mark.parametrize(("asked", "months", "coarse"), ASKED.values(), ids=ASKED)
def test_no_block_goes_on_beyond_a_day_that_is_asked_for(
    asked: list[date], months: bool, coarse: bool
) -> None:
    blocks = day_blocks(asked, LAST)
    assert (blocks.months, blocks.coarse) == (months, coarse)
    names = ("day", "other") if coarse else ("day",)
    rows = nw.from_native(pl.LazyFrame({"day": EVERY, "other": EVERY}))
    told = rows.with_columns(blocks.number(*names).alias("told")).to_native().collect()
    ends = told.select("day", end=blocks.last_day("told", later=0))
    if coarse:
        other = told.select(end=blocks.last_day("told", later=1))
        assert ends["end"].equals(other["end"])
    regular = ends.filter(pl.col("day").is_between(*map(day_number, REGULAR)))
    assert (regular["end"] >= regular["day"]).all()
    for day in asked[:: max(1, len(asked) // 40)]:
        if day < LAST:
            bound = day_number(day)
            assert ((ends["end"] <= bound) == (ends["day"] <= bound)).all(), day


def test_the_block_of_no_day_is_none() -> None:
    blocks = DayBlocks(months=True)
    rows = pl.LazyFrame({"day": [0, None], "left": [None, 40]}, schema={"day": int, "left": int})
    told = nw.from_native(rows).select(blocks.number("day", "left").alias("pair")).to_native()
    ends = told.select(
        blocks.last_day("pair", later=1).alias("in"), blocks.last_day("pair", later=0).alias("out")
    )
    assert ends.collect().rows() == [(30, None), (None, 58)]
    assert EPOCH + timedelta(58) == date(1970, 2, 28)
