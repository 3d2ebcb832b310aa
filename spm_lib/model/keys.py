"""Keys within a table: repeats of a row and rows that contradict each other are set aside."""

from __future__ import annotations

import polars as pl

from spm_lib.model.columns import Table, day_column, on_column

EXACT = "exact repeat"
CONFLICT = "conflicting duplicate"
OLDER = "in a later file too"
ONCE = ("splits", "targets", "forecast_calls")  # rows of one key may differ
ALIKE = ("costs", "stage_events")  # rows may be alike; a history sees to its own


def set_aside_duplicates(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Set aside rows that were there before: repeats, and rows that contradict each other.

    Where one source is many files (monthly exports, say), the row of the last file by name stands.
    Of an exact repeat the first row stays. Of rows that share a key and differ none can be
    trusted, so that all of them are set aside; targets, splits, forecast calls and memberships of
    one file may differ and all stand. Costs, and order lines without a number, are told by all they
    say, and may be alike in one file.
    """
    if table.name in ALIKE:
        within = [c for c in ("opportunity_id", "entered_at") if c in frame.columns]
        return _latest_files(frame, key=content_of(frame), within=within)
    if table.name == "memberships":  # alike for now, and apart once an end is known
        return _latest_files(frame, key=_told_by(frame, table))
    if table.name in ONCE:
        return _once(_latest_files(frame, key=_told_by(frame, table)), key=content_of(frame))
    if table.name == "orders":
        return _orders(frame, key=list(table.key))
    return _once(_latest_files(frame, key=list(table.key)), key=list(table.key))


def _told_by(frame: pl.DataFrame, table: Table) -> list[str]:
    """Return the key and the columns kept along, which may tell rows of one key apart."""
    dated = table.names("moment", "day")
    known = {*table.names(), *map(on_column, dated), *map(day_column, dated)}
    return [*table.key, *(c for c in content_of(frame) if c not in known and c[0] != "_")]


def _once(frame: pl.DataFrame, *, key: list[str]) -> pl.DataFrame:
    """Set aside repeats of rows within a file, and rows that share a key and differ."""
    good = frame["set_aside"].is_null()
    repeated = (frame.select(key).is_duplicated() & good).alias("d")
    if not bool(repeated.any()):
        return frame
    numbered = frame.with_row_index("_n")
    again = numbered.filter(repeated)
    first = again.unique(subset=content_of(frame), keep="first", maintain_order=True)
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


def _orders(orders: pl.DataFrame, *, key: list[str]) -> pl.DataFrame:
    """Tell order lines by their number; those that have none are told by all they say, and get one.

    Any two of the latter may be the same in one file.
    """
    numbered = orders.with_row_index("_at")
    bare = numbered.filter(pl.col("line").is_null())
    bare = _latest_files(bare, key=[c for c in content_of(bare) if c != "line"])
    place = pl.int_range(1, pl.len() + 1).over("order_id", pl.col("set_aside").is_null())
    bare = bare.with_columns(line=place.cast(pl.String))
    told = _once(_latest_files(numbered.filter(pl.col("line").is_not_null()), key=key), key=key)
    return pl.concat([told, bare]).sort("_at").drop("_at")


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
