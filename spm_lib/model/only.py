"""Only some rows of a frame; all of them cost nothing, as no column is copied."""

from __future__ import annotations

import polars as pl


def only(frame: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    """Return the rows of which it is true; the frame itself where it is true of all (null: not).

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1, 2, None]})
    >>> only(frame, pl.col("a") > 1)["a"].to_list()
    [2]
    >>> only(frame, pl.lit(True)) is frame
    True
    """
    true = frame.with_columns(where.alias("_only"))["_only"]
    return frame if true.all(ignore_nulls=False) else frame.filter(true)
