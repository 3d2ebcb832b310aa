"""The floor: each column that a question needs, read once and looked at, by polars or DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.ahead.asked import FUNNEL, MAP, SNAPSHOTS, Rows
from benchmarks.ahead.files import stint_files

TIMES = ("stage", "entered_day", "left_day", "outcome")
COLUMNS = {
    FUNNEL: {
        "opportunities": ("opportunity_id", "outcome", "created_day", "set_aside"),
        "stints": ("opportunity_id", "stage_rank", *TIMES),
    },
    SNAPSHOTS: {"stints": (*TIMES, "amount")},
    MAP: {"stints": (*TIMES, "next_stage")},
}


def opened(folder: Path) -> dict[str, list[str]]:
    return stint_files(folder)


def _by_polars(question: str) -> Callable[[dict[str, list[str]]], Rows]:
    def scan(files: dict[str, list[str]]) -> Rows:
        for name, columns in COLUMNS[question].items():
            pl.scan_parquet(files[name]).select(pl.col(columns).max()).collect(engine="streaming")
        return []

    return scan


def _by_duckdb(question: str) -> Callable[[dict[str, list[str]]], Rows]:
    def scan(files: dict[str, list[str]]) -> Rows:
        import duckdb

        for name, columns in COLUMNS[question].items():
            asked = ", ".join(f"max({column})" for column in columns)
            duckdb.execute(f"SELECT {asked} FROM read_parquet({files[name]!r})").fetchall()
        return []

    return scan


BY_POLARS = (opened, {question: _by_polars(question) for question in COLUMNS})
BY_DUCKDB = (opened, {question: _by_duckdb(question) for question in COLUMNS})
