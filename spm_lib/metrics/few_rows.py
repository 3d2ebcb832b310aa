"""Few rows: each is a cell of its own, as counting them first takes longer than it spares."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.statistic import SQUARES, Statistic


def cells_of_rows(
    rows: pl.LazyFrame,
    statistic: Statistic,
    *,
    keys: Sequence[str],
    day: pl.Expr | None,
    counted_by: Sequence[str],
    priced: bool,
) -> pl.DataFrame:
    """Return each classified row as a cell, with what is to be added up of it.

    Columns in: the keys (a reason ``_missing`` may be one), ``set_aside``, ``_left_out``, those of
    ``day``, ``counted_by`` and the statistic's sums; ``amount`` where rows are ``priced``.

    Columns out: the keys, ``_early`` (why the row does not count, before any window), ``_day``
    where there is a ``day``, ``_key_<name>`` of each name in ``counted_by``, ``_rows`` (1),
    ``_amount``, ``_priced`` and the sums. Of a row that does not count those keys are null, its
    sums 0.
    """
    used = pl.col("_early").is_null()
    if "_missing" in keys:
        used &= pl.col("_missing").is_null()
    money = pl.col("amount") if priced else pl.lit(None)
    cells = rows.with_columns(_early=pl.coalesce("set_aside", "_left_out")).select(
        *keys,
        "_early",
        *([] if day is None else [day.cast(pl.Int64).alias("_day")]),
        *(pl.when(used).then(name).alias(f"_key_{name}") for name in counted_by),
        *(pl.when(used).then(name).fill_null(0).cast(pl.Int64) for name in statistic.sums),
        _rows=pl.lit(1, dtype=pl.Int64),
        _amount=money.fill_null(0).cast(pl.Int64),
        _priced=money.is_not_null().cast(pl.Int64),
    )
    return in_one_go(cells.with_columns(**_squares(statistic)), optimized=True)


def _squares(statistic: Statistic) -> dict[str, pl.Expr]:
    if not statistic.squares:
        return {}
    top, bottom = (pl.col(c).cast(pl.Int128) for c in ("_numerator", "_denominator"))
    made = (top * top, top * bottom, bottom * bottom, (top < 0).cast(pl.Int64))
    return dict(zip(SQUARES, made, strict=True))
