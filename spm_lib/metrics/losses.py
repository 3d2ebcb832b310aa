"""Why deals were lost: each reason's share of the lost deals."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.deals import OPPORTUNITY_DIMENSIONS, outcome_is
from spm_lib.metrics.definition import Context, Measure, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.statistic import COUNT, wilson_columns
from spm_lib.model.registry import MetricId


def _lost(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(when_first(*outcome_is("lost")).alias("_left_out"))


def _shares(frame: pl.DataFrame, _context: Context) -> pl.DataFrame:
    """Divide the deals of each reason by all lost deals of the same group and period."""
    groups = [c for c in frame.columns if c not in (*FIXED, "lost_reason", "_row")]
    counted = frame.drop("value", "n", "low", "high").with_columns(
        _numerator=pl.col("used"),
        _denominator=pl.col("used").sum().over(groups) if groups else pl.col("used").sum(),
    )
    return wilson_columns(counted).drop("_denominator").rename({"_numerator": "deals"})


LOST_REASON_SHARE = declare(
    Measure(
        MetricId(
            id="lost.reason.share",
            name="Lost reasons",
            formula="Lost for the reason / all lost",
            numerator="Number of deals lost in the window for the reason",
            denominator="Number of deals lost in the window",
            unit="ratio",
            date_field="closed_on",
            null_rule="Null where no deal was lost.",
            table="opportunities",
            room="metrics",
            source="Wilson 1927; Brown, Cai and DasGupta 2001 (interval).",
            reading="The row without a reason holds lost deals for which none was given.",
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        COUNT,
        _lost,
        date="closed_day",
        always_by=("lost_reason",),
        finish=_shares,
    )
)
