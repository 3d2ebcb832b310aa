"""Spark's own tables on their way into a store: as files that Spark writes, collected by nobody."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError, SourceError

INSTANT = "timestamp"
_SAID = {  # files hold instants in a way of an old time, and nothing of no type at all
    INSTANT: "unix_micros({0}) AS {0}",
    "void": "CAST({0} AS STRING) AS {0}",
}
_SHARED = (
    "Name a folder that driver and executors share, under a path that Spark reads as the same one "
    "(on Databricks a volume; on a cluster whose own files are elsewhere, a mounted drive and "
    "spark.hadoop.fs.defaultFS file:///)"
)


def written_by_spark(frame: Any, name: str, place: Path) -> pl.LazyFrame:
    """Let Spark write a DataFrame as Parquet, and return the rows of its files, not yet read.

    Instants are UTC; rows are in the order of Spark's partitions. No row passes through Spark's
    driver.

    Raises
    ------
    SourceError
        If Spark cannot write there.
    DataError
        If this process does not see every row that Spark wrote.
    """
    folder, kinds = place / f"of-spark-{name}", dict(frame.dtypes)
    observation = import_module("pyspark.sql").Observation
    counted, rows = observation(), import_module("pyspark.sql.functions").expr("count(1)")
    said = [_SAID.get(kind, "{0}").format(_quoted(column)) for column, kind in kinds.items()]
    try:
        plain = frame.selectExpr(*said).observe(counted, rows.alias("rows"))
        plain.write.parquet(str(folder.absolute()))
    except Exception as error:
        raise SourceError(
            f"Spark could not write the table '{name}'.",
            found=str(error).partition("\n")[0],
            do=f"{_SHARED}; and see that the DataFrame itself can be counted",
        ) from error
    found = _seen(folder, name, rows=counted.get["rows"])
    instants = [column for column, kind in kinds.items() if kind == INSTANT]
    return found.with_columns(pl.col(instants).cast(pl.Datetime("us", "UTC")))


def _seen(folder: Path, name: str, *, rows: int) -> pl.LazyFrame:
    """Return what there is of the files that Spark wrote; all rows must be in them."""
    files = sorted(folder.glob("*.parquet"))
    found = pl.scan_parquet(files, glob=False) if files else pl.LazyFrame()
    there = found.select(pl.len()).collect().item() if files else 0
    if not files or there != rows:
        raise DataError(
            f"Spark wrote the table '{name}' where this process does not see it.",
            found=f"{there:,} of {rows:,} rows in {folder}",
            do=_SHARED,
        )
    return found


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
