"""Run one contender in this process, print its cost: `python -m benchmarks.contender NAME DIR`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.questions import CHECKED, add_up
from benchmarks.side_by_side import report_usage

Answered = dict[str, Any]


def cpu() -> float:
    """Return this process's CPU seconds so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Meter:
    """CPU and wall seconds of what is called through it, added up by name."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}

    def __call__(self, name: str, call: Callable[..., Any], *given: object) -> Any:
        """Return what a call gives; its cost is kept under the name."""
        before, started = cpu(), time.perf_counter()
        result = call(*given)
        self.cpu[name], self.wall[name] = cpu() - before, time.perf_counter() - started
        return result


def by_hand(module: str) -> Callable[[Path], Answered]:
    """Return a runner of a contender that reads the Parquet files itself, which is counted."""

    def run(folder: Path) -> Answered:
        contender = import_module(f"benchmarks.{module}")
        meter = Meter()
        files = meter("reading", contender.open_files, folder)
        return _asked(contender, files, meter)

    return run


def ours(engine: str) -> Callable[[Path], Answered]:
    """Return a runner of this library: intake and metrics apart."""

    def run(folder: Path) -> Answered:
        contender = import_module("benchmarks.contender_ours")
        start = cpu()
        company = contender.open_scale(folder, engine=engine)
        for name in contender.TABLES:
            company.rows(name)
        intake = cpu() - start
        return {"intake": intake, **_asked(contender, company, Meter())}

    return run


def _asked(contender: Any, source: object, meter: Meter) -> Answered:
    """Ask every question; what the answers add up to is looked at after the clock has stopped."""
    answers = {name: meter(name, contender.ANSWERS[name], source) for name in CHECKED}
    totals = {name: add_up(name, contender.columns(table)) for name, table in answers.items()}
    return {
        "metrics": sum(meter.cpu.values()),
        "wall": sum(meter.wall.values()),
        "questions": meter.cpu,
        "totals": totals,
    }


CONTENDERS = {
    "spm_lib on polars": ours("polars"),
    "spm_lib on DuckDB": ours("duckdb"),
    "polars by hand": by_hand("contenders_polars"),
    "DuckDB SQL by hand": by_hand("contenders_sql"),
    "pandas": by_hand("contenders_pandas"),
}

if __name__ == "__main__":
    report_usage(**CONTENDERS[sys.argv[1]](Path(sys.argv[2])))
