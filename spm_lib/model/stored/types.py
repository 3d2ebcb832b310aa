"""The types of a table's columns, settled over all batches that it was read in."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.columns import canonical_table
from spm_lib.sources import in_zone

Types = dict[str, pl.DataType]
UTC = pl.Datetime("us", "UTC")


def settled(name: str, schemas: Iterable[Types]) -> Types:
    """Return the columns and types that hold the rows of all batches of a table.

    Where one batch has times of day and another only days, days are their midnights.

    Raises
    ------
    DataError
        If a column kept along is of types that nothing holds together.
    """
    types: Types = {}
    for schema in schemas:
        for column, kind in schema.items():
            known = types.get(column)
            types[column] = kind if known is None else _both(name, column, known, kind)
    return types


def _both(name: str, column: str, one: pl.DataType, other: pl.DataType) -> pl.DataType:
    if one == other:
        return one
    if column in canonical_table(name).names("moment"):
        return UTC
    try:
        frames = [pl.DataFrame(schema={column: kind}) for kind in (one, other)]
        return pl.concat(frames, how="vertical_relaxed").schema[column]
    except (pl.exceptions.SchemaError, pl.exceptions.InvalidOperationError):
        raise DataError(
            f"The column '{column}' of {name} is of another type in each batch.",
            found=f"{one} and {other}",
            do="Give both batches the same type",
        ) from None


def fitted(frame: pl.DataFrame, types: Types, *, timezone: str) -> pl.DataFrame:
    """Return the rows in the settled columns and types; a column that they lack is null."""
    none = pl.Series([None], dtype=pl.Null).new_from_index(0, frame.height)
    return pl.DataFrame(
        [
            _cast(frame[column] if column in frame.columns else none, kind, timezone).alias(column)
            for column, kind in types.items()
        ]
    )


def _cast(values: pl.Series, kind: pl.DataType, timezone: str) -> pl.Series:
    if values.dtype == pl.Date() and kind == UTC:
        return in_zone(values.cast(pl.Datetime("us")), timezone)
    return values if values.dtype == kind else values.cast(kind)
