"""Power BI regional sales: status and stage are two columns; figures and traps of the README."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import spm_lib
from spm_lib.model import Company

pytestmark = pytest.mark.slow


@pytest.fixture
def company(real_data, root) -> Company:
    return spm_lib.open(root / "tests" / "data" / "workspaces" / "powerbi_regional_sales")


def totals(company: Company) -> dict:
    counted = (
        company.table("opportunities")
        .group_by("outcome")
        .agg(pl.len(), pl.col("amount").sum() // 100)
    )
    return {key: (n, money) for key, n, money in counted.iter_rows()}


def test_counts_and_money(company) -> None:
    assert company.as_of == company.exported_on == date(2021, 11, 10)
    assert company.receipt("opportunities").used == 20_000
    found = totals(company)
    assert found["won"] == (7282, 26_435_925)
    assert found["open"] == (5333, 27_812_381)
    assert found["lost"][0] == 7385


def test_a_day_earlier_eight_deals_are_still_open(company) -> None:
    found = totals(company.at(date(2021, 11, 9)))
    assert found["won"] == (7279, 26_419_249)
    assert found["lost"][0] == 7380
    assert found["open"][0] == 5341


def test_people_and_accounts(company) -> None:
    assert company.table("reps").height == 20
    assert company.table("reps")["manager_id"].n_unique() == 3
    assert company.table("accounts").height == 300


def test_traps(company) -> None:
    told = {(n.kind, n.table, n.column): n for n in company.notices}
    won = next(
        n for n in company.notices if n.kind == "stage_outcome" and n.details["outcome"] == "won"
    )
    assert "1-Qualify (813)" in str(won)
    assert told["empty_column", "opportunities", "Blank"].values == ("Blank",)
    assert told["rep_without_deals", "reps", "rep_id"].rows == 1
    assert told["same_name", "accounts", "name"].rows == 2
    campaign = told["empty_key", "opportunities", "campaign"]
    assert campaign.rows / 20_000 == pytest.approx(0.34, abs=0.005)
    planned = told["planned_close", "opportunities", "closed_at"]
    assert planned.rows == 5333
    newest = company.table("opportunities")["expected_close"].max()
    assert newest == date(2022, 5, 1)
    assert not company.has("stage_events")
