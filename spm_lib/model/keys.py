"""Keys within a table: repeats of a row and rows that contradict each other are set aside."""

from __future__ import annotations

import polars as pl

from spm_lib.model.columns import Table

EXACT = "exact repeat"
CONFLICT = "conflicting duplicate"
UNKEYED = ("stage_events", "splits", "costs", "targets", "forecast_calls", "memberships", "orders")


def set_aside_duplicates(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Set aside rows whose key was there before: exact repeats, and rows that contradict.

    Of an exact repeat the first row stays. Of rows that share a key and differ none can be
    trusted, so that all of them are set aside.
    """
    if table.name in UNKEYED:
        return frame
    good = frame["set_aside"].is_null()
    key = list(table.key)
    repeated = (frame.select(key).is_duplicated() & good).alias("d")
    if not bool(repeated.any()):
        return frame
    content = [c for c in frame.columns if not c.startswith("_")]
    numbered = frame.with_row_index("_n")
    again = numbered.filter(repeated)
    first = again.unique(subset=content, keep="first", maintain_order=True)
    lone = first.filter(~first.select(key).is_duplicated())["_n"]
    exact = again.filter(~pl.col("_n").is_in(first["_n"].implode()))["_n"]
    clash = again.filter(
        ~pl.col("_n").is_in(lone.implode()) & ~pl.col("_n").is_in(exact.implode())
    )["_n"]
    reason = (
        pl.when(pl.col("_n").is_in(exact.implode()))
        .then(pl.lit(EXACT))
        .when(pl.col("_n").is_in(clash.implode()))
        .then(pl.lit(CONFLICT))
    )
    return numbered.with_columns(set_aside=pl.coalesce("set_aside", reason)).drop("_n")
