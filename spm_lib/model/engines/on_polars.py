"""polars, in this process: the engine that is always there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.in_one_go import in_one_go
from spm_lib.workspace import Settings


class _OnPolars:
    """Counts by streaming; of few rows in memory, as streaming costs more to start than they."""

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        return nw.from_native(frame.lazy())

    def lazy_files(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        return nw.from_native(pl.scan_parquet(list(files), glob=False))

    def brought_in(self, rows: nw.LazyFrame[Any], *, few: bool) -> pl.DataFrame:
        if few:
            return in_one_go(rows.to_native(), optimized=True)
        return rows.collect(backend="polars").to_native()


def on_polars(_settings: Settings) -> _OnPolars:
    """Return the engine of polars."""
    return _ONE


_ONE = _OnPolars()
