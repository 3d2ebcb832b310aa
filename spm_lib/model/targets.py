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
BASIS_POINTS = 10_000  # of a ratio's target in the table: hundredths of a per cent
_RATIO = r"^(win_rate|stage_conversion)\."
_COUNT = r"\.count(:.*)?$"  # perhaps a part of it, such as activity.count:call
_OWNER = ("rep_id", "team", "metric")
_MONTH, _QUARTER = 45, 135  # the longest gap, in days, between the starts of such periods


def completed_targets(targets: pl.DataFrame, *, exponent: int) -> pl.DataFrame:
    """Fill the metric (won.amount); counts are plain numbers, ratios hundredths of a per cent."""
    value, minor = pl.col("value"), 10**exponent
    per_cent = BASIS_POINTS // 100
    frame = targets.with_columns(metric=pl.col("metric").fill_null(DEFAULT_METRIC))
    return frame.with_columns(
        value=pl.when(is_ratio())
        .then(value * per_cent // minor)
        .when(is_count())
        .then(value // minor)
        .otherwise(value)
    )


def is_ratio() -> pl.Expr:
    """Whether a target of the column ``metric`` is of a share, told in per cent."""
    return pl.col("metric").str.contains(_RATIO)


def is_count() -> pl.Expr:
    """Whether a target of the column ``metric`` is of a count, or of one part of it.

    Examples
    --------
    >>> told = ["activity.count:call", "won.count", "won.amount", "win_rate.closed.count"]
    >>> pl.DataFrame({"metric": told}).select(is_count()).to_series().to_list()
    [True, True, False, False]
    """
    return pl.col("metric").str.contains(_COUNT) & ~is_ratio()


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
