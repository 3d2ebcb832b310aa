"""DuckDB, in this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MissingExtraError
from spm_lib.model.engines.engine import without_zones
from spm_lib.workspace import Settings


class _OnDuckDB:
    """Counts on the one connection of this process, so that its relations can be joined."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        return nw.from_native(self.connected().from_arrow(without_zones(frame).to_arrow()))

    def lazy_files(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        rows = self.connected().read_parquet([str(file) for file in files])
        kinds = zip(rows.columns, rows.types, strict=True)
        zoned = [name for name, kind in kinds if str(kind) == "TIMESTAMP WITH TIME ZONE"]
        if zoned:
            plain = ", ".join(f'timezone(\'UTC\', "{name}") AS "{name}"' for name in zoned)
            rows = rows.project(f"* REPLACE ({plain})")
        return nw.from_native(rows)

    def brought_in(self, rows: nw.LazyFrame[Any], *, few: bool) -> pl.DataFrame:  # noqa: ARG002
        return rows.collect(backend="polars").to_native()

    def connected(self) -> Any:
        """Return the connection, made when first asked for."""
        with self._lock:
            if self._connection is None:
                self._connection = _duckdb().connect()
            return self._connection


def on_duckdb(_settings: Settings) -> _OnDuckDB:
    """Return the engine of DuckDB.

    Raises
    ------
    MissingExtraError
        If the extra ``duckdb`` is not installed.
    """
    _duckdb()
    return ON_DUCKDB


def _duckdb() -> Any:
    try:
        import duckdb
        import pyarrow  # noqa: F401  (DuckDB reads our frames through it)
    except ImportError as missing:
        raise MissingExtraError.of("duckdb", "The engine 'duckdb'") from missing
    return duckdb


ON_DUCKDB = _OnDuckDB()
