"""Spark: on the session that is there (a cluster's, a notebook's), else on this machine."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MissingExtraError
from spm_lib.model.engines.engine import too_large_a_sum
from spm_lib.workspace import Settings

ELSEWHERE = ("SPARK_REMOTE", "DATABRICKS_RUNTIME_VERSION")  # Spark runs in a process of its own

_QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class _OnSpark:
    """Counts in the session of this process; of its settings none is changed."""

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        return nw.from_native(session().createDataFrame(rows))

    def lazy_files(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        return nw.from_native(session().read.parquet(*map(str, files)))

    def brought_in(self, rows: nw.LazyFrame[Any], *, few: bool) -> pl.DataFrame:  # noqa: ARG002
        overflow = import_module("pyspark.errors").ArithmeticException

        try:
            return rows.collect(backend="polars").to_native()
        except overflow:
            raise too_large_a_sum() from None


def on_spark(_settings: Settings) -> _OnSpark:
    """Return the engine of Spark; no session is started yet.

    Raises
    ------
    MissingExtraError
        If the extra ``spark`` is not installed, or Java where Spark is to run on this machine.
    """
    spark = _spark()
    here = not _there(spark) and not any(map(os.environ.get, ELSEWHERE))
    if here and not has_java():
        raise MissingExtraError(
            "The engine 'spark' runs on Java, which is not installed.",
            found="neither JAVA_HOME nor a command 'java'",
            do="Install Java 17 or newer (on Debian: apt-get install openjdk-17-jre-headless), "
            "or start a Spark session before opening the company",
        )
    return _ONE


def session() -> Any:
    """Return the session of this thread or process, else one started as Spark's settings say."""
    spark = _spark()
    with warnings.catch_warnings():
        # told of pandas 3 whenever a session is made; no pandas frame passes here
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        made = spark.builder if _there(spark) else spark.builder.config(map=_QUIET)
        return spark.getActiveSession() or made.getOrCreate()


def _there(spark: Any) -> bool:
    """Say whether there is a session, be it another thread's: nothing may be set in it."""
    try:
        spark.active()
    except RuntimeError:
        return False
    return True


def has_java() -> bool:
    """Say whether there is a Java for Spark to run on."""
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and (Path(home) / "bin" / "java").exists()))


def _spark() -> Any:
    try:
        import pyarrow  # noqa: F401  (Spark takes our frames through it)

        return import_module("pyspark.sql").SparkSession
    except ImportError as missing:
        raise MissingExtraError.of("spark", "The engine 'spark'") from missing


_ONE = _OnSpark()
