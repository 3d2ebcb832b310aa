"""Keys within a table: repeats of a row and rows that contradict each other are set aside."""

from __future__ import annotations

import polars as pl

from spm_lib.model.columns import Table

EXACT = "exact repeat"
CONFLICT = "conflicting duplicate"
OLDER = "in a later file too"
UNKEYED = ("stage_events", "splits", "costs", "targets", "forecast_calls", "memberships")


def set_aside_duplicates(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Set aside rows whose key was there before: exact repeats, and rows that contradict.

    Where one source is many files (monthly exports, say), the row of the last file by name stands.
    Of an exact repeat the first row stays. Of rows that share a key and differ none can be
    trusted, so that all of them are set aside.
    """
    if table.name in UNKEYED:
        return frame
    if table.name == "orders" and frame["line"].null_count():
        return _numbered_lines(frame)
    if "_file" in frame.columns:
        frame = _latest_files(frame, key=list(table.key))
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


def _numbered_lines(orders: pl.DataFrame) -> pl.DataFrame:
    """Fill in the numbers of order lines that have none; any two of them may be the same."""
    number = pl.int_range(1, pl.len() + 1).over("order_id").cast(pl.String)
    return orders.with_columns(line=pl.coalesce("line", number))


def _latest_files(frame: pl.DataFrame, *, key: list[str]) -> pl.DataFrame:
    """Set aside rows whose key is in a later file of the same source too."""
    if frame["_file"].n_unique() < 2:
        return frame
    files = frame.filter(pl.col("set_aside").is_null()).select(*key, "_file")
    last = files.group_by(key).agg(pl.col("_file").max().alias("_last"))
    joined = frame.join(last, on=key, how="left", nulls_equal=True, maintain_order="left")
    older = (pl.col("_file") < pl.col("_last")).fill_null(value=False)
    reason = pl.when(older).then(pl.lit(OLDER))
    return joined.with_columns(set_aside=pl.coalesce("set_aside", reason)).drop("_last")
