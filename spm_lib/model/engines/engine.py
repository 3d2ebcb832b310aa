"""What an engine is: frames handed to the portable layer, and small frames brought back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MetricError


class Engine(Protocol):
    """Where rows are counted. Making one checks that it can run; it starts when first asked."""

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return the frame as a lazy frame of the portable layer, on this engine.

        Frames of one engine can be joined with each other. Instants may lose their zone (they are
        UTC then); the ``_on`` and ``_day`` columns answer calendar questions.
        """
        ...

    def lazy_files(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        """Return the rows of Parquet files of one schema, read by the engine itself, as ``lazy``.

        Spark must see the files; into a warehouse they are carried.
        """
        ...

    def brought_in(self, rows: nw.LazyFrame[Any], *, few: bool) -> pl.DataFrame:
        """Return what a question leaves of its rows; ``few`` says that it began with few.

        Raises
        ------
        MetricError
            If a sum is larger than the engine can hold.
        """
        ...


def too_large_a_sum() -> MetricError:
    """Return the refusal of a sum that the engine itself could not hold."""
    return MetricError(
        "The money that was asked for adds up to more than can be held.",
        found="a sum of more than 64 bits",
        do="Check the amounts and their scale in the source, or set scale for the raw",
    )


def without_zones(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with instants as UTC wall-clock times without a zone.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> without_zones(pl.DataFrame({"at": [datetime(2026, 1, 1, tzinfo=UTC)]})).schema["at"]
    Datetime(time_unit='us', time_zone=None)
    """
    return frame.with_columns(
        pl.col(name).dt.replace_time_zone(None)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone
    )
