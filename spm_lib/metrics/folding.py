"""Rows that are alike in all that a question looks at, counted before they are looked at singly.

A question of deals and stages asks every deal once per stage. Most deals are alike: they stand at
the same stage with the same outcome. They are counted first, on the engine and in one pass; what is
left is small, and is spread over the stages in polars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.sums import held, size_of_sum
from spm_lib.model import Company

TIMES = "_times"


@dataclass(frozen=True)
class Fold:
    """How the rows of a measure are counted before they are spread.

    ``rows`` gives one row per deal, with ``keys`` (what a spread row is made from), the counts to
    be added up (``sums``), ``set_aside`` and ``amount``. ``spread`` makes the measure's own rows of
    what was counted: ``_times`` says how many rows each of them stands for. ``made`` are the
    columns that only spreading makes. ``fits`` says whether a company's rows can be folded.
    """

    rows: Callable[[Company], nw.LazyFrame]
    keys: tuple[str, ...]
    sums: Callable[[Company], tuple[str, ...]]
    spread: Callable[[nw.LazyFrame, Company], nw.LazyFrame]
    made: tuple[str, ...]
    fits: Callable[[Company], bool]


def folded(
    fold: Fold,
    company: Company,
    *,
    by: Sequence[str],
    date: str,
    day: nw.Expr | None,
    metric: str,
) -> nw.LazyFrame:
    """Return the measure's rows, each with how many it stands for, by the columns asked for.

    Columns out: those of ``spread``, ``by``, the date (as much of it as ``day`` keeps),
    ``_times``, ``_amount`` and ``_priced`` (rows with an amount).

    Raises
    ------
    MetricError
        If their money is more than can be held.
    """
    kept = nw.lit(None) if day is None else day
    keys = list(dict.fromkeys([*by, *fold.keys, "set_aside", date]))
    keys = [key for key in keys if key not in fold.made]
    sums = fold.sums(company)
    rows = fold.rows(company).with_columns(
        kept.cast(nw.Int64).alias(date), nw.col("amount").alias("_amount")
    )
    counted = company.counted(
        rows.group_by(*keys).agg(
            nw.len().cast(nw.Int64).alias(TIMES),
            nw.col("_amount").sum().alias("_amount"),
            nw.col("_amount").count().cast(nw.Int64).alias("_priced"),
            size_of_sum("_amount"),
            *(nw.col(name).sum().alias(name) for name in sums),
        )
    )
    counted = counted.with_columns(
        pl.col("_amount", "_size__amount").fill_null(0), pl.col(sums).cast(pl.Int64)
    )
    frame = held(counted, ["_amount"], metric=metric)
    return fold.spread(nw.from_native(frame.lazy()), company)
