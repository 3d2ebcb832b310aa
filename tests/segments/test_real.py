"""Real sets by a second route, straight from their files; the figures of each that can be told."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

import spm_lib
from spm_lib.metrics import measure
from spm_lib.segments import compare_segments, discover_segments

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


def test_powerbi_ratings_and_campaigns_are_told_and_counted(real_data: Path) -> None:
    co = spm_lib.open(WORKSPACES / "powerbi_regional_sales" / "spm.toml")
    found = discover_segments(co)
    assert {"Rating", "campaign", "discount", "product_id"} <= set(found.found)
    assert "Purchase Process" not in found.found
    with (real_data / "powerbi_regional_sales" / "Opportunities.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = [r for r in csv.DictReader(file) if r["Status"] in ("Won", "Lost")]
    told = compare_segments(co, "Rating", window=("2015-01-01", "2023-01-01")).table
    for row in told.iter_rows(named=True):
        own = [r for r in rows if r["Rating"] == row["Rating"]]
        assert (row["won"], row["n"]) == (sum(r["Status"] == "Won" for r in own), len(own))


def test_adventureworks_gross_profit_is_that_of_its_lines(real_data: Path) -> None:
    co = spm_lib.open(WORKSPACES / "adventureworks" / "spm.toml")
    folder, total = real_data / "adventureworks", Decimal(0)
    files = (
        ("Sales.csv", "utf-8-sig", "Sales", "Cost"),
        ("ResellerSales_202006.csv", "utf-16-le", "SalesAmount", "TotalProductCost"),
    )
    for name, encoding, amount, cost in files:
        with (folder / name).open(encoding=encoding, newline="") as file:
            for row in csv.DictReader(line.lstrip("\ufeff") for line in file):
                total += sum(
                    sign * Decimal(row[c].replace(",", "")).quantize(Decimal("0.01"))
                    for sign, c in ((1, amount), (-1, cost))
                )
    answer = measure(co, "orders.gross_profit").frame
    assert answer["value"][0] == int(total * 100)
    margin = measure(co, "orders.gross_margin").frame
    assert margin["low"][0] < margin["value"][0] < margin["high"][0]
    assert measure(co, "orders.gross_profit", by="rep_id").frame["value"].sum() == int(total * 100)


def test_maven_and_quicksight_say_no_more_than_they_know(real_data: Path) -> None:
    assert real_data.is_dir()
    assert discover_segments(spm_lib.open(WORKSPACES / "maven_crm" / "spm.toml")).found == []
    quick = discover_segments(spm_lib.open(WORKSPACES / "quicksight_pipeline" / "spm.toml"))
    assert quick.found == ["Segment"]
    region = quick.tests.filter(quick.tests["column"] == "Region").row(0, named=True)
    assert region["p"] is None, "each person has one region: nothing can be compared within people"
