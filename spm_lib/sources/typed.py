"""Columns of a raw frame turned into declared types, for queries that reckon with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.booleans import parse_booleans
from spm_lib.sources.dates import parse_dates
from spm_lib.sources.money import parse_integers, parse_money, parse_numbers
from spm_lib.sources.raw_frame import QUARANTINE_SCHEMA
from spm_lib.sources.texts import Parsed, parse_texts
from spm_lib.workspace import ReadingSettings

MONEY = pl.Decimal(38, 4)


def typed(
    frame: pl.DataFrame,
    *,
    types: Mapping[str, str],
    reading: ReadingSettings,
    timezone: str,
    place: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with the named columns in their types, and the rows that cannot be.

    Parameters
    ----------
    types
        Type per column: text, date (the day on the workspace's wall), time (UTC), money (Decimal in
        major units, before ``scale``, which the table applies), number, integer, boolean.
    timezone
        The workspace's zone.

    Raises
    ------
    SourceError
        If a column is not there.
    """
    missing = [column for column in types if column not in frame.columns]
    if missing:
        raise SourceError(
            f"{place} types: no such column: {', '.join(missing)}.",
            found=f"columns: {', '.join(c for c in frame.columns if not c.startswith('_'))}",
            do="Name columns of the file",
        )
    parsed = {c: _parsed(frame[c], t, reading, timezone) for c, t in types.items()}
    bad = pl.Series([], dtype=pl.Boolean)
    made = frame.with_columns(p.values.alias(c) for c, p in parsed.items())
    marks = pl.DataFrame([p.unreadable.alias(c) for c, p in parsed.items()])
    bad = marks.select(pl.any_horizontal(pl.all()).alias("bad"))["bad"] if parsed else bad
    if not parsed or not bool(bad.any()):
        return made, pl.DataFrame(schema=QUARANTINE_SCHEMA)
    return made.filter(~bad), _quarantine(frame.filter(bad), marks.filter(bad), types)


def _parsed(values: pl.Series, kind: str, reading: ReadingSettings, timezone: str) -> Parsed:
    missing = reading.missing
    signs: dict[str, Any] = {
        "decimal": reading.decimal, "thousands": reading.thousands, "missing": missing,
    }  # fmt: skip
    match kind:
        case "date" | "time":
            return _moments(values, kind, reading, timezone)
        case "money":
            minor = parse_money(values, digits=4, **signs)
            return Parsed(_decimals(minor.values), minor.unreadable)
        case "number":
            return parse_numbers(values, **signs)
        case "integer":
            return parse_integers(values, **signs)
        case "boolean":
            return parse_booleans(values, missing=missing)
    text = parse_texts(values, missing=missing)
    return Parsed(text, text.is_null() & False)


def _moments(values: pl.Series, kind: str, reading: ReadingSettings, timezone: str) -> Parsed:
    zone = reading.timezone or timezone
    parsed = parse_dates(values, order=reading.dates, timezone=zone, missing=reading.missing)
    moments = parsed.values
    if kind == "date" and isinstance(moments.dtype, pl.Datetime):
        return Parsed(moments.dt.convert_time_zone(timezone).dt.date(), parsed.unreadable)
    if kind == "time" and moments.dtype == pl.Date:
        wall = moments.cast(pl.Datetime("us")).dt.replace_time_zone(
            zone, ambiguous="earliest", non_existent="null"
        )
        return Parsed(wall.dt.convert_time_zone("UTC"), parsed.unreadable)
    return parsed


def _decimals(minor: pl.Series) -> pl.Series:
    return minor.to_frame("v").select(
        (pl.col("v").cast(pl.Decimal(38, 0)) * pl.lit("0.0001").cast(MONEY)).cast(MONEY).alias("v")
    )["v"]


def _quarantine(rows: pl.DataFrame, marks: pl.DataFrame, types: Mapping[str, str]) -> pl.DataFrame:
    own = [c for c in rows.columns if c not in ("_file", "_row")]
    listed = []
    for row, mark in zip(rows.iter_rows(named=True), marks.iter_rows(named=True), strict=True):
        columns = [column for column, hurt in mark.items() if hurt]
        reason = "; ".join(f"{column}: not a {types[column]}" for column in columns)
        value = row[columns[0]]
        line = line_of([row[c] for c in own])
        listed.append((row["_file"], row["_row"], columns[0], str(value), reason, line))
    return pl.DataFrame(listed, schema=QUARANTINE_SCHEMA, orient="row")


def line_of(values: Sequence[object]) -> str:
    """Return a row as one CSV line.

    Examples
    --------
    >>> line_of(["1", None, "a, b"])
    '1,,"a, b"'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(["" if v is None else v for v in values])
    return text.getvalue()
