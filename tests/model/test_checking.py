"""The check report: everything counted, everything mendable."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.errors import DataError
from spm_lib.model import check_workspace, snapshot_company

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
[tables.opportunities]
path = "deals.csv"
dates = "day-first"
[tables.opportunities.columns]
opportunity_id = "id"
stage = "stage"
created_at = "made"
closed_at = "close"
amount = "sum"
"""
ROWS = [
    "id,stage,made,close,sum",
    "1,Won,1/2/2026,31/2/2026,5",
    "2,Won,1/2/2026,20/2/2026,five",
    "3,Lead,1/2/2026,,7",
    "3,Lead,1/2/2026,,7",
    "4,Lead,1/2/2026,,9",
    "4,Lead,1/2/2026,,8",
    "5,Lead",
    "6,Lead,5/2/2026,,9",
]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "spm.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "deals.csv").write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return tmp_path / "spm.toml"


def test_every_row_is_used_or_named_with_file_row_column_value_and_reason(workspace) -> None:
    report = check_workspace(workspace)
    receipt = report.receipts["opportunities"]
    assert receipt.read == len(ROWS) - 1
    assert receipt.used == 2
    rows = report.quarantine["opportunities"].sort("row").drop("line").rows()
    assert [r[1:] for r in rows] == [
        (2, "close", "31/2/2026", "unreadable closed_at"),
        (3, "sum", "five", "unreadable amount"),
        (5, "id", "3", "exact repeat"),
        (6, "id", "4", "conflicting duplicate"),
        (7, "id", "4", "conflicting duplicate"),
        (8, None, None, "2 fields where 5 are expected"),
    ]
    assert len(rows) == receipt.read - receipt.used


def test_mended_rows_are_read_back(workspace) -> None:
    path = check_workspace(workspace).write_quarantine()[0]
    text = path.read_bytes().decode("utf-8-sig")
    text = text.replace("31/2/2026", "28/2/2026").replace("unreadable closed_at", "")
    path.write_text(text, encoding="utf-8", newline="")
    report = check_workspace(workspace)
    assert report.receipts["opportunities"].used == 3
    assert "unreadable closed_at" not in report.receipts["opportunities"].set_aside


def test_a_snapshot_is_kept_once_and_whole(workspace) -> None:
    company = check_workspace(workspace).company
    place = snapshot_company(company)
    assert place.name == company.as_of.isoformat()
    kept = pl.read_parquet(place / "opportunities.parquet")
    assert kept.height == company.receipt("opportunities").read
    assert snapshot_company(company) == place
    (workspace.parent / "deals.csv").write_text("\n".join(ROWS[:4]), encoding="utf-8")
    other = check_workspace(workspace, as_of=company.as_of).company
    with pytest.raises(DataError, match="kept already"):
        snapshot_company(other)
    assert snapshot_company(other, replace_kept=True) == place


WORSE = [
    "id,stage,made,close,sum",
    "1,Won,1/2/2026,31/2/2026,five",
    ",,32/1/2026,20/2/2026,5",
    "3,,1/2/2026,,7",
    "4,Won,1/2/2026,20/2/2026,5",
]
ALL_REASONS = [
    (2, "unreadable amount; unreadable closed_at"),
    (3, "unreadable created_at; no opportunity_id; no stage"),
    (4, "no stage"),
]


def test_every_reason_of_a_row_is_named(workspace: Path) -> None:
    (workspace.parent / "deals.csv").write_text("\n".join(WORSE) + "\n", encoding="utf-8")
    report = check_workspace(workspace)
    rows = report.quarantine["opportunities"].sort("row")
    assert rows.select("row", "reason").rows() == ALL_REASONS
    aside = report.receipts["opportunities"].set_aside
    assert sum(part.rows for part in aside.values()) == 3  # each row once, for its first reason
    path = report.write_quarantine()[0]
    assert "unreadable amount; unreadable closed_at" in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "query",
    [
        "select * from deals",
        "select row_number() over () as number, * from deals",
        "select deals.*, teams.team from deals left join teams on deals.stage = teams.stage",
    ],
)
def test_rows_set_aside_from_a_query_are_named_and_can_be_mended(
    workspace: Path, query: str
) -> None:
    (workspace.parent / "deals.csv").write_text("\n".join(WORSE) + "\n", encoding="utf-8")
    (workspace.parent / "teams.csv").write_text("stage,team\nWon,a\nWon,b\n", encoding="utf-8")
    raws = '[raw.deals]\npath = "deals.csv"\ndates = "day-first"\n[raw.teams]\npath = "teams.csv"\n'
    table = f'[tables.opportunities]\ndates = "day-first"\nquery = "{query}"'
    head, columns = FILE.split('[tables.opportunities]\npath = "deals.csv"\ndates = "day-first"')
    workspace.write_text(head + raws + table + columns, encoding="utf-8")
    report = check_workspace(workspace)
    named = report.quarantine["deals"].sort("row").select("row", "reason").rows()
    assert dict(named).items() >= dict(ALL_REASONS).items()
    (path,) = report.write_quarantine()
    text = path.read_text(encoding="utf-8-sig").replace("32/1/2026", "31/1/2026")
    text = text.replace(",,31/1/2026,", "2,Won,31/1/2026,").replace(ALL_REASONS[1][1], "")
    path.write_text(text, encoding="utf-8-sig", newline="")
    again = check_workspace(workspace)
    assert 3 not in again.quarantine["deals"].filter(pl.col("reason").str.contains("no "))["row"]


def mended(path: Path, was: str, now: str, *, told: bool = False) -> None:
    """Correct a cell as somebody does in a spreadsheet, and empty the reason of that row."""
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    found = [number for number, row in enumerate(rows) if was in row]
    assert len(found) == 1
    row = rows[found[0]].replace(was, now)
    rows[found[0]] = row if told else row[: row.rindex(",") + 1]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8-sig", newline="")


def test_a_row_mended_wrongly_has_its_reason_again_and_stands_once(workspace: Path) -> None:
    path = check_workspace(workspace).write_quarantine()[0]
    lines = len(path.read_text(encoding="utf-8-sig").splitlines())
    mended(path, "31/2/2026", "32/2/2026")
    for _ in range(3):  # checking again changes nothing
        check_workspace(workspace).write_quarantine()
        text = path.read_text(encoding="utf-8-sig").splitlines()
        assert len(text) == lines
        (row,) = [line for line in text if "32/2/2026" in line]
        assert row.endswith(",unreadable closed_at")
        assert not any("31/2/2026" in line for line in text)
    mended(path, "32/2/2026", "28/2/2026")
    report = check_workspace(workspace)
    assert report.receipts["opportunities"].used == 3
    assert not [n for n in report.notices if "no longer fit" in str(n)]
    report.write_quarantine()
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) == lines


def test_a_reason_emptied_and_nothing_else_comes_back(workspace: Path) -> None:
    path = check_workspace(workspace).write_quarantine()[0]
    before = path.read_text(encoding="utf-8-sig")
    mended(path, "31/2/2026", "31/2/2026")
    check_workspace(workspace).write_quarantine()
    after = path.read_text(encoding="utf-8-sig")
    assert sorted(after.splitlines()) == sorted(before.splitlines())


def test_cells_changed_under_a_reason_are_kept_until_it_is_emptied(workspace: Path) -> None:
    path = check_workspace(workspace).write_quarantine()[0]
    mended(path, "five", "6", told=True)
    check_workspace(workspace).write_quarantine()
    assert "1,Won,1/2/2026,31/2/2026,5" in path.read_text(encoding="utf-8-sig")
    mended(path, "2,Won,1/2/2026,20/2/2026,6", "2,Won,1/2/2026,20/2/2026,6")
    won = check_workspace(workspace).company.table("opportunities").filter(pl.col("amount") == 600)
    assert won["opportunity_id"].to_list() == ["2"]
