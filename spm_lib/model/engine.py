"""Frames handed to the portable layer: a lazy frame on polars or on DuckDB."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MissingExtraError, WorkspaceError

Engine = Literal["polars", "duckdb"]
ENGINES = ("polars", "duckdb")
_LOCK = threading.Lock()
_CONNECTION: list[Any] = []


def check_engine(name: str) -> Engine:
    """Return the engine's name if it is one we run on.

    Raises
    ------
    WorkspaceError
        If there is no such engine.
    MissingExtraError
        If it is not installed.
    """
    if name == "polars":
        return "polars"
    if name == "duckdb":
        _duckdb()
        return "duckdb"
    raise WorkspaceError(
        f"There is no engine '{name}'.", found=f"'{name}'", do=f"Write one of {', '.join(ENGINES)}"
    )


def lazy(frame: pl.DataFrame, *, engine: Engine) -> nw.LazyFrame[Any]:
    """Return the frame as a lazy frame of the portable layer, on the given engine.

    On DuckDB instants are UTC wall-clock times without a zone; use the ``_on`` and ``_day``
    columns for calendar questions.
    """
    if engine == "polars":
        return nw.from_native(frame.lazy())
    connection = _connection()
    plain = frame.with_columns(
        pl.col(name).dt.replace_time_zone(None)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
    )
    return nw.from_native(connection.from_arrow(plain.to_arrow()))


def lazy_files(files: Sequence[Path], *, engine: Engine) -> nw.LazyFrame[Any]:
    """Return the rows of Parquet files of one schema, read by the engine itself, as ``lazy``."""
    if engine == "polars":
        return nw.from_native(pl.scan_parquet(list(files)))
    rows = _connection().read_parquet([str(file) for file in files])
    zoned = [name for name, kind in zip(rows.columns, rows.types, strict=True) if _zoned(kind)]
    if zoned:
        plain = ", ".join(f'timezone(\'UTC\', "{name}") AS "{name}"' for name in zoned)
        rows = rows.project(f"* REPLACE ({plain})")
    return nw.from_native(rows)


def _zoned(kind: Any) -> bool:
    return str(kind) == "TIMESTAMP WITH TIME ZONE"


def brought_in(rows: nw.LazyFrame[Any], *, engine: Engine, few: bool) -> pl.DataFrame:
    """Return what a question leaves of its rows, computed on the given engine.

    Of few rows polars' streaming engine costs more to start than the whole answer takes.
    """
    at_once = {"engine": "in-memory"} if few and engine == "polars" else {}
    return rows.collect(backend="polars", **at_once).to_native()


def _duckdb() -> Any:
    try:
        import duckdb
        import pyarrow  # noqa: F401  (DuckDB reads our frames through it)
    except ImportError as missing:
        raise MissingExtraError.of("duckdb", "The engine 'duckdb'") from missing
    return duckdb


def _connection() -> Any:
    """Return the one connection of this process, so that its relations can be joined."""
    with _LOCK:
        if not _CONNECTION:
            _CONNECTION.append(_duckdb().connect())
        return _CONNECTION[0]
