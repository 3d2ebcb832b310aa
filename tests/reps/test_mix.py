"""Mix: shares, what must not be used, and what cannot be told apart."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.metrics.mix import mix_table
from spm_lib.model import Company, company_from_frames
from spm_lib.reps import compare_reps
from tests.forecast.conftest import settings

DAY = date(2026, 3, 1)


def company(rows: list[dict]) -> Company:
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        opportunity_id=pl.int_range(pl.len()).cast(pl.String)
    )
    return company_from_frames({"opportunities": frame}, settings(), as_of=date(2026, 9, 30))


def deal(rep: str, won: bool, **more: object) -> dict:
    stage = "Closed Won" if won else "Closed Lost"
    dates = {"created_at": DAY, "closed_at": DAY + timedelta(days=30)}
    return {"rep_id": rep, "stage": stage, "amount": 100, **dates, **more}


def open_deal(rep: str, **more: object) -> dict:
    return {
        "rep_id": rep,
        "stage": "Lead",
        "amount": 100,
        "created_at": DAY,
        "closed_at": None,
        **more,
    }


REPS = [f"r{k}" for k in range(6)]


def test_shares_are_counted_by_a_loop() -> None:
    frame = pl.DataFrame(
        {
            "rep_id": ["a", "a", "a", "b"],
            "segment": ["small", "large", None, "small"],
            "won": [1, 0, 1, 0],
        }
    )
    table = mix_table(frame, ["segment"])
    told = {(r["rep_id"], r["value"]): r for r in table.iter_rows(named=True)}
    assert told["a", "small"]["share"] == pytest.approx(1 / 3)
    assert told["b", "large"]["share"] == 0.0
    assert told["a", None]["company_share"] == 0.25
    assert told["b", "small"]["company_rate"] == 0.5
    sums = table.group_by("rep_id").agg(pl.col("share").sum())["share"]
    assert sums.to_list() == pytest.approx([1.0, 1.0])


def test_one_territory_each_cannot_be_told_apart_from_the_person() -> None:
    rows = [
        deal(rep, k % (i + 2) == 0, region=["north", "south", "east"][i % 3])
        for i, rep in enumerate(REPS)
        for k in range(40)
    ]
    found = compare_reps(company(rows))
    assert [(c.column, c.use) for c in found.mix_columns] == [("region", "one value each")]
    assert found.adjusted_p is None
    told = " ".join(s.tell(language("en")) for s in found.statements)
    assert "cannot be separated" in told


def test_a_column_filled_at_the_close_is_refused_by_name() -> None:
    rows = [
        deal(rep, k % 2 == 0, product_id=["A", "B"][k % 2]) for rep in REPS for k in range(10)
    ] + [open_deal(rep, product_id=None) for rep in REPS for _ in range(10)]
    found = compare_reps(company(rows))
    assert [(c.column, c.use) for c in found.mix_columns] == [("product_id", "filled at close")]
    assert found.mix.height == 0


def test_what_people_choose_is_shown_but_not_allowed_for() -> None:
    rows = [
        deal(rep, k % 3 == 0, rating=["hot", "cold"][k % 2], segment=["s", "m"][k // 5 % 2])
        for rep in REPS
        for k in range(20)
    ]
    found = compare_reps(company(rows))
    assert {c.column: c.use for c in found.mix_columns} == {"rating": "shown", "segment": "mix"}
    assert set(found.mix["column"]) == {"rating", "segment"}
    asked = compare_reps(company(rows), mix=["rating"])
    assert {c.column: c.use for c in asked.mix_columns} == {"rating": "mix"}
