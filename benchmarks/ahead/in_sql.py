"""The three questions in SQL, run by DuckDB or by Spark over the Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.ahead import sql
from benchmarks.ahead.asked import Rows


def duckdb_on_events(folder: Path) -> Any:
    return _duckdb({"events": [str(folder / "events.parquet")]})


def duckdb_on_stints(folder: Path) -> Any:
    from benchmarks.ahead.files import stint_files

    return _duckdb(stint_files(folder))


def _duckdb(files: dict[str, list[str]]) -> Any:
    import duckdb

    connection = duckdb.connect()
    for name, paths in files.items():
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({paths!r})")
    return connection


def spark_on_events(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "4g",
        "spark.log.level": "ERROR",
    }
    builder: Any = SparkSession.builder
    session = builder.master("local[2]").config(map=settings).getOrCreate()
    events = session.read.parquet(str(folder / "events.parquet"))
    events.createOrReplaceTempView("events")
    return session


def _by_duckdb(query: str) -> Callable[[Any], Rows]:
    return lambda connection: connection.execute(query).fetchall()


def _by_spark(query: str) -> Callable[[Any], Rows]:
    return lambda session: [tuple(row) for row in session.sql(query).collect()]


def _asked(ask: Callable[[str], Callable], queries: dict[str, str]) -> dict[str, Callable]:
    return {question: ask(query) for question, query in queries.items()}


DUCKDB_ON_EVENTS = (duckdb_on_events, _asked(_by_duckdb, sql.ON_EVENTS))
DUCKDB_ON_STINTS = (duckdb_on_stints, _asked(_by_duckdb, sql.ON_STINTS))
SPARK_ON_EVENTS = (spark_on_events, _asked(_by_spark, sql.ON_EVENTS))
