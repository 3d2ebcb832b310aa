"""Targets completed: what they are of, and when their period ends."""

from __future__ import annotations

import polars as pl

from spm_lib.model.columns import day_column

DEFAULT_METRIC = "won.amount"
_LONGEST_GAP = {"1mo": 45, "1q": 135}


def completed_targets(targets: pl.DataFrame, *, exponent: int) -> pl.DataFrame:
    """Fill the metric (won.amount) and the end of the period where they are not given.

    A period lasts a month, a quarter or a year: whichever is the shortest distance between two
    targets of one owner. Values of metrics that count things are plain numbers, not minor units.
    """
    counts = pl.col("metric").str.contains(r"\.count$")
    minor = 10**exponent
    frame = targets.with_columns(metric=pl.col("metric").fill_null(DEFAULT_METRIC))
    frame = frame.with_columns(
        value=pl.when(counts).then(pl.col("value") // minor).otherwise("value")
    )
    if not frame["period_end"].null_count():
        return frame
    end = pl.coalesce("period_end", pl.col("period_start").dt.offset_by(_length(frame)))
    return frame.with_columns(period_end=end).with_columns(
        pl.col("period_end").to_physical().cast(pl.Int64).alias(day_column("period_end"))
    )


def _length(targets: pl.DataFrame) -> str:
    starts = targets.select("rep_id", "team", "metric", "period_start").drop_nulls("period_start")
    ordered = starts.unique().sort("rep_id", "team", "metric", "period_start")
    same = pl.all_horizontal(
        pl.col(c).eq_missing(pl.col(c).shift(1)) for c in ("rep_id", "team", "metric")
    )
    days = pl.col("period_start").diff().dt.total_days()
    gap = ordered.select(pl.when(same).then(days).min().alias("gap"))["gap"].item()
    gap = 31 if gap is None else gap
    return next((name for name, most in _LONGEST_GAP.items() if gap <= most), "1y")
