"""How the pipeline changed, on the forecast page: it adds up as it is printed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from spm_lib.forecast.waterfall.words import NAMES
from spm_lib.reports import ForecastPage
from spm_lib.reports.blocks import Chart, Section, Table

pytestmark = pytest.mark.slow  # the track record of whole companies


@pytest.fixture(scope="module")
def section(sample_workspace: Path) -> Section:
    return ForecastPage(str(sample_workspace)).pipeline_changes()


def tables(section: Section) -> list[Table]:
    return [b for b in section.blocks if isinstance(b, Table)]


def test_the_deals_printed_add_up_to_their_bar_and_the_bars_to_the_end(section: Section) -> None:
    assert len(tables(section)) == 2, "all open deals, and those due in the coming quarter"
    for table in tables(section):
        bars: dict[str, Decimal] = {}
        deals: dict[str, Decimal] = defaultdict(Decimal)
        for row in table.rows:
            name, strong, amount = row[0].text, row[0].strong, row[-1]  # pyright: ignore
            value = Decimal(amount.figure.value or 0)  # pyright: ignore
            if strong:
                bars[name] = value
            else:
                deals[name] += value
        start, end = bars.pop(NAMES["start"]), bars.pop(NAMES["end"])
        assert start + sum(bars.values()) == end
        assert {n: v for n, v in bars.items() if v} == dict(deals)


def test_what_cannot_be_known_is_printed_as_such_and_never_as_0(section: Section) -> None:
    for table in tables(section):
        (deleted,) = [row for row in table.rows if row[0].text == NAMES["deleted"]]  # pyright: ignore
        assert deleted[-1].figure.value is None  # pyright: ignore
    charts = [b for b in section.blocks if isinstance(b, Chart)]
    assert len(charts) == 2
    for chart in charts:
        assert "not known" in chart.svg
        assert chart.alt == chart.title
        assert "rose from" in chart.title or "fell from" in chart.title


def test_another_first_day_can_be_asked_for(sample_workspace: Path) -> None:
    page = ForecastPage(str(sample_workspace))
    quarter = page.pipeline_changes("2026-06-30")
    used = [f for f in quarter.figures_used() if f.metric == "waterfall.start"]
    assert {str(f.window[0]) for f in used if f.window} == {"2026-07-01"}
