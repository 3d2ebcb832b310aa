"""The segments page: what it names, what it withholds, and money that agrees with the tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from spm_lib.reports import SegmentsPage
from spm_lib.reports.blocks import Chart, Section, Table, Text
from spm_lib.reports.cells import Number

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(sample_workspace: Path) -> SegmentsPage:
    return SegmentsPage(str(sample_workspace), language="en")


def texts(section: Section) -> list[str]:
    return [s.text for b in section.blocks if isinstance(b, Text) for s in b.sentences]


def test_only_what_can_be_told_apart_is_put_above(page: SegmentsPage) -> None:
    titles = [b.title for b in page.side_by_side().blocks if isinstance(b, Chart)]
    assert any("Enterprise" in title and "above" in title for title in titles)
    assert not any("Mid-Market" in title for title in titles), "it shares a letter with the first"
    idle = SegmentsPage(str(page.company.settings.path), language="en", by="type").side_by_side()
    (chart,) = [b for b in idle.blocks if isinstance(b, Chart)]
    assert "cannot be told apart" in chart.title


def test_costs_are_those_of_the_ledger(page: SegmentsPage) -> None:
    section = page.returns()
    ledger = next(b for b in section.blocks if isinstance(b, Table))
    costs = page.company.table("costs").filter(
        (pl.col("period_start") >= page.window.start) & (pl.col("period_start") < page.window.end)
    )
    told = [row[2] for row in ledger.rows]
    printed = [float(c.figure.value or 0) for c in told if isinstance(c, Number)]
    assert sum(printed) == pytest.approx(costs["amount"].sum() / 100)
    assert any("incentives and training" in text for text in texts(section))
    assert any("gross profit cannot be told" in text for text in texts(section))


def test_a_pair_of_columns_and_a_small_scope(sample_workspace: Path) -> None:
    pair = SegmentsPage(str(sample_workspace), language="he", by="Segment+Region").side_by_side()
    tables = [b for b in pair.blocks if isinstance(b, Table)]
    assert [len(table.rows) for table in tables] == [12, 12, 12]
    for worth in tables[1:]:
        for _, value, ends, *_ in worth.rows:
            assert isinstance(value, Number)
            assert isinstance(ends, Number)
            assert ends.part == "interval"
            assert float(ends.figure.low or 0) < float(value.figure.value or 0)
    alone = SegmentsPage(str(sample_workspace), language="en", scope="rep:R04")
    found = [alone.differences(), alone.customers(), alone.whitespace(), alone.returns()]
    assert sum(any("cannot be told" in t for t in texts(s)) for s in found) >= 1
    assert alone.summary().happened
