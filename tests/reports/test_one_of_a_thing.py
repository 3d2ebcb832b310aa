"""One deal is one deal, a stage without old deals has 0 of them, and no name stands twice."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.language import language
from spm_lib.reports import FunnelPage
from spm_lib.reports.blocks import Table

from .conftest import write_workspace

DEALS = [
    ("D1", "R1", 1000, "Won", "2026-05-01", "2026-06-01", "2026-06-01"),
    ("D2", "R1", 2000, "Lead", "2026-05-01", "", "2026-08-01"),
]
NAMES = ["opportunity_id", "rep_id", "amount", "stage", "created_at", "closed_at", "expected_close"]


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One won deal and one open and overdue; a line of the file that cannot be read."""
    folder = tmp_path_factory.mktemp("lonely")
    path = write_workspace(folder, "opportunities")
    text = path.read_text(encoding="utf-8").replace(', lost_reason = "lost_reason"', "")
    path.write_text(text, encoding="utf-8")
    rows = [
        ",".join(NAMES),
        *(",".join(map(str, deal)) for deal in DEALS),
        "D3,R1,5,Lead,1,2,3,4,5",
    ]
    (folder / "opportunities.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("tongue", "plural"),
    [
        ("en", r"\b1 (decided |open |won |lost )?(deals|people|rows|orders)\b"),
        ("he", r"\b1 (עסקאות|אנשים|שורות|הזמנות|הפסדים)|ל-1 |ב-1 "),
    ],
)
def test_one_deal_is_not_told_as_deals(lonely: Path, tongue: str, plural: str) -> None:
    page = FunnelPage(str(lonely), language=tongue)
    summary, tiles = page.summary(), page.key_figures()
    said = [s.text for s in (*summary.happened, *summary.why, *summary.todo)]
    said += [tile.note for tile in tiles.tiles]
    said += [page.text(n.message, **n.details) for n in page.company.notices]
    assert len(said) >= 6
    assert not [text for text in said if re.search(plural, text)]
    one = {"en": "1 open deal worth", "he": "עסקה פתוחה אחת בסך"}[tongue]
    assert [text for text in said if one in text], "and it is told"


def test_no_notice_names_its_table_twice(lonely: Path) -> None:
    english = language("en")
    told = [english.text(n.message, **n.details) for n in spm_lib.open(lonely).notices]
    unread = next(text for text in told if "could not be read" in text)
    assert unread.startswith("1 row of opportunities could not be read")
    assert not [text for text in told if re.match(r"(\w+): \1:", text)]


def test_a_band_of_ages_without_deals_says_0(small_client: Path) -> None:
    page = FunnelPage(str(small_client), language="en")
    table = next(b for b in page.pipeline().blocks if isinstance(b, Table))
    deals = page.company.table("opportunities").filter(pl.col("outcome") == "open")
    days = (pl.lit(page.company.as_of) - pl.col("created_on")).dt.total_days()
    for row in table.rows:
        ages = deals.filter(pl.col("stage") == row[0].text).select(days).to_series()
        bands = [(-1, 30), (30, 90), (90, 180), (180, 10**6)]
        truth = [ages.filter((ages > low) & (ages <= high)).len() for low, high in bands]
        assert [cell.shown for cell in row[3:]] == [str(n) for n in truth]
    assert "0" in [cell.shown for row in table.rows for cell in row[3:]]
