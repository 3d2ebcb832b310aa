"""Durations in days: medians and quartiles with order-statistic intervals, and Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
from scipy.special import bdtr

from spm_lib.metrics.statistic import LEVEL, Statistic
from spm_lib.stats import kaplan_meier, km_quantile, km_quantile_interval


@cache
def interval_rank(n: int, quantile: float) -> tuple[int, int] | None:
    """Return the ranks (from 1) of the order statistics that enclose a quantile at 95 %.

    None where n is too small for any such interval (for the median: below 6).
    Source: Conover, Practical Nonparametric Statistics (1999), section 3.2.

    Examples
    --------
    >>> interval_rank(10, 0.5)
    (2, 9)
    >>> interval_rank(5, 0.5) is None
    True
    """
    tail = (1 - LEVEL) / 2
    below = bdtr(np.arange(n + 1), n, quantile)
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return (low, high) if low >= 1 and high <= n else None


def _spread(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return one row per duration, out of cells that count equal durations."""
    columns = [*by, "_value"]
    return cells.select(pl.col(c).repeat_by("_rows") for c in columns).explode(columns)


def _nth(ranks: pl.Expr) -> pl.Expr:
    return pl.col("_days").list.get(ranks - 1, null_on_oob=True).cast(pl.Float64)


def quantile_of(quantile: float) -> Statistic:
    """Return the quantile of ``_value`` (linear between order statistics), median for 0.5."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        days = _spread(cells.filter(pl.col("_value").is_not_null()), by)
        aggregates = (
            pl.col("_value").quantile(quantile, "linear").cast(pl.Float64).alias("_quantile"),
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("_value").sort().alias("_days"),
        )
        grouped = (
            days.group_by(by, maintain_order=True).agg(*aggregates)
            if by
            else days.select(*(a.implode() if i == 2 else a for i, a in enumerate(aggregates)))
        )
        return _with_bounds(grouped, quantile=quantile).rename({"_quantile": "value"})

    return Statistic(f"quantile {quantile:g}", finish, keys=("_value",))


def _with_bounds(grouped: pl.DataFrame, *, quantile: float) -> pl.DataFrame:
    ranks = [interval_rank(n, quantile) or (None, None) for n in grouped["n"]]
    low = pl.Series("_low", [r[0] for r in ranks], dtype=pl.Int64)
    high = pl.Series("_high", [r[1] for r in ranks], dtype=pl.Int64)
    return (
        grouped.with_columns(low, high)
        .with_columns(low=_nth(pl.col("_low")), high=_nth(pl.col("_high")))
        .drop("_low", "_high", "_days")
    )


def survival_curve(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the Kaplan-Meier curve of counted durations (see ``stats.kaplan_meier``).

    Columns in: _value (days), _observed (1 ended, 0 still going on), _rows. Columns out: time
    (days), at_risk, events, censored, survival, low, high.
    """
    counted = cells.filter(pl.col("_value").is_not_null())
    days = np.repeat(counted["_value"].to_numpy(), counted["_rows"].to_numpy())
    ended = np.repeat(counted["_observed"].to_numpy(), counted["_rows"].to_numpy())
    return kaplan_meier(days, ended == 1)


def censored_quantile(quantile: float) -> Statistic:
    """Return the Kaplan-Meier quantile of ``_value`` (days), ``_observed`` 0 where it goes on."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        groups = cells.partition_by(by, maintain_order=True) if by else [cells]
        rows = [
            {**{c: group[c][0] for c in by}, **_censored(group, quantile)}
            for group in groups
            if len(group)
        ]
        schema = {c: cells.schema[c] for c in by}
        values = {"value": pl.Float64, "n": pl.Int64, "low": pl.Float64, "high": pl.Float64}
        return pl.DataFrame(rows, schema={**schema, **values, "ended": pl.Int64})

    return Statistic(f"Kaplan-Meier quantile {quantile:g}", finish, keys=("_value", "_observed"))


def _censored(cells: pl.DataFrame, quantile: float) -> dict[str, float | int | None]:
    curve = survival_curve(cells)
    low, high = km_quantile_interval(curve, quantile)
    return {
        "value": km_quantile(curve, quantile),
        "n": int(cells["_rows"].sum()),
        "low": low,
        "high": high,
        "ended": int(curve["events"].sum()),
    }
