"""A source frame turned into a canonical table; rows that fail keep a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from spm_lib.core.errors import WorkspaceError
from spm_lib.model.columns import OPEN_ENDED, Column, Table, day_column, on_column
from spm_lib.model.foreign import lends, settled_currencies, with_foreign, without, zero_to_null
from spm_lib.model.kept import kept_names
from spm_lib.model.kinds import Reading, empty_column, local_days, read_values
from spm_lib.sources import as_texts

UNREADABLE_ROW = "unreadable row"


@dataclass(frozen=True)
class TableMapping:
    """What the workspace file says about one table."""

    columns: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, object] = field(default_factory=dict)
    zero_is_missing: Sequence[str] = ()


def canonical(
    source: pl.DataFrame,
    *,
    table: Table,
    mapping: TableMapping,
    reading: Reading,
    currency: str,
    deals: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the source in canonical columns, all rows, with ``set_aside`` (null: good).

    ``deals`` are the canonical opportunities, where there are any: a change in the history that
    names no currency has its deal's (``_deal_currency`` says so).

    Columns in: the source's own. Columns out: every canonical column (null where the source has
    none), kept columns (see ``kept_names``), ``<moment>_on`` Date and ``..._day`` Int64 (epoch day)
    per dated column, ``set_aside`` String, ``_row`` Int64.

    Raises
    ------
    WorkspaceError
        If the mapping names columns that the source does not have.
    """
    _refuse_missing(source, table=table, mapping=mapping)
    asked = {*mapping.columns, *mapping.fixed}
    given = {
        c.name: _given(source, c, mapping=mapping, decimal=reading.decimal)
        for c in table.columns
        if c.name in asked
    }
    named = table.column("currency") is not None and (
        "currency" in asked or lends(deals, table=table)
    )
    if not named:
        reading = replace(reading, currency=currency)
    frame, reasons = _read(given, source.height, table=table, mapping=mapping, reading=reading)
    names = kept_names(mapping.keep, table=table.name)
    frame = frame.with_columns(source[of].alias(name) for of, name in names.items())
    if named and table.name != "fx_rates":
        money = {c: given[c] for c in table.names("money") if c in given}
        lent = deals if lends(deals, table=table) else None
        frame, odd = settled_currencies(frame, money, deals=lent, reading=reading, own=currency)
        frame, more = with_foreign(
            frame, money, zero_is_missing=mapping.zero_is_missing, reading=reading, own=currency
        )
        frame = without(frame, [*odd, *more])
        reasons += [_reason(where, f"unreadable {name}") for name, where in (*odd, *more)]
    frame = frame.with_columns(
        *_told_reasons(reasons, frame.height), *_places(source, frame.height)
    )
    return with_days(frame, table=table, timezone=reading.timezone)


def _read(
    given: Mapping[str, pl.Series],
    height: int,
    *,
    table: Table,
    mapping: TableMapping,
    reading: Reading,
) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Return the columns of the table as they read, and the reasons of rows that do not."""
    made: list[pl.Series] = []
    reasons: list[pl.Series] = []
    zeros: list[pl.Series] = []
    for column in table.columns:
        if column.name not in given:
            made.append(empty_column(column.name, kind=column.kind, height=height))
            continue
        ends = column.name in OPEN_ENDED
        cells = given[column.name]
        parsed = read_values(cells, kind=column.kind, reading=reading, open_ended=ends)
        values = parsed.values.alias(column.name)
        if parsed.unreadable_count:
            reasons.append(_reason(parsed.unreadable, f"unreadable {column.name}"))
        if column.name in mapping.zero_is_missing:
            zeros.append((values == 0).fill_null(value=False).alias(f"_zero_{column.name}"))
            values = zero_to_null(values)
        made.append(values)
    return pl.DataFrame([*made, *zeros]), reasons


def _refuse_missing(source: pl.DataFrame, *, table: Table, mapping: TableMapping) -> None:
    known = set(source.columns)
    wanted = [*mapping.columns.values(), *mapping.keep]
    missing = [name for name in wanted if name not in known]
    unknown = [name for name in mapping.columns if table.column(name) is None]
    if missing or unknown:
        parts = [f"column '{name}' is not in the data" for name in missing]
        parts += [f"'{name}' is not a column of {table.name}" for name in unknown]
        shown = ", ".join(c for c in source.columns if not c.startswith("_"))
        raise WorkspaceError(
            f"Table '{table.name}' asks for what is not there: {'; '.join(parts)}.",
            found=f"columns of the data: {shown}",
            do=f"Correct [tables.{table.name}] (its columns: {', '.join(table.names())})",
        )


def _given(
    source: pl.DataFrame, column: Column, *, mapping: TableMapping, decimal: str
) -> pl.Series:
    if column.name in mapping.columns:
        values = source[mapping.columns[column.name]]
    else:
        values = pl.Series([mapping.fixed[column.name]]).new_from_index(0, source.height)
    replace = mapping.values.get(column.name)
    if replace:
        text = as_texts(values, decimal=decimal).str.strip_chars()
        values = text.replace(list(replace), list(replace.values()))
    return values.alias(column.name)


def _reason(where: pl.Series, text: str) -> pl.Series:
    return where.to_frame("w").select(pl.when(pl.col("w")).then(pl.lit(text)).alias("r"))["r"]


def _told_reasons(reasons: list[pl.Series], height: int) -> list[pl.Series]:
    """Return ``set_aside``, the first reason of a row, and ``_faults``, all of them."""
    if not reasons:
        return [pl.Series("set_aside", [None], dtype=pl.String).new_from_index(0, height)]
    frame = pl.DataFrame([r.alias(str(i)) for i, r in enumerate(_each_once(reasons))])
    first = pl.coalesce(pl.all()).alias("set_aside")
    every = pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)
    told = frame.select(first, pl.when(every != "").then(every).alias("_faults"))
    return told.get_columns() if len(reasons) > 1 else [told["set_aside"]]


def _each_once(reasons: list[pl.Series]) -> list[pl.Series]:
    """Return the reasons with those of one text made one: a value may fail in several ways."""
    found: dict[str, pl.Series] = {}
    for reason in reasons:
        text = "".join(reason.drop_nulls().unique().to_list())
        known = found.get(text)
        found[text] = reason if known is None else known.fill_null(reason)
    return list(found.values())


def _places(source: pl.DataFrame, height: int) -> list[pl.Series]:
    """Return where each row stands: ``_file`` (where known) and ``_row``."""
    if "_row" not in source.columns:
        return [pl.int_range(1, height + 1, dtype=pl.Int64, eager=True).alias("_row")]
    file = [source["_file"]] if "_file" in source.columns else []
    return [*file, source["_row"].cast(pl.Int64)]


def with_days(frame: pl.DataFrame, *, table: Table, timezone: str) -> pl.DataFrame:
    """Add the workspace-local Date and the Int64 epoch day of every dated column."""
    columns: list[pl.Series] = []
    for name in table.names("moment", "day"):
        days = local_days(frame[name], timezone)
        if on_column(name) != name:
            columns.append(days.alias(on_column(name)))
        columns.append(days.to_physical().cast(pl.Int64).alias(day_column(name)))
    return frame.with_columns(columns)
