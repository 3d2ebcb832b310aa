"""A raw frame: what was read of a source, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

QUARANTINE_SCHEMA = pl.Schema(
    {
        "file": pl.String(),
        "row": pl.Int64(),
        "column": pl.String(),
        "value": pl.String(),
        "reason": pl.String(),
        "line": pl.String(),
    }
)


@dataclass(frozen=True)
class Dialect:
    """How one file turned out to be written.

    ``kind`` is csv, excel, parquet or sql; ``wrapped`` says that every row stood in quotes whole.
    """

    file: str
    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    header: bool = True
    wrapped: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawFrame:
    """Rows of a source in its own columns, and the rows that could not be read.

    ``frame`` has the source's columns (String for CSV, typed for Parquet, Excel and SQL), ``_file``
    String and ``_row`` Int64, the 1-based physical line in the file at which the row starts.
    ``quarantine`` has one row per row that could not be read: file, row, column (null: the whole
    row), value, reason, line (the text as it stands). ``rows_in == frame.height +
    quarantine.height``, always. ``files`` tells how each file was written; ``notes`` what a reader
    should know of it.
    """

    name: str
    frame: pl.DataFrame
    quarantine: pl.DataFrame
    rows_in: int
    files: tuple[Dialect, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def dialect(self) -> Dialect | None:
        """How the first file was written."""
        return self.files[0] if self.files else None

    @property
    def columns(self) -> list[str]:
        """The columns as they stand in the source, before any unpivoting."""
        own = dict.fromkeys(name for file in self.files for name in file.columns)
        return list(own) or [name for name in self.frame.columns if name not in ("_file", "_row")]


def empty_quarantine() -> pl.DataFrame:
    """Return a quarantine without rows."""
    return pl.DataFrame(schema=QUARANTINE_SCHEMA)
