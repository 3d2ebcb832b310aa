"""Segments side by side: win rate, cycle, deal size, velocity and effort, with intervals and n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.metrics import Measured, measure
from spm_lib.metrics.velocity_intervals import velocity_intervals
from spm_lib.model import Company
from spm_lib.stats import lettered_shares, ratio_of_sums

MEASURES = {
    "win_rate": "win_rate.closed.count",
    "won": "won.count",
    "amount": "won.amount",
    "size": "deal.mean_amount",
    "cycle": "cycle.won.median_days",
    "velocity": "velocity",
}


@dataclass(frozen=True, eq=False)
class SegmentComparison:
    """What may be said of the values of a column, or of a pair of columns, side by side.

    Attributes
    ----------
    table
        One row per segment: the ``by`` columns (null: not filled), ``n`` decided deals, ``won,
        rate``, ``shrunk, low, high`` (partially pooled win rate), ``group`` (letters: two segments
        that share one cannot be told apart; "" where nothing is ranked), ``size, size_low,
        size_high`` (Int64 minor units), ``cycle, cycle_low, cycle_high`` (median days),
        ``velocity, velocity_low, velocity_high`` (minor units per day), ``amount`` (won),
        ``activities`` and ``activity_share`` with ``activity_low, activity_high`` (null without
        activities of deals). Ordered by the pooled rate where that may be done, else by name.
    p
        Chance that luck alone spreads the win rates so far; null with a single segment.
    measured
        The metrics that the table was read from, with their receipts.
    """

    by: tuple[str, ...]
    table: pl.DataFrame
    p: float | None
    measured: dict[str, Measured] = field(repr=False)

    @property
    def ranked(self) -> bool:
        """Whether the segments may be put in an order by win rate."""
        return bool((self.table["group"] != "").any())


def compare_segments(
    company: Company, by: str | Sequence[str], *, window: Window | str | None = None
) -> SegmentComparison:
    """Compare the values of a column of deals, or of a pair of columns.

    Parameters
    ----------
    by
        One or two columns, as ``measure`` takes them: of the deals, of their customers or products.
    window
        When the deals were closed; default: the twelve whole months that end at as_of.

    Raises
    ------
    DataError
        If no deal was won or lost in the window.
    """
    names = [by] if isinstance(by, str) else list(by)
    wanted = window or company.default_window()
    measured = {k: measure(company, m, by=names, window=wanted) for k, m in MEASURES.items()}
    rates = measured["win_rate"].frame.filter(pl.col("n") > 0)
    if not rates.height:
        raise DataError(
            "There are no segments to compare: no deal was won or lost in the window.",
            found=f"as of {company.as_of}",
            do="Choose a longer window",
        )
    table = rates.select(*names, "n", won=(pl.col("value") * pl.col("n")).round().cast(pl.Int64))
    table, p = _pooled(table)
    for key in ("size", "cycle", "velocity", "amount"):
        table = table.join(
            _columns_of(measured[key], key, names), on=names, how="left", nulls_equal=True
        )
    ends = velocity_intervals(company, names, window=wanted)
    table = table.join(ends, on=names, how="left", nulls_equal=True)
    table = table.join(_effort(company, names, wanted), on=names, how="left", nulls_equal=True)
    made = SegmentComparison(tuple(names), table.sort(names, nulls_last=True), p, measured)
    if not made.ranked:
        return made
    ordered = made.table.sort("shrunk", descending=True, maintain_order=True)
    return replace(made, table=ordered)


def _pooled(table: pl.DataFrame) -> tuple[pl.DataFrame, float | None]:
    told = lettered_shares(table["won"].to_numpy(), table["n"].to_numpy())
    return table.with_columns(
        rate=pl.col("won") / pl.col("n"),
        shrunk=told.pooled.shrunk,
        low=told.pooled.low,
        high=told.pooled.high,
        group=pl.Series(told.letters, dtype=pl.String),
    ), told.p


def _columns_of(made: Measured, key: str, names: list[str]) -> pl.DataFrame:
    ends = {f"{key}_{end}": end for end in ("low", "high")} if key in ("size", "cycle") else {}
    return made.frame.select(
        *names, pl.col("value").alias(key), **{k: pl.col(v) for k, v in ends.items()}
    )


def _effort(company: Company, names: list[str], window: Window | str) -> pl.DataFrame:
    """Return how many activities on deals each segment took, and its share with its interval.

    The share's error is that between deals: activities of one deal go together.
    """
    schema = {"activities": pl.Int64, "activity_share": pl.Float64, "activity_low": pl.Float64,
              "activity_high": pl.Float64}  # fmt: skip
    if not company.has("activities", "opportunity_id"):
        return _empty(company, names, schema)
    made = measure(company, "activity.count", by=[*names, "opportunity_id"], window=window)
    deals = company.table("opportunities").select("opportunity_id")
    per_deal = made.frame.filter(pl.col("value") > 0).join(
        deals, on="opportunity_id", how="semi", maintain_order="left"
    )
    if not per_deal.height:
        return _empty(company, names, schema)
    rows, counts = [], per_deal["value"].to_numpy()
    for key, part in per_deal.with_row_index("_at").group_by(names, maintain_order=True):
        own = np.zeros(per_deal.height)
        own[part["_at"].to_numpy()] = part["value"].to_numpy()
        found = ratio_of_sums(own, counts)
        ends = (found.low, found.high)
        rows.append((*key, int(own.sum()), found.value,
                     *(None if e is None else min(max(e, 0.0), 1.0) for e in ends)))  # fmt: skip
    kinds = {name: per_deal.schema[name] for name in names} | schema
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _empty(company: Company, names: list[str], schema: dict) -> pl.DataFrame:
    kinds = measure(company, "won.count", by=names).frame.schema
    return pl.DataFrame(schema={name: kinds[name] for name in names} | schema)
