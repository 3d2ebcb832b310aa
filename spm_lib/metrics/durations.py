"""Durations in days: medians and quartiles with order-statistic intervals, and Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from spm_lib.core import special
from spm_lib.core.in_one_go import in_one_go
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
    middle, spread = n * quantile, (n * quantile * (1 - quantile)) ** 0.5
    first = max(0, int(middle - 10 * spread) - 10)  # further out there is nothing to be found
    last = min(n, int(middle + 10 * spread) + 10)
    below = special.bdtr(np.arange(first, last + 1), n, quantile)
    low = first + int(np.searchsorted(below, tail, side="right"))
    high = first + int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return (low, high) if low >= 1 and high <= n else None


_RANKS = ("_below", "_above", "_low", "_high")


def quantile_of(quantile: float) -> Statistic:
    """Return the quantile of ``_value`` (linear between order statistics), median for 0.5."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        days = cells.lazy().filter(pl.col("_value").is_not_null()).with_columns(_all=0)
        keys = [*by, "_all"]
        number = pl.col("_rows").sum().cast(pl.Int64)
        sizes = in_one_go(days.group_by(keys, maintain_order=True).agg(n=number))
        ranked = sizes.lazy().with_columns(_ranks(sizes["n"], quantile=quantile))
        at = {r: pl.col("_value").filter(pl.col("_upto") >= pl.col(r)).first() for r in _RANKS}
        found = (
            _with_places(days, keys)
            .join(ranked, on=keys, how="left", nulls_equal=True, maintain_order="left")
            .group_by(keys, maintain_order=True)
            .agg(*(at[rank].cast(pl.Float64).alias(rank) for rank in _RANKS))
        )
        place = (pl.col("n") - 1) * quantile
        between = (place - place.floor()) * (pl.col("_above") - pl.col("_below"))
        return in_one_go(
            sizes.lazy()
            .join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")
            .select(
                *by,
                (between + pl.col("_below")).alias("value"),
                "n",
                pl.col("_low").alias("low"),
                pl.col("_high").alias("high"),
            )
        )

    return Statistic(f"quantile {quantile:g}", finish, keys=("_value",))


def _with_places(days: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Return equal durations counted once, in order, with how many of their group come up to them.

    Columns out: the keys, _value, _upto.
    """
    counted = days.group_by([*keys, "_value"]).agg(pl.col("_rows").sum()).sort("_value")
    return counted.select(*keys, "_value", _upto=pl.col("_rows").cum_sum().over(keys))


def _ranks(sizes: pl.Series, *, quantile: float) -> list[pl.Series]:
    """Return the ranks (from 1) between which a quantile lies, and those of its interval."""
    places = [(n - 1) * quantile for n in sizes]
    bounds = [interval_rank(n, quantile) or (None, None) for n in sizes]
    ranks = (
        [int(np.floor(place)) + 1 for place in places],
        [int(np.ceil(place)) + 1 for place in places],
        [low for low, _ in bounds],
        [high for _, high in bounds],
    )
    return [pl.Series(r, of, dtype=pl.Int64) for r, of in zip(_RANKS, ranks, strict=True)]


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
