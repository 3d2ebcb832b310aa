"""Frames in canonical columns turned into canonical tables."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.money import exponent
from spm_lib.model.canonical import TableMapping, canonical
from spm_lib.model.columns import canonical_table
from spm_lib.model.kinds import Reading
from spm_lib.workspace import Settings


def kept_columns(frame: pl.DataFrame | pl.LazyFrame, name: str) -> tuple[str, ...]:
    """Return the columns of a frame that are carried along, as they are no canonical ones.

    Raises
    ------
    DataError
        If there is no such table.
    """
    names = set(canonical_table(name).names())
    there = frame.collect_schema().names()
    return tuple(c for c in there if c not in names and not c.startswith("_"))


def framed(
    frame: pl.DataFrame, *, name: str, settings: Settings, deals: pl.DataFrame | None
) -> pl.DataFrame:
    """Return a frame whose columns have their canonical names as a canonical table.

    ``deals`` are the canonical opportunities, where there are any (see ``canonical``).
    """
    table = canonical_table(name)
    names = set(table.names())
    mapping = TableMapping(
        columns={c: c for c in frame.columns if c in names}, keep=kept_columns(frame, name)
    )
    return canonical(
        frame,
        table=table,
        mapping=mapping,
        reading=Reading(settings.calendar.timezone, exponent(settings.workspace.currency)),
        currency=settings.workspace.currency,
        deals=deals,
    )


def kind_of(frame: Any) -> str:
    """Return the library whose frame it is, such as polars.

    Examples
    --------
    >>> kind_of(pl.DataFrame())
    'polars'
    """
    return type(frame).__module__.split(".")[0]


def as_polars(frame: Any, name: str) -> pl.DataFrame:
    """Return a polars, pandas or Spark frame as a polars one.

    Raises
    ------
    DataError
        If it is none of them, or one of Spark that is larger than Spark lets its driver collect.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    if kind_of(frame) == "pandas":
        return pl.from_pandas(frame)
    if kind_of(frame) == "pyspark":
        return _collected(frame, name)
    raise DataError(
        f"Table '{name}' is not a frame.",
        found=type(frame).__name__,
        do="Pass a polars, a pandas or a Spark DataFrame",
    )


def _collected(frame: Any, name: str) -> pl.DataFrame:
    """Return a Spark frame's rows, brought to this process through Arrow."""
    try:
        return pl.DataFrame(pl.from_arrow(frame.toArrow()))
    except Exception as error:
        if "maxResultSize" not in str(error):
            raise
        raise DataError(
            f"The Spark DataFrame of '{name}' is too large to be collected here.",
            found="more than spark.driver.maxResultSize",
            do="Pass the DataFrames to build_store(FOLDER, frames, settings), which collects none "
            "of them, and open the store with engine='spark'",
        ) from None
