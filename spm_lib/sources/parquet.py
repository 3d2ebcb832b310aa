"""Parquet files read into a frame."""

from __future__ import annotations

import io

import polars as pl
from polars.exceptions import PolarsError

from spm_lib.core.errors import SourceError
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.raw_frame import Dialect, empty_quarantine


def read_parquet_bytes(content: bytes, *, file: str) -> FileRows:
    """Return the rows of a Parquet file in their types, and ``_row``: the 1-based row number.

    Raises
    ------
    SourceError
        If the file is damaged.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (PolarsError, OSError) as error:
        raise SourceError(
            f"{file} cannot be read as Parquet.",
            found=str(error).splitlines()[0],
            do="Export it again",
        ) from None
    return numbered(frame, Dialect(file=file, kind="parquet", columns=tuple(frame.columns)))


def numbered(frame: pl.DataFrame, dialect: Dialect) -> FileRows:
    """Return rows of a typed source with ``_row`` counted from 1."""
    number = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias("_row")
    return FileRows(frame.with_columns(number), empty_quarantine(), dialect)
