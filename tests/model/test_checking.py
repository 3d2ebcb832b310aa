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
