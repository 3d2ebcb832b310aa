"""Targets completed: what they are of, and when their period ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.columns import day_column
from spm_lib.model.notices import Notice

if TYPE_CHECKING:
    from spm_lib.model.company import Company

DEFAULT_METRIC = "won.amount"
NO_END = "no period end"
_OWNER = ("rep_id", "team", "metric")
_MONTH, _QUARTER = 45, 135  # the longest gap, in days, between the starts of such periods


def completed_targets(targets: pl.DataFrame, *, exponent: int) -> pl.DataFrame:
    """Fill the metric (won.amount); values of metrics that count are plain numbers."""
    counts = pl.col("metric").str.contains(r"\.count$")
    minor = 10**exponent
    frame = targets.with_columns(metric=pl.col("metric").fill_null(DEFAULT_METRIC))
    return frame.with_columns(
        value=pl.when(counts).then(pl.col("value") // minor).otherwise("value")
    )


def with_period_ends(targets: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Fill the end of periods that have none, by what was known at the end of ``day``.

    A period lasts a month, a quarter or a year: as told by the shortest distance between two
    targets of the same owner and metric that had begun by ``day``. Where there are no two, the end
    is unknown and the target is set aside.
    """
    if not targets["period_end"].null_count():
        return targets
    good = pl.col("set_aside").is_null()
    begun = targets.filter(good & (pl.col("period_start") <= day))
    starts = begun.select(*_OWNER, "period_start").unique().sort("period_start")
    days = pl.col("period_start").diff().dt.total_days().min().alias("_gap")
    gaps = starts.group_by(_OWNER).agg(days)
    joined = targets.join(gaps, on=_OWNER, how="left", nulls_equal=True, maintain_order="left")
    length = (
        pl.when(pl.col("_gap") <= _MONTH)
        .then(pl.lit("1mo"))
        .when(pl.col("_gap") <= _QUARTER)
        .then(pl.lit("1q"))
        .otherwise(pl.lit("1y"))
    )
    told = pl.when(pl.col("_gap").is_not_null()).then(pl.col("period_start").dt.offset_by(length))
    ended = joined.with_columns(period_end=pl.coalesce("period_end", told)).drop("_gap")
    aside = pl.when(pl.col("period_end").is_null()).then(pl.lit(NO_END))
    return ended.with_columns(
        pl.col("period_end").cast(pl.Int32).cast(pl.Int64).alias(day_column("period_end")),
        set_aside=pl.coalesce("set_aside", aside),
    )


def targets_without_end(company: Company) -> Iterator[Notice]:
    """Tell of targets whose period no other target of their owner tells the length of."""
    rows = company.full("targets").filter(pl.col("set_aside") == NO_END)
    if rows.height:
        yield Notice(
            "no_period_end",
            "targets",
            "period_end",
            (),
            rows.height,
            "{n:1 target has|{n:,} targets have} no period_end, and no two targets of their "
            "owner had begun that would tell how long a period lasts: they are set aside. Map "
            "period_end.",
            details={"n": rows.height},
        )
