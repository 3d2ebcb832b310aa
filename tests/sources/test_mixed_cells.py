"""Columns of numbers among texts, as Excel sheets have them: no number changes its size."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from spm_lib.model import Company, open_company
from spm_lib.model.checking import check_workspace
from spm_lib.sources import parse_texts

FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[raw.deals]
path = "deals*.xlsx"
decimal = "{decimal}"
{more}
[tables.opportunities]
from = "deals"
columns = {{ opportunity_id = "id", stage = "stage", amount = "sum", closed_at = "day" }}
fixed = {{ currency = "USD" }}
{table}
[tables.fx_rates]
path = "rates.xlsx"
decimal = "{decimal}"
columns = {{ currency = "code", date = "day", rate = "rate" }}
"""
DAY = date(2026, 3, 1)


def workbook(path: Path, rows: list[list[object]]) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet()
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(r, c, value)
            elif value is not None:
                page.write(r, c, value)
    book.close()
    path.write_bytes(out.getvalue())


def opened(
    folder: Path, *files: list[object], decimal: str = ",", more: str = "", table: str = ""
) -> Company:
    """Return the company of amounts in Excel files; one dollar is one shekel."""
    for number, amounts in enumerate(files):
        deals = [[f"{number}.{n}", "Won", amount, DAY] for n, amount in enumerate(amounts)]
        workbook(folder / f"deals{number}.xlsx", [["id", "stage", "sum", "day"], *deals])
    rates = [["USD", DAY, 1.0], ["EUR", DAY, "n/a"], ["GBP", DAY, 3.765]]
    workbook(folder / "rates.xlsx", [["code", "day", "rate"], *rates])
    (folder / "spm.toml").write_text(FILE.format(decimal=decimal, more=more, table=table))
    return open_company(folder)


def amounts(company: Company) -> dict[str, int | None]:
    rows = company.table("opportunities").sort("opportunity_id")
    return dict(rows.select("opportunity_id", "amount").iter_rows())


@pytest.mark.parametrize("decimal", [",", "."])
def test_a_text_among_numbers_changes_none_of_them(tmp_path, decimal) -> None:
    cells = [123.456, 0.5, 7, 1234567.125, -3.765, "-", None]
    company = opened(tmp_path, cells, decimal=decimal)
    assert [*amounts(company).values()] == [12346, 50, 700, 123456713, -377, None, None]
    rate = company.table("fx_rates").filter(currency="GBP")["rate"].cast(pl.String).to_list()
    assert rate == ["3.7650000000"]


def test_texts_are_read_by_the_files_sign_beside_numbers(tmp_path) -> None:
    company = opened(tmp_path, ["123.456", 123.456, "123,456", "1.234,5 $"])
    assert [*amounts(company).values()] == [12345600, 12346, 12346, 123450]


def test_files_of_one_source_agree_whatever_else_is_in_them(tmp_path) -> None:
    company = opened(tmp_path, [123.456, 2.5], [0.125, "-"], [7])
    assert [*amounts(company).values()] == [12346, 250, 13, None, 700]


def test_a_map_of_values_leaves_numbers_their_size(tmp_path) -> None:
    company = opened(tmp_path, [123.456, 8], table='values.amount = { "8" = "9,5" }')
    assert [*amounts(company).values()] == [12346, 950]


@pytest.mark.parametrize(("cell", "minor"), [("123.456", 12346), ("99.25", 9925), ("99,25", 9925)])
def test_a_mended_row_leaves_the_others_their_size(tmp_path, cell, minor) -> None:
    """The row lacks its stage; who mends it may write the amount anew, in either way."""
    opened(tmp_path, [123.456, 2.5])
    rows = [["id", "stage", "sum", "day"], ["a", None, 123.456, DAY], ["b", "Won", 2.5, DAY]]
    workbook(tmp_path / "deals0.xlsx", [*rows, ["c", "Won", 777.125, DAY]])
    assert "deals.csv" in [path.name for path in check_workspace(tmp_path).write_quarantine()]
    written = tmp_path / "quarantine" / "deals.csv"
    text = written.read_text("utf-8-sig").replace("no stage", "")
    new = f'"{cell}"' if "," in cell else cell
    written.write_text(text.replace("a,,123.456", f"a,Won,{new}"), "utf-8")
    company = open_company(tmp_path)
    assert amounts(company) == {"a": minor, "b": 250, "c": 77713}
    assert company.table("opportunities")["closed_on"].to_list() == [DAY] * 3


def test_a_mended_text_among_numbers_is_read_by_the_files_sign(tmp_path) -> None:
    opened(tmp_path, [123.456, "ninety", 2.5])
    check_workspace(tmp_path).write_quarantine()
    written = tmp_path / "quarantine" / "deals.csv"
    text = written.read_text("utf-8-sig").replace("ninety", '"99,25"', 1)
    written.write_text(text.replace("unreadable amount", ""), "utf-8")
    assert [*amounts(open_company(tmp_path)).values()] == [12346, 9925, 250]


def test_months_side_by_side_agree_too(tmp_path) -> None:
    rows = [["rep", "M1", "M2"], ["ann", 123.456, "-"], ["bob", 2.5, 7.5]]
    workbook(tmp_path / "quota.xlsx", rows)
    text = FILE.format(decimal=",", more="", table="")
    text += """
[raw.quota]
path = "quota.xlsx"
decimal = ","
unpivot = { columns = ["M1", "M2"], into = "month", value = "v", names = { M1 = "2026-01-01", M2 = "2026-02-01" } }
[tables.targets]
from = "quota"
columns = { rep_id = "rep", period_start = "month", value = "v" }
"""  # noqa: E501
    opened(tmp_path, [1])
    (tmp_path / "spm.toml").write_text(text)
    targets = open_company(tmp_path).full("targets").sort("rep_id", "period_start")
    assert targets["value"].to_list() == [12346, None, 250, 750]


@pytest.mark.parametrize("decimal", [",", "."])
def test_a_truth_value_is_no_amount(tmp_path, decimal) -> None:
    company = opened(tmp_path, [True, 5.5, False, 1], decimal=decimal)
    assert amounts(company) == {"0.1": 550, "0.3": 100}
    assert company.receipt("opportunities").set_aside["unreadable amount"].rows == 2


def test_one_odd_id_changes_no_other(tmp_path) -> None:
    cells = [7, 1.5, 8.0, 10**15]
    assert parse_texts(pl.Series(cells, dtype=pl.Float64)).to_list() == [
        "7",
        "1.5",
        "8",
        "1000000000000000",
    ]
    rows = [["id", "stage", "sum", "day"], *([c, "Won", 1, DAY] for c in cells)]
    opened(tmp_path, [1], decimal=".")
    workbook(tmp_path / "deals0.xlsx", rows)
    assert [*amounts(open_company(tmp_path))] == ["1.5", "1000000000000000", "7", "8"]
    workbook(tmp_path / "deals1.xlsx", [rows[0], ["x", "Won", 1, DAY]])
    assert [*amounts(open_company(tmp_path))] == ["1.5", "1000000000000000", "7", "8", "x"]
