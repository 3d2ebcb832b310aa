"""Rows set aside, told of one group without a plan and of several by one: the same."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics.counting import Cells
from spm_lib.metrics.dimensions import Dimensions
from spm_lib.metrics.set_aside import reasons_of

MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
REASONS = [None, "no amount", "outside the window", "a lead", "הזדמנות כפולה"]


def counted(chance: random.Random) -> pl.DataFrame:
    """Cells as counting makes them: inside or not, some with a reason, in a month where inside."""
    rows = []
    for _ in range(chance.randrange(12)):
        inside = chance.random() < 0.6
        rows.append(
            {
                "month": chance.choice(MONTHS) if inside else None,
                "_reason": chance.choice(REASONS if inside else REASONS[1:]),
                "_inside": int(inside),
                "_rows": chance.randrange(4),
                "_amount": chance.randrange(-5, 2**40),
                "_priced": chance.randrange(2),
            }
        )
    kinds = {"month": pl.Date, "_reason": pl.String}
    whole = dict.fromkeys(("_inside", "_rows", "_amount", "_priced"), pl.Int64)
    return pl.DataFrame(rows, schema=kinds | whole)


def told(frame: pl.DataFrame, names: tuple[str, ...], *, period: str | None) -> pl.DataFrame:
    groups = tuple(n for n in names if n != period)
    cells = Cells(frame, frame, Dimensions(names, groups, (), {}, period))
    grid = pl.DataFrame({"month": [*MONTHS, date(2026, 4, 1)]} if period else {"one": [1]})
    grid = grid.with_columns(g=pl.lit("x")).with_row_index("_row").cast({"_row": pl.Int64})
    return reasons_of(cells, grid)


@pytest.mark.parametrize("period", ["month", None])
def test_one_group_is_told_as_one_of_several(period) -> None:
    chance = random.Random(7)
    some = 0
    for _ in range(60):
        frame = counted(chance)
        named = frame.with_columns(g=pl.lit("x"))
        alone = told(frame, (period,) if period else (), period=period)
        among = told(named, ("g", period) if period else ("g",), period=period)
        assert_frame_equal(alone, among)
        some += alone.height
    assert some > 60


def test_what_is_inside_another_month_is_outside_this_one() -> None:
    frame = pl.DataFrame(
        {
            "month": [MONTHS[0], MONTHS[1], MONTHS[1]],
            "_reason": [None, None, "no amount"],
            "_inside": [1, 1, 1],
            "_rows": [5, 3, 2],
            "_amount": [50, 30, 0],
            "_priced": [5, 3, 0],
        },
        schema_overrides={"month": pl.Date},
    )
    found = told(frame, ("month",), period="month").rows()
    assert found[:3] == [
        (0, "outside the window", 5, 30),
        (1, "no amount", 2, None),
        (1, "outside the window", 5, 50),
    ]
