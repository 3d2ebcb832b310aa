"""Maven CRM: the table-level figures and traps of the data's README."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.model import Company, scope_named

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(request) -> Path:
    return request.config.rootpath / "tests" / "data" / "workspaces" / "maven_crm"


@pytest.fixture
def company(real_data, folder) -> Company:
    return spm_lib.open(folder)


def totals(rows: pl.DataFrame, by: str) -> dict:
    counted = rows.group_by(by).agg(pl.len(), pl.col("amount").sum() // 100)
    return {key: (n, money) for key, n, money in counted.iter_rows()}


def test_counts_and_money(company) -> None:
    rows = company.table("opportunities")
    assert rows.height == company.receipt("opportunities").used == 8800
    assert totals(rows, "outcome")["won"] == (4238, 10_005_534)
    assert totals(rows, "outcome")["lost"] == (2473, 0)
    open_ = rows.filter(pl.col("outcome") == "open")
    assert dict(open_["stage"].value_counts().iter_rows()) == {"Engaging": 1589, "Prospecting": 500}
    assert pytest.approx(0.6315, abs=5e-5) == 4238 / 6711


def test_offices_by_won_value(company) -> None:
    team = company.table("memberships").select("rep_id", "team")
    won = company.table("opportunities").filter(pl.col("outcome") == "won").join(team, on="rep_id")
    assert {k: v[1] for k, v in totals(won, "team").items()} == {
        "Central": 3_346_293,
        "East": 3_090_594,
        "West": 3_568_647,
    }
    for office, (deals, money) in totals(won, "team").items():
        view = company.within(scope_named(company, f"team:{office}")).table("opportunities")
        assert totals(view, "outcome")["won"] == (deals, money)


def test_people(company) -> None:
    people = company.table("reps")
    assert people.height == 35
    assert people["manager_id"].n_unique() == 6
    assert people["team"].n_unique() == 3
    assert company.table("accounts").height == 85
    assert company.table("products").height == 7


def test_the_day_is_that_of_the_newest_thing(company) -> None:
    assert company.as_of == company.exported_on == date(2017, 12, 31)


def test_traps(company) -> None:
    told = {(n.kind, n.table, n.column): n for n in company.notices}
    product = told["unmatched_key", "opportunities", "product_id"]
    assert (product.values, product.rows) == (("GTXPro",), 1480)
    assert "GTXPro ~ GTX Pro" in str(product)
    account = told["empty_key", "opportunities", "account_id"]
    assert (account.rows, account.details["open"]) == (1425, 1425)
    undated = told["undated", "opportunities", "created_at"]
    assert (undated.rows, undated.details["open"]) == (500, 500)
    zeros = told["zero_amount", "opportunities", "amount"]
    assert (zeros.rows, zeros.details["lost"]) == (2473, 2473)
    assert told["rep_without_deals", "reps", "rep_id"].rows == 5
    assert "2017-03-01" in str(told["late_first_close", "opportunities", "closed_at"])


def test_a_values_map_mends_the_product(real_data, folder, tmp_path) -> None:
    text = (folder / "spm.toml").read_text(encoding="utf-8")
    text = text.replace("../../../../../shared/data", str(real_data))
    text = text.replace(
        "[tables.reps]",
        '[tables.opportunities.values.product_id]\nGTXPro = "GTX Pro"\n[tables.reps]',
    )
    (tmp_path / "spm.toml").write_text(text, encoding="utf-8")
    kinds = {n.kind for n in spm_lib.open(tmp_path).notices}
    assert "unmatched_key" not in kinds


def test_before_the_export_undated_deals_are_set_aside(company) -> None:
    then = company.at(date(2017, 6, 30))
    assert then.receipt("opportunities").set_aside["undated"].rows == 500
    rows = then.table("opportunities")
    assert rows.filter(pl.col("closed_on") > date(2017, 6, 30)).height == 0
    assert rows.filter((pl.col("outcome") == "open") & pl.col("amount").is_not_null()).height == 0
