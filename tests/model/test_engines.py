"""Engines by name: which there are, and what is said where one of them cannot run."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from spm_lib.core.errors import MissingExtraError, WorkspaceError
from spm_lib.model import Company, company_from_frames
from spm_lib.model.engines import on_spark

DEALS = pl.DataFrame({"opportunity_id": ["1"], "stage": ["Lead"], "created_at": ["2026-01-01"]})


@pytest.fixture
def opened(settings):
    def on(engine: str) -> Company:
        return company_from_frames({"opportunities": DEALS}, settings, engine=engine)

    return on


def test_engines_are_named(opened) -> None:
    with pytest.raises(WorkspaceError, match="polars, duckdb, spark, warehouse"):
        opened("excel")


@pytest.mark.parametrize(("engine", "module"), [("duckdb", "duckdb"), ("spark", "pyspark.sql")])
def test_what_is_not_installed_is_named(opened, monkeypatch, engine: str, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'spm-lib\[{engine}\]'"):
        opened(engine)


class _Spark:
    """Spark as far as it is asked before a session is needed."""

    @staticmethod
    def active() -> None:
        raise RuntimeError


def test_spark_without_java_says_what_to_install(opened, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(on_spark, "_spark", lambda: _Spark)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("JAVA_HOME", *on_spark.ELSEWHERE):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingExtraError, match="Install Java 17"):
        opened("spark")
    monkeypatch.setenv("SPARK_REMOTE", "sc://cluster")
    assert opened("spark").engine == "spark", "a cluster elsewhere brings its own Java"
    monkeypatch.delenv("SPARK_REMOTE")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert opened("spark").engine == "spark"
