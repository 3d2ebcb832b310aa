"""QuickSight pipeline: deals out of a status log; figures and traps of the data's README."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.model import Company

pytestmark = pytest.mark.slow

STAGES = ["Lead", "Prospect", "Qualified", "Contracting", "Closed Won", "Closed Lost"]


@pytest.fixture
def company(real_data, root) -> Company:
    return spm_lib.open(root / "tests" / "data" / "workspaces" / "quicksight_pipeline")


def naive_latest(path: Path, day: date) -> dict[str, dict]:
    """Read the file line by line: the latest row by date per lead, the later line on a tie."""
    latest: dict[str, dict] = {}
    with path.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            when = datetime.strptime(row["Date"], "%m/%d/%Y").date()  # noqa: DTZ007
            if when > day:
                continue
            held = latest.get(row["Lead Name"])
            amount = int(row["Forecasted Monthly Revenue"]) or (held or {}).get("amount")
            if held is None or when >= held["when"]:
                latest[row["Lead Name"]] = {
                    "when": when,
                    "stage": row["Opportunity Stage"],
                    "amount": amount,
                    "rep": row["Salesperson"],
                }
    return latest


def test_counts_and_money(company) -> None:
    assert company.receipt("stage_events").read == 20_994
    rows = company.table("opportunities")
    assert rows.height == 9571
    counts = dict(rows["outcome"].value_counts().iter_rows())
    assert counts == {"won": 616, "lost": 7980, "open": 975}
    won = rows.filter(pl.col("outcome") == "won")
    assert won["amount"].sum() == 145_734_174 * 100
    assert won.select((pl.col("closed_day") - pl.col("created_day")).median()).item() == 115
    wins = dict(won["rep_id"].value_counts().iter_rows())
    assert (len(wins), wins["Gerri Hinds"], wins["Jennifer Weidman"]) == (7, 9, 202)
    assert (min(wins.values()), max(wins.values())) == (9, 202)


def test_moved_closes_and_amounts(company) -> None:
    events = company.table("stage_events")
    moved = events.group_by("opportunity_id").agg(
        pl.col("expected_close").n_unique().alias("closes"),
        pl.col("amount").drop_nulls().n_unique().alias("amounts"),
    )
    assert round(moved.select((pl.col("closes") > 1).mean()).item(), 2) == 0.88
    valued = moved.filter(pl.col("amounts") > 0)
    assert round(valued.select((pl.col("amounts") > 1).mean()).item(), 2) == 0.24


@pytest.mark.parametrize("day", [date(2012, 12, 31), date(2014, 6, 30), date(2016, 12, 31)])
def test_any_past_day_is_what_reading_the_file_to_that_day_gives(company, real_data, day) -> None:
    path = real_data / "quicksight_pipeline" / "SalesPipeline_QuickSightSample.csv"
    latest = naive_latest(path, day)
    got = company.at(day).table("opportunities")
    assert got.height == len(latest)
    for key, stage, amount, rep in got.select(
        "opportunity_id", "stage", "amount", "rep_id"
    ).iter_rows():
        expected = latest[key]
        money = expected["amount"] and expected["amount"] * 100
        assert (stage, amount, rep) == (expected["stage"], money, expected["rep"])


def test_traps(company) -> None:
    told = {(n.kind, n.column): n for n in company.notices}
    zeros = told["zero_amount", "amount"]
    assert (zeros.rows, zeros.details["lost"]) == (7980, 7980)
    assert told["latest_twice", "Latest Status Entry"].rows == 464
    late = told["late_start", "stage"]
    assert (late.rows, late.details["closed"]) == (430, 285)
    assert ("confounded", "Region") in told


def test_moves_go_forward_or_skip_only(company) -> None:
    moves = company.stints.filter(pl.col("next_rank").is_not_null())
    back = (pl.col("next_rank") < pl.col("stage_rank")) & (pl.col("next_rank") >= 0)
    assert moves.filter(back).height == 0
    assert company.stints["visit"].max() == 1
