"""The rows set aside of each row of a result, by reason: what receipts tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import add, sub

import polars as pl

from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.counting import OUTSIDE, Cells

_SUMMED = ("_rows", "_amount", "_priced")
_SCHEMA = {"row": pl.Int64, "reason": pl.String, "rows": pl.Int64, "amount": pl.Int64}
_Sums = tuple[int, ...]
_NOTHING: _Sums = (0, 0, 0)
_USED = ""  # in the place of a reason


def reasons_of(cells: Cells, grid: pl.DataFrame) -> pl.DataFrame:
    """Return how many rows were set aside of each row of a result, and why.

    Columns in: the grid's ``_row`` (its number), groups and period. Columns out: row, reason, rows,
    amount (minor units; null: no row of them has one), by row and reason. What is inside another
    period of the same groups is outside the window here.
    """
    rows, period, groups = grid.lazy(), cells.dimensions.period, cells.dimensions.groups
    if not groups:
        return _of_one_group(cells.frame, grid, period=period)
    frame = cells.frame.lazy()
    aside = frame.filter(pl.col("_reason").is_not_null())
    if period is None:
        parts = _matched(rows, aside, groups)
    else:
        inside = pl.col("_inside") == 1
        elsewhere = frame.filter(inside).with_columns(_reason=pl.lit(OUTSIDE))
        here = _matched(rows, elsewhere, [*groups, period])
        parts = pl.concat(
            [
                _matched(rows, aside.filter(~inside), groups),
                _matched(rows, aside.filter(inside), [*groups, period]),
                _matched(rows, elsewhere, groups),
                here.with_columns(-pl.col(_SUMMED)),
            ]
        )
        parts = parts.group_by("_row", "_reason").agg(pl.col(_SUMMED).sum())
    amount = pl.when(pl.col("_priced") > 0).then(pl.col("_amount")).alias("amount")
    return in_one_go(
        parts.filter(pl.col("_rows") > 0)
        .select(
            pl.col("_row").alias("row"),
            pl.col("_reason").alias("reason"),
            pl.col("_rows").alias("rows"),
            amount,
        )
        .sort("row", "reason")
    )


def _matched(grid: pl.LazyFrame, aside: pl.LazyFrame, on: list[str]) -> pl.LazyFrame:
    summed = aside.group_by([*on, "_reason"]).agg(pl.col(_SUMMED).sum())
    found = grid.join(summed, on=on, how="inner", nulls_equal=True)
    return found.select("_row", "_reason", *_SUMMED)


def _of_one_group(frame: pl.DataFrame, grid: pl.DataFrame, *, period: str | None) -> pl.DataFrame:
    """Return the same where nothing but periods tells the rows apart: not worth a plan."""
    always: dict[str, _Sums] = {}
    inside: dict[object, dict[str, _Sums]] = defaultdict(dict)
    starts = frame[period].to_list() if period else [None] * frame.height
    told = frame[["_reason", "_inside", *_SUMMED]].iter_rows()
    for start, (reason, within, *sums) in zip(starts, told, strict=True):
        if period and within:
            _add(inside[start], reason or _USED, sums)
        elif reason is not None:
            _add(always, reason, sums)
    whole = {start: _total(parts.values()) for start, parts in inside.items()}
    everywhere = _total(whole.values())
    rows = []
    for row, start in enumerate(grid[period].to_list() if period else [None]):
        found = dict(always)
        _add(found, OUTSIDE, map(sub, everywhere, whole.get(start, _NOTHING)))
        for reason, sums in inside.get(start, {}).items():
            _add(found, reason, sums)
        found.pop(_USED, None)
        rows += [
            (row, r, n, money if priced else None) for r, (n, money, priced) in found.items() if n
        ]
    return pl.DataFrame(sorted(rows), schema=_SCHEMA, orient="row")


def _add(found: dict[str, _Sums], reason: str, sums: Iterable[int]) -> None:
    found[reason] = tuple(map(add, found.get(reason, _NOTHING), sums))


def _total(parts: Iterable[_Sums]) -> _Sums:
    return tuple(map(sum, zip(_NOTHING, *parts, strict=True)))
