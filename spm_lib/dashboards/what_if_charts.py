"""The two charts of the what-if page at today's rates; the page then only replaces their rows."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.charts import attainment_distribution_chart, path_chart, vega_lite
from spm_lib.core.language import Language
from spm_lib.targets import Answer, Baseline

_WIDTH = 470


def what_if_charts(base: Baseline, today: Answer, language: Language) -> list[dict[str, Any]]:
    """Return the specifications: the odds of each attainment, and the way through the year."""
    text = language.text
    odds = attainment_distribution_chart(
        today.distribution(),
        quantile_rows(today),
        language=language,
        title=text("How likely each level of attainment is"),
        width=_WIDTH,
    )
    way = path_chart(
        today.path(),
        language=language,
        currency=base.currency,
        title=text("Bookings added up, month by month"),
        width=_WIDTH,
    )
    return [vega_lite(odds), vega_lite(way)]


def quantile_rows(answer: Answer) -> pl.DataFrame:
    """Return the attainment that one, five and nine in ten scenarios stay below."""
    marks = (("P10", 0.1), ("P50", 0.5), ("P90", 0.9))
    return pl.DataFrame(
        {"label": [n for n, _ in marks], "value": [answer.quantile(q) for _, q in marks]}
    )


def path_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the way through the year as the chart's rows."""
    path = answer.path()
    return path.with_columns(pl.col("month").dt.to_string("%Y-%m-%d")).to_dicts()
