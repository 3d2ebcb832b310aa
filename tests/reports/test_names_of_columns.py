"""Columns and tables are called by names in the reader's language, a client's own by their own."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.metrics import measure
from spm_lib.model import TABLES, Notice, open_company
from spm_lib.model.names import COLUMN_NAMES, TABLE_NAMES, column_heading, notice_text
from spm_lib.reports import FunnelPage, RepsPage
from spm_lib.reports.blocks import NoticeEntry, Notices, Section, Table, Text

from .conftest import TABLES as MADE
from .conftest import make_tables, write_workspace

HE = language("he")
IDS = {c.name for t in TABLES.values() for c in t.columns if "_" in c.name} | set(TABLE_NAMES)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deals with source, type, product and a column of the client's own."""
    folder = tmp_path_factory.mktemp("sold")
    path = write_workspace(folder, "opportunities", "reps")
    rows = make_tables()["opportunities"]
    for place, row in enumerate(rows):
        row["source"] = ["web", "fair", "call"][place % 3]
        row["type"] = ["new", "renewal"][place % 2]
        row["product_id"] = f"P{place % 4}"
        row["Segment"] = ["Big", "Small"][place // 2 % 2]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / "opportunities.csv")
    names = ["P0", "P1", "P2"]  # P3 is unknown to the table: a notice
    pl.DataFrame({"id": names, "name": [f"Chair {n}" for n in names]}).write_csv(folder / "p.csv")
    text = path.read_text(encoding="utf-8")
    columns = ', source = "source", type = "type", product_id = "product_id" }\nkeep = ["Segment"]'
    text = text.replace(', lost_reason = "lost_reason" }', columns, 1)
    text += '[tables.products]\npath = "p.csv"\ncolumns = { product_id = "id", name = "name" }\n'
    path.write_text(text, encoding="utf-8")
    assert MADE
    return path


def texts(section: Section) -> list[str]:
    found = [section.title]
    for block in section.blocks:
        if isinstance(block, Table):
            found += [block.title, *(column.title for column in block.columns)]
        if isinstance(block, Text):
            found += [sentence.text for sentence in block.sentences]
        if isinstance(block, Notices):
            found += [entry.text for entry in block.notices]
    return found


@pytest.mark.parametrize("tongue", ["en", "he"])
def test_the_page_of_people_prints_no_raw_column_ids(sold: Path, tongue: str) -> None:
    page = RepsPage(str(sold), language=tongue)
    summary = page.summary()
    said = [s.text for s in (*summary.happened, *summary.why, *summary.todo)]
    said += [*texts(page.mix()), *texts(page.notices())]
    raw = re.compile(r"\b(" + "|".join(sorted(IDS, key=len, reverse=True)) + r")\b")
    assert not [text for text in said if raw.search(text)]
    titles = [block.title for block in page.mix().blocks if isinstance(block, Table)]
    expected = {
        "en": {"Source", "Type of deal", "Product", "Segment"},
        "he": {"מקור", "סוג העסקה", "מוצר", "Segment"},
    }
    assert set(titles) == expected[tongue]


def test_products_are_shown_by_name_and_unknown_ones_by_id(sold: Path) -> None:
    page = RepsPage(str(sold), language="en")
    table = next(b for b in page.mix().blocks if isinstance(b, Table) and b.title == "Product")
    assert {column.title for column in table.columns[1:]} == {
        "Chair P0",
        "Chair P1",
        "Chair P2",
        "P3",
    }


@pytest.mark.parametrize(("tongue", "head"), [("en", "Lost reason"), ("he", "סיבת ההפסד")])
def test_any_metric_by_a_column_has_its_name_as_heading(small_client, tongue, head) -> None:
    page = FunnelPage(str(small_client), language=tongue)
    assert page.show("lost.count", by="lost_reason").columns[0].title == head
    rep = {"en": "Person", "he": "איש מכירות"}[tongue]
    assert page.show("won.count", by="rep_id").columns[0].title == rep


def test_every_column_that_groups_has_a_name_in_both_languages(small_client: Path) -> None:
    told = {c.name for t in TABLES.values() for c in t.columns if c.kind in ("id", "text")}
    assert told <= set(COLUMN_NAMES)
    assert set(TABLES) == set(TABLE_NAMES)
    for name in COLUMN_NAMES:
        assert re.search("[א-ת]", column_heading(name, HE)), name
        assert column_heading(name, language("en"))[0].isupper()
    co = open_company(small_client)
    with pytest.raises(Exception, match="rep_id"):  # refusals keep ids: they are what one types
        measure(co, "won.count", by="nonsense")


REASONS = (
    "11 fields where 9 are expected",
    "1 fields where 9 are expected",
    "quotes that do not fit",
)


def test_reasons_and_outcomes_of_notices_are_told_in_hebrew() -> None:
    message = (
        "{n:1 row|{n:,} rows} of {raw} could not be read ({values}). `spm check` writes them to a "
        "file that can be mended."
    )
    details = {"raw": "opportunities", "n": 3, "values": ", ".join(REASONS)}
    notice = Notice("quarantine", "opportunities", "", REASONS, 3, message, details=details)
    text = notice_text(notice, HE)
    assert "שדה אחד במקום 9" in text
    assert "11 שדות במקום 9" in text
    assert not re.search("fields|quotes|opportunities", text)
    assert "1 field where 9" in notice_text(notice, language("en"))


def test_the_notices_of_a_page_are_those_of_the_company(sold: Path) -> None:
    page = RepsPage(str(sold), language="he")
    (block,) = page.notices().blocks
    assert isinstance(block, Notices)
    entries = {entry.column for entry in block.notices if isinstance(entry, NoticeEntry)}
    assert "product_id" in entries, "the column itself is told beside the words"
    assert len(block.notices) == len(page.company.notices)
