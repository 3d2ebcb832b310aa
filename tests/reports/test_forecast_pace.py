"""The part of the forecast page on the pace: what it prints adds up to what is missing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from spm_lib.reports import ForecastPage
from spm_lib.reports.blocks import Chart, Section, Table

from .quick_forecast import quick

pytestmark = pytest.mark.slow  # the track record of whole companies


@pytest.fixture(scope="module")
def section(sample_workspace: Path) -> Section:
    return quick(ForecastPage(str(sample_workspace))).pace()


def test_weeks_and_parts_add_up_to_what_is_missing(section: Section) -> None:
    known = {f.metric: f for f in section.figures_used()}
    missing = Decimal(known["pace.missing"].value or 0)
    weeks = {f.by["week"]: f for f in section.figures_used() if f.metric == "pace.week.needed"}
    assert sum(Decimal(f.value or 0) for f in weeks.values()) == missing
    parts = next(b for b in section.blocks if isinstance(b, Table) and b.title.startswith("Where"))
    *rows, whole = parts.rows
    needed = [Decimal(row[2].figure.value) for row in rows]  # type: ignore[union-attr, arg-type]
    assert sum(needed) == Decimal(whole[2].figure.value)  # type: ignore[union-attr, arg-type]
    expected = [Decimal(row[1].figure.value) for row in rows]  # type: ignore[union-attr, arg-type]
    together = Decimal(whole[1].figure.value)  # type: ignore[union-attr, arg-type]
    assert abs(sum(expected) - together) <= Decimal("0.02")


def test_each_week_is_a_bar_with_its_working_days(section: Section) -> None:
    (chart,) = [b for b in section.blocks if isinstance(b, Chart)]
    days = sum(row[2] for row in chart.data)  # type: ignore[misc]
    left = next(f for f in section.figures_used() if f.metric == "pace.days_left")
    assert str(days) == left.value
    assert "the one that must bring most" in chart.title
    assert chart.plot
    assert chart.plot.time == "week", "weeks never run from right to left"


def test_without_targets_the_page_says_what_is_lacking(bare_client: Path) -> None:
    (text,) = ForecastPage(str(bare_client)).pace().blocks
    assert text.sentences[0].text.endswith("not handed over: Targets.")  # type: ignore[union-attr]
