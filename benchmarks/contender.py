"""Run one contender in this process, print its cost: `python -m benchmarks.contender NAME DIR`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.side_by_side import report_usage

START, END = 19_601, 19_966  # [2023-09-01, 2024-08-31) as epoch days


def cpu() -> float:
    """Return this process's CPU seconds so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def by_hand(module: str) -> Callable[[Path], dict]:
    """Return a runner of a contender that reads the Parquet files itself."""

    def run(folder: Path) -> dict:
        from importlib import import_module

        tables = import_module(f"benchmarks.{module}").tables
        before, started = cpu(), time.perf_counter()
        totals = tables(folder, START, END)
        return {"metrics": cpu() - before, "wall": time.perf_counter() - started, "totals": totals}

    return run


def ours(engine: str) -> Callable[[Path], dict]:
    """Return a runner of this library: intake and metrics apart."""

    def run(folder: Path) -> dict:
        from benchmarks import contender_ours

        start = cpu()
        company = contender_ours.open_scale(folder, engine=engine)
        for name in ("opportunities", "activities", "stints"):
            company.rows(name)
        before, started = cpu(), time.perf_counter()
        totals = contender_ours.tables(company, START, END)
        wall = time.perf_counter() - started
        return {"intake": before - start, "metrics": cpu() - before, "wall": wall, "totals": totals}

    return run


CONTENDERS = {
    "spm_lib on polars": ours("polars"),
    "spm_lib on DuckDB": ours("duckdb"),
    "polars by hand": by_hand("contenders_polars"),
    "DuckDB SQL by hand": by_hand("contenders_sql"),
    "pandas": by_hand("contenders_pandas"),
}

if __name__ == "__main__":
    report_usage(**CONTENDERS[sys.argv[1]](Path(sys.argv[2])))
