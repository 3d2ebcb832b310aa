"""Deals without amounts or creation dates: the unknown is not 0, parts say what they count."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from spm_lib.core.language import language
from spm_lib.reports import FunnelPage, ManagerPage, RepPage
from spm_lib.reports.blocks import Section
from spm_lib.reps import explain_gaps

pytestmark = pytest.mark.slow

COLUMNS = {"amount": "amount", "created_at": "created"}
HEAD = """version = 1
[workspace]
id = "lacking"
name = "lacking"
currency = "USD"
timezone = "UTC"
as_of = "2026-09-30"
calendar = { country = "US" }
[stages]
open = ["Open"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns.opportunity_id = "id"
columns.rep_id = "owner"
columns.stage = "stage"
columns.closed_at = "closed"
"""


def written(folder: Path, *, without: str) -> Path:
    """Eight people with forty closed deals each; one column is not mapped."""
    rng = random.Random(4)
    with (folder / "deals.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "owner", "stage", "amount", "created", "closed"])
        for i in range(320):
            created = date(2024, 10, 1) + timedelta(rng.randrange(640))
            stage, closed = rng.choice(["Won", "Lost"]), created + timedelta(rng.randrange(5, 80))
            rows.writerow([i, f"A{i % 8}", stage, rng.randrange(1000, 9000), created, closed])
    kept = [f'columns.{to} = "{name}"\n' for to, name in COLUMNS.items() if to != without]
    path = folder / "spm.toml"
    path.write_text(HEAD + "".join(kept), encoding="utf-8")
    return path


def words_of(section: Section | None) -> str:
    assert section is not None
    return section.model_dump_json()


@pytest.mark.parametrize("tongue", ["en", "he"])
def test_without_amounts_no_money_is_told_and_that_is_said(tmp_path, tongue: str) -> None:
    path = str(written(tmp_path, without="amount"))
    page = RepPage(path, scope="rep:A1", language=tongue)
    text = language(tongue).text
    assert explain_gaps(page.company, against="past").frame.is_empty()
    said = text("The data has no amounts, so no gap of the won amount is told.")
    assert said in words_of(page.why())
    assert "won.amount" not in words_of(page.why())
    assert "gap." not in words_of(page.why())
    pages = (page, ManagerPage(path, language=tongue), FunnelPage(path, language=tongue))
    for made in pages:
        told = made.summary().model_dump_json()
        assert "won.amount" not in told
        assert "won.count" in told
    result = page.result()
    assert result is not None
    assert "won.amount" not in result.model_dump_json()


def test_without_creation_dates_the_part_is_named_by_the_deals_closed(tmp_path) -> None:
    path = str(written(tmp_path, without="created_at"))
    told = words_of(RepPage(path, scope="rep:A1").why())
    assert "Deals closed" in told
    assert "Deals in hand" not in told


def test_with_creation_dates_it_is_the_deals_in_hand(tmp_path) -> None:
    told = words_of(RepPage(str(written(tmp_path, without="")), scope="rep:A1").why())
    assert "Deals in hand" in told
    assert "won.amount" in told
