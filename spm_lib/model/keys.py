"""Keys within a table: repeats of a row and rows that contradict each other are set aside."""

from __future__ import annotations

import polars as pl

from spm_lib.model.columns import Table

EXACT = "exact repeat"
CONFLICT = "conflicting duplicate"
OLDER = "in a later file too"
UNKEYED = ("splits", "costs", "targets", "forecast_calls", "memberships")


def set_aside_duplicates(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Set aside rows whose key was there before: exact repeats, and rows that contradict.

    Where one source is many files (monthly exports, say), the row of the last file by name stands.
    Of an exact repeat the first row stays. Of rows that share a key and differ none can be
    trusted, so that all of them are set aside.
    """
    if table.name in UNKEYED:
        return frame
    if table.name == "stage_events":
        return _latest_files(frame, key=content_of(frame), within=["opportunity_id", "entered_at"])
    if table.name == "orders" and frame["line"].null_count():
        return _numbered_lines(frame)
    frame = _latest_files(frame, key=list(table.key))
    good = frame["set_aside"].is_null()
    key = list(table.key)
    repeated = (frame.select(key).is_duplicated() & good).alias("d")
    if not bool(repeated.any()):
        return frame
    content = content_of(frame)
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


def content_of(frame: pl.DataFrame) -> list[str]:
    """Return the columns in which a row says something: the client's, and foreign amounts.

    Examples
    --------
    >>> names = ["stage", "set_aside", "_row", "_file", "_foreign_amount"]
    >>> content_of(pl.DataFrame({name: [1] for name in names}))
    ['stage', '_foreign_amount']
    """
    own = [c for c in frame.columns if c.startswith("_foreign_") or not c.startswith("_")]
    return [c for c in own if c != "set_aside"]


def _latest_files(
    frame: pl.DataFrame, *, key: list[str], within: list[str] | None = None
) -> pl.DataFrame:
    """Set aside rows whose key is in a later file of the same source too.

    ``within`` names columns of the key that few rows share: only those are looked at in full.
    """
    if "_file" not in frame.columns or frame["_file"].n_unique() < 2:
        return frame
    numbered = frame.with_row_index("_n")
    good = numbered.filter(pl.col("set_aside").is_null())
    again = good.filter(good.select(within or key).is_duplicated())
    last = again.group_by(key).agg(pl.col("_file").max().alias("_last"))
    found = again.select("_n", "_file", *key).join(last, on=key, how="inner", nulls_equal=True)
    older = found.filter(pl.col("_file") < pl.col("_last"))["_n"]
    reason = pl.when(pl.col("_n").is_in(older.implode())).then(pl.lit(OLDER))
    return numbered.with_columns(set_aside=pl.coalesce("set_aside", reason)).drop("_n")
