"""Where there is nothing to draw the page says so in words; where a column lacks it names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.reports import FunnelPage, build_document
from spm_lib.reports.blocks import Block, Chart, Section, Table, Text
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pages.page import Page

from .conftest import TABLES, write_workspace
from .test_pages import CALLS, END, in_turn

pytestmark = pytest.mark.slow


def inside(block: Block) -> Iterator[Block]:
    yield block
    for inner in block.blocks if isinstance(block, Section) else ():
        yield from inside(inner)


def blocks_of(page: Page) -> list[Block]:
    made = [getattr(page, name)() for name in ("cover", *CALLS[type(page)], *END)]
    return [inner for block in made if block is not None for inner in inside(block)]


@pytest.fixture(scope="module")
def untargeted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with all tables but targets, which would be drawn where nothing was won."""
    names = [name for name in TABLES if name != "targets"]
    return write_workspace(tmp_path_factory.mktemp("untargeted"), *names)


@in_turn
def test_before_all_deals_nothing_is_drawn(kind: type[Page], tongue: str, untargeted) -> None:
    page = kind(str(untargeted), as_of="2024-04-02", language=tongue)
    found = blocks_of(page)
    assert not [block for block in found if isinstance(block, Chart)]
    html = render_document(build_document(found, title="page"))
    assert "<svg" not in html


def test_what_is_not_drawn_is_said(untargeted: Path) -> None:
    page = FunnelPage(str(untargeted), as_of="2024-04-02", language="en")
    said = [s.text for b in blocks_of(page) if isinstance(b, Text) for s in b.sentences]
    for text in (
        "No deal was created in this time",
        "Nothing was won in this time",
        "No deal was lost in this time",
    ):
        assert text in said
    assert not [text for text in said if "Too few deals" in text]


@pytest.fixture(scope="module")
def undated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bare deals without the day on which they were created."""
    path = write_workspace(tmp_path_factory.mktemp("undated"), "opportunities")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('created_at = "created_at", ', ""), encoding="utf-8")
    return path


@pytest.mark.parametrize("tongue", ["en", "he"])
def test_without_the_day_of_creation_it_is_said(undated: Path, tongue: str) -> None:
    page = FunnelPage(str(undated), language=tongue)
    for part in (page.funnel(), page.cohorts()):
        (text,) = part.blocks
        assert isinstance(text, Text)
        assert text.tone == "missing"
        said = "The data does not say when deals were created, and this part goes by it."
        assert text.sentences[0].text == language(tongue).text(said)
    (chart, table) = page.months_won_and_lost().blocks
    assert isinstance(chart, Chart)
    assert isinstance(table, Table)
    told = " ".join(s.text for s in (*page.summary().why, *page.summary().todo))
    assert not re.search("narrowest|stage are lost|הצרה ביותר", told)


def test_a_history_tells_the_day_of_creation(tmp_path: Path) -> None:
    path = write_workspace(tmp_path, "opportunities", "stage_events")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('created_at = "created_at", ', ""), encoding="utf-8")
    assert [b for b in inside(FunnelPage(str(path)).funnel()) if isinstance(b, Chart)]


def test_a_chart_of_zeros_is_words_and_one_of_a_single_number_is_drawn(small_client) -> None:
    import altair as alt

    page = FunnelPage(str(small_client), language="en")
    drawn = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q")
    rows = {"name": ["a"], "value": [0], "rate": [float("nan")], "set_aside": [7]}
    empty = page.chart(drawn, title="Nothing at all", data=pl.DataFrame(rows))
    assert isinstance(empty, Text)
    assert empty.sentences[0].text == "Nothing at all"
    some = page.chart(drawn, title="One", data=pl.DataFrame({**rows, "n": [1]}))
    assert isinstance(some, Chart)
