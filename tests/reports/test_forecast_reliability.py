"""What came of the chances of deals, drawn: the record as it is, and where it is off."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import replace

import polars as pl
import pytest

from spm_lib.reports import ForecastPage
from spm_lib.reports.blocks import Chart

from .quick_forecast import quick

pytestmark = pytest.mark.slow  # the track record of whole companies


@pytest.fixture(scope="module", params=[pytest.param("en", marks=pytest.mark.proof), "he"])
def page(request: pytest.FixtureRequest, sample_workspace) -> ForecastPage:
    return quick(ForecastPage(str(sample_workspace), language=request.param))


@pytest.fixture(scope="module")
def chart(page: ForecastPage) -> Chart:
    return page.track_record().blocks[-1]  # type: ignore[return-value]


def test_every_class_is_drawn_with_its_interval_and_count(page, chart) -> None:
    told = page.outcome.reliability.to_dicts()
    rows = [dict(zip(chart.columns, row, strict=True)) for row in chart.data]
    assert [row["n"] for row in rows] == [t["deals"] for t in told]
    assert [row["said"] for row in rows] == pytest.approx([t["said"] for t in told])
    assert [row["came"] for row in rows] == pytest.approx([t["won"] / t["deals"] for t in told])
    assert all(row["low"] <= row["came"] <= row["high"] for row in rows)
    drawn = re.sub("[\u2066-\u2069]", "", chart.svg)
    assert all(f">{page.language.number(row['n'])}<" in drawn for row in rows)
    assert len({(f.metric, f.by["class"]) for f in chart.figures}) == 2 * len(rows)


def test_the_title_counts_the_classes_whose_interval_holds_the_chance(page) -> None:
    """Chances that were too large by a third: the farthest class is named."""
    classes = page.outcome.reliability
    third = pl.when(pl.int_range(pl.len()) < 2).then(1.0).otherwise(4 / 3)
    false = classes.with_columns(said=pl.min_horizontal(pl.col("said") * third, pl.lit(1.0)))
    other = copy(page)
    other.__dict__["outcome"] = replace(page.outcome, reliability=false)
    chart = other.track_record().blocks[-1]
    off = [t for t in false.to_dicts() if not t["came_low"] <= t["said"] <= t["came_high"]]
    worst = max(off, key=lambda t: abs(t["said"] - t["came"]))
    for share in (worst["said"], worst["came"]):
        assert page.language.percent(share, 0) in chart.title
    assert f"{false.height - len(off)}" in chart.title
    assert 0 < len(off) < false.height
    assert "#E69F00" in chart.svg
