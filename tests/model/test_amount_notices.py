"""Open deals without an amount, amounts below nothing, rows that are totals: told, never silent."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.model import Notice

FILE = """version = 1
[workspace]
id = "w"
name = "W"
currency = "ILS"
[stages]
open = ["ליד"]
won = ["זכייה"]
lost = ["הפסד"]
[tables.opportunities]
path = "deals.csv"
dates = "iso"
columns = { opportunity_id = "Id", amount = "Sum", stage = "Stage", created_at = "Created" }
"""
ROWS = [
    "1,100,ליד,2026-01-01", "2,,ליד,2026-01-02", "3,,הפסד,2026-01-03",
    "4,(500),זכייה,2026-01-04", "5,-7,ליד,2026-01-05",
]  # fmt: skip


def told(folder: Path, rows: list[str], *, text: str = FILE) -> dict[str, Notice]:
    (folder / "spm.toml").write_text(text, encoding="utf-8")
    content = "\n".join(["Id,Sum,Stage,Created", *rows]) + "\n"
    (folder / "deals.csv").write_text(content, encoding="utf-8")
    return {notice.kind: notice for notice in spm_lib.open(folder / "spm.toml").notices}


def test_open_deals_without_an_amount_are_told(tmp_path: Path) -> None:
    notice = told(tmp_path, ROWS)["open_without_amount"]
    assert notice.rows == 1
    assert "1 of 3 open deals has no amount" in str(notice)


def test_the_last_amount_known_counts_where_the_row_has_none(tmp_path: Path) -> None:
    text = (
        FILE
        + """[tables.stage_events]
path = "moves.csv"
dates = "iso"
columns = { opportunity_id = "Id", entered_at = "On", stage = "To", amount = "Sum" }
"""
    )
    moves = ["2,2026-01-02,ליד,10", "2,2026-01-09,ליד,25.50", "1,2026-01-01,ליד,7"]
    content = "\n".join(["Id,On,To,Sum", *moves]) + "\n"
    (tmp_path / "moves.csv").write_text(content, encoding="utf-8")
    rows = [ROWS[0], ROWS[1], "5,,ליד,2026-01-05"]
    notices = told(tmp_path, rows, text=text)
    notice = notices["amount_from_history"]
    assert (notice.rows, notice.amount, notice.values) == (1, 25_50, ("2",))
    assert notices["open_without_amount"].rows == 1
    company = spm_lib.open(tmp_path / "spm.toml")
    assert company.table("opportunities")["amount"].to_list() == [100_00, 25_50, None]


@pytest.mark.parametrize("text", [FILE, FILE.replace('amount = "Sum", ', "")])
def test_amounts_that_nobody_keeps_are_no_notice(tmp_path: Path, text: str) -> None:
    rows = [row.replace(",100,", ",,") for row in ROWS[:3]]
    assert not {"open_without_amount", "negative_amount"} & {*told(tmp_path, rows, text=text)}


def test_negative_amounts_are_told_with_their_money(tmp_path: Path) -> None:
    notice = told(tmp_path, ROWS)["negative_amount"]
    assert (notice.rows, notice.amount, notice.values) == (2, -507_00, ("4", "5"))
    assert "(1 of them won): 4, 5" in str(notice)


@pytest.mark.parametrize("word", ['"סה""כ"', "סה״כ", "Grand Total", "סך הכל", "TOTAL:"])
def test_a_row_of_totals_is_told_by_its_line(tmp_path: Path, word: str) -> None:
    notice = told(tmp_path, [*ROWS, f"{word},1000,,"])["total_row"]
    assert (notice.rows, notice.values) == (1, ("7",))


def test_a_word_of_many_rows_and_a_customer_total_are_no_totals(tmp_path: Path) -> None:
    assert "total_row" not in told(tmp_path, [*ROWS, "Total Ltd,5,ליד,2026-01-06"])
    many = [f"{n},5,ליד,2026-01-06" for n in range(10, 20)]
    text = FILE.replace("created_at", 'source = "Kind", created_at')
    (tmp_path / "x").mkdir()
    rows = [f"{row},total" for row in [*ROWS, *many]]
    content = "\n".join(["Id,Sum,Stage,Created,Kind", *rows]) + "\n"
    (tmp_path / "x" / "spm.toml").write_text(text, encoding="utf-8")
    (tmp_path / "x" / "deals.csv").write_text(content, encoding="utf-8")
    kinds = {notice.kind for notice in spm_lib.open(tmp_path / "x" / "spm.toml").notices}
    assert "total_row" not in kinds
