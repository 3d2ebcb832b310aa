"""Statistics: how counted cells become value, n and interval, group by group.

A *cell* is what the engine returns: one row per group (and per key of the statistic) with ``_rows``
and the sums the statistic asked for. Everything here works on these small frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core import special
from spm_lib.stats import wilson

LEVEL = 0.95
SQUARES = ("_nn", "_nd", "_dd", "_below")
Finish = Callable[[pl.DataFrame, Sequence[str]], pl.DataFrame]


@dataclass(frozen=True)
class Statistic:
    """What the engine adds up (``sums``), counts apart (``keys``), and how a value is made of it.

    ``finish(cells, by)`` returns one row per group: by..., value, n, low, high (+ more columns).
    ``empty`` is the value of a group without any row: 0 for counts and sums, null for all others.
    ``squares`` asks for the sums of squares that intervals of means and weighted ratios need.
    ``counts`` says that what is added up is 0 or 1 in each row, or as small: no sum of it is too
    large.
    """

    name: str
    finish: Finish
    sums: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    empty: int | None = None
    squares: bool = False
    whole: bool = False
    counts: bool = False


def _grouped(cells: pl.DataFrame, by: Sequence[str], *aggregates: pl.Expr) -> pl.DataFrame:
    if by:
        return cells.group_by(by, maintain_order=True).agg(*aggregates)
    return cells.select(*aggregates)


def _without_interval(frame: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.Float64)
    return frame.with_columns(low=nothing, high=nothing)


def _count(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    rows = pl.col("_rows").sum()
    return _without_interval(_grouped(cells, by, rows.alias("value"), rows.alias("n")))


def _sum(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    total = pl.col("_numerator").sum().alias("value")
    return _without_interval(_grouped(cells, by, total, pl.col("_rows").sum().alias("n")))


def _share(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    sums = _grouped(cells, by, pl.col("_numerator").sum(), pl.col("_denominator").sum())
    return wilson_columns(sums).drop("_numerator", "_denominator")


def wilson_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Add value, n, low, high of ``_numerator / _denominator`` (counts) by Wilson's interval.

    All four are null where the denominator is 0, but for n. Source: Wilson 1927; Brown, Cai and
    DasGupta 2001.
    """
    hits = frame["_numerator"].to_numpy().astype(float)
    trials = frame["_denominator"].to_numpy().astype(float)
    low, high = wilson(hits, trials)
    return frame.with_columns(
        value=_ratio(hits, trials),
        n=pl.col("_denominator").cast(pl.Int64),
        low=_null_nan(low),
        high=_null_nan(high),
    )


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> pl.Series:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(denominator == 0, np.nan, numerator / denominator)
    return _null_nan(ratio)


def _null_nan(values: np.ndarray) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64, nan_to_null=True)


def _weighted(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    names = ("_numerator", "_denominator", *SQUARES, "_rows")
    return _linearised(_grouped(cells, by, *(pl.col(name).sum() for name in names)))


def _linearised(sums: pl.DataFrame) -> pl.DataFrame:
    """Add the ratio of two sums with its linearised t interval; null bounds without a spread.

    Where no row is below 0 (``_below`` counts those that are), neither is the lower bound.

    Source: Cochran, Sampling Techniques (1977), chapter 6, ratio estimator.
    """
    top, bottom, n = (
        sums[c].to_numpy().astype(float) for c in ("_numerator", "_denominator", "_rows")
    )
    nn, nd, dd = (sums[c].cast(pl.Float64).to_numpy() for c in ("_nn", "_nd", "_dd"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(bottom == 0, np.nan, top / bottom)
        left = nn - 2 * ratio * nd + ratio**2 * dd
        left = np.where(left <= 1e-9 * np.maximum(nn, 1e-300), np.nan, left)
        error = np.sqrt(n / (n - 1) * left) / np.abs(bottom)
        half = error * special.stdtrit(np.maximum(n - 1, 1), 0.5 + LEVEL / 2)
    low = np.where(sums["_below"].to_numpy() > 0, ratio - half, np.maximum(ratio - half, 0))
    return sums.drop("_numerator", "_denominator", *SQUARES, "_rows").with_columns(
        value=_null_nan(ratio),
        n=pl.Series(n, dtype=pl.Int64),
        low=_null_nan(np.where(n > 1, low, np.nan)),
        high=_null_nan(np.where(n > 1, ratio + half, np.nan)),
    )


def _weighted_share(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    frame = _weighted(cells, by)
    return frame.with_columns(pl.col("low").clip(0, 1), pl.col("high").clip(0, 1))


def _rate(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Ratio of two event counts; interval from the share of the one among both, as if Poisson."""
    sums = _grouped(cells, by, pl.col("_numerator").sum(), pl.col("_denominator").sum())
    top = sums["_numerator"].to_numpy().astype(float)
    bottom = sums["_denominator"].to_numpy().astype(float)
    low, high = wilson(top, top + bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = [np.where(bottom == 0, np.nan, bound / (1 - bound)) for bound in (low, high)]
    return (
        sums.drop("_numerator")
        .with_columns(
            value=_ratio(top, bottom),
            n=pl.col("_denominator").cast(pl.Int64),
            low=_null_nan(odds[0]),
            high=_null_nan(odds[1]),
        )
        .drop("_denominator")
    )


def _per_key(cells: pl.DataFrame, by: Sequence[str], *, key: str) -> pl.DataFrame:
    sums = _grouped(cells, list(dict.fromkeys([*by, key])), pl.col("_numerator").sum())
    amount = pl.col("_numerator")
    totals = sums.with_columns(
        _denominator=pl.lit(1),
        _rows=pl.lit(1),
        _nn=amount.cast(pl.Int128) * amount.cast(pl.Int128),
        _nd=amount.cast(pl.Int128),
        _dd=pl.lit(1),
        _below=(amount < 0).cast(pl.Int64),
    )
    return _weighted(totals, by)


COUNT = Statistic("count", _count, empty=0, whole=True)
SUM = Statistic("sum", _sum, sums=("_numerator",), empty=0, whole=True)
SHARE = Statistic("ratio", _share, sums=("_numerator", "_denominator"), counts=True)
VALUE_SHARE = Statistic(
    "ratio of sums", _weighted_share, sums=("_numerator", "_denominator"), squares=True
)
MEAN = Statistic("mean", _weighted, sums=("_numerator", "_denominator"), squares=True)
RATE = Statistic("rate", _rate, sums=("_numerator", "_denominator"), counts=True)


def mean_per(key: str) -> Statistic:
    """Return the mean of sums per distinct ``key`` (won amount per account that won)."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        return _per_key(cells, by, key=key)

    return Statistic(f"mean per {key}", finish, sums=("_numerator",), keys=(key,))


def distinct(key: str) -> Statistic:
    """Return the number of distinct values of ``key``."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        number = pl.col(key).n_unique().cast(pl.Int64)
        return _without_interval(_grouped(cells, by, number.alias("value"), number.alias("n")))

    return Statistic(f"distinct {key}", finish, keys=(key,), empty=0, whole=True)


def share_with(*extras: str) -> Statistic:
    """Return the plain ratio with Wilson's interval, and further sums in columns of their own."""

    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        sums = _grouped(cells, by, pl.col("_numerator", "_denominator", *extras).sum())
        return wilson_columns(sums).drop("_numerator", "_denominator")

    return Statistic("ratio", finish, sums=("_numerator", "_denominator", *extras), counts=True)
