"""AdventureWorks: orders, quotas on a shifted clock, territories, and the dirty twin."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.model import Company

pytestmark = pytest.mark.slow


@pytest.fixture
def workspaces(real_data, root) -> Path:
    return root / "tests" / "data" / "workspaces"


@pytest.fixture
def company(workspaces) -> Company:
    return spm_lib.open(workspaces / "adventureworks")


def test_sales_to_may_and_with_june(company) -> None:
    lines = company.table("orders")
    assert lines.height == 57_851 + 3_004
    assert lines["amount"].sum() == 8_097_772_021
    may = company.at(date(2020, 5, 31)).table("orders")
    assert (may.height, may["amount"].sum()) == (57_851, 7_754_857_020)
    assert may["order_id"].n_unique() == 3616
    assert company.table("reps").height == 18


def test_quotas_land_on_quarters_of_the_sales_clock(company) -> None:
    quotas = company.table("targets")
    assert (quotas.height, quotas["value"].sum()) == (163, 9_571_400_000)
    starts = quotas["period_start"]
    assert (starts.dt.day() == 1).all()
    assert set(starts.dt.month()) <= {1, 4, 7, 10}
    ends = quotas.select(pl.col("period_start").dt.offset_by("3mo"))["period_start"]
    assert_frame_equal(
        ends.to_frame("e"), quotas["period_end"].to_frame("e"), check_column_order=True
    )


def test_mean_attainment_of_the_quotas(company) -> None:
    """The README's figure is that of the sales to May 2020."""
    company = company.at(date(2020, 5, 31))
    sold = company.table("orders").select("rep_id", "date", "amount")
    held = company.table("targets").join(sold, on="rep_id", how="left")
    inside = (pl.col("date") >= pl.col("period_start")) & (pl.col("date") < pl.col("period_end"))
    by = held.group_by("rep_id", "period_start", "value").agg(
        pl.col("amount").filter(inside).sum().alias("sold")
    )
    assert by.height == 163
    assert by.select((pl.col("sold") / pl.col("value")).mean()).item() == pytest.approx(
        0.84, abs=0.005
    )


def test_traps(company) -> None:
    told = {(n.kind, n.table): n for n in company.notices}
    cost = told["below_cost", "orders"]
    assert cost.rows / company.table("orders").height == pytest.approx(0.36, abs=0.005)
    assert told["several_teams", "memberships"].rows == 4
    assert told["query", "orders"].details["rows_in"] == 60_855


def test_three_managers_sell_without_a_standing_quota(workspaces) -> None:
    company = spm_lib.open(workspaces / "adventureworks" / "standing.toml")
    note = next(n for n in company.notices if n.kind == "seller_without_target")
    roles = company.table("reps").filter(pl.col("rep_id").is_in(list(note.values)))["role"]
    assert note.rows == 3
    assert roles.str.contains("Manager").all()


def test_monthly_targets_side_by_side_in_thousands(workspaces) -> None:
    company = spm_lib.open(workspaces / "adventureworks" / "monthly.toml")
    aims = company.table("targets")
    assert aims.height == 809
    lengths = aims.select(pl.col("period_end") - pl.col("period_start"))["period_end"]
    assert set(lengths.dt.total_days()) <= {28, 29, 30, 31}
    sold = company.table("orders").with_columns(month=pl.col("date").dt.truncate("1mo"))
    sold = sold.group_by("rep_id", "month").agg(pl.col("amount").sum())
    joined = aims.join(
        sold, left_on=["rep_id", "period_start"], right_on=["rep_id", "month"], how="left"
    )
    attained = joined.select((pl.col("amount") / pl.col("value")).median()).item()  # where sold
    assert attained == pytest.approx(0.41, abs=0.005)


def test_the_dirty_twin_is_the_same_company(workspaces) -> None:
    clean = spm_lib.open(workspaces / "adventureworks" / "monthly.toml")
    dirty = spm_lib.open(workspaces / "adventureworks_dirty")
    for name, keys in (
        ("orders", ["order_id", "date", "product_id", "account_id", "rep_id", "amount", "cost"]),
        ("targets", ["rep_id", "period_start", "period_end", "value"]),
    ):
        assert_frame_equal(
            clean.table(name).select(keys).sort(keys), dirty.table(name).select(keys).sort(keys)
        )
    assert dirty.receipt("orders").used == 57_851
