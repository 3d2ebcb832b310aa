"""Run one contender in this process and print its cost: `python -m benchmarks.ahead.run NAME DIR`.

It is warmed up on the small company of the folder first. What is counted is each question with the
reading of its files. The interpreter may be one that has the contender's library and nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.ahead.asked import told
from benchmarks.side_by_side import report_usage

OURS = "spm_lib on polars"
CONTENDERS = {
    OURS: ("by_us", "ON_POLARS"),
    "spm_lib on DuckDB": ("by_us", "ON_DUCKDB"),
    "polars on the stints": ("in_polars", "ON_STINTS"),
    "DuckDB SQL on the stints": ("in_sql", "DUCKDB_ON_STINTS"),
    "polars on raw events": ("in_polars", "ON_EVENTS"),
    "DuckDB SQL on raw events": ("in_sql", "DUCKDB_ON_EVENTS"),
    "pandas on raw events": ("in_pandas", "ON_EVENTS"),
    "PySpark SQL on raw events": ("in_sql", "SPARK_ON_EVENTS"),
    "PM4Py on raw events": ("in_pm4py", "ON_EVENTS"),
    "raw scan by polars": ("scan", "BY_POLARS"),
    "raw scan by DuckDB": ("scan", "BY_DUCKDB"),
}
SCANS = tuple(name for name in CONTENDERS if name.startswith("raw scan"))
TICKS = os.sysconf("SC_CLK_TCK")


def ask(name: str, folder: Path) -> dict[str, Any]:
    """Return the contender's CPU and wall seconds and its answer, by question."""
    module, attribute = CONTENDERS[name]
    opened, answers = getattr(import_module(f"benchmarks.ahead.{module}"), attribute)
    _answered(opened(folder / "warm"), answers)
    return _answered(opened(folder), answers)


def _answered(source: Any, answers: dict[str, Any]) -> dict[str, Any]:
    cpu, wall, found = {}, {}, {}
    for question, answer in answers.items():
        before, started = cpu_of_tree(), time.perf_counter()
        rows = answer(source)
        cpu[question], wall[question] = cpu_of_tree() - before, time.perf_counter() - started
        found[question] = told(question, rows)
    return {"questions": cpu, "walls": wall, "answers": found}


def cpu_of_tree() -> float:
    """Return the CPU seconds of this process, and of those it started that still run (the JVM)."""
    own = time.process_time() + sum(os.times()[2:4])
    return own + sum(sum(map(int, stat[11:13])) for stat in _children()) / TICKS


def peak_of_children() -> float:
    """Return the sum of the peaks of those processes, in MiB."""
    peaks = 0
    for stat in _children():
        with suppress(OSError):
            status = Path(f"/proc/{stat[-1]}/status").read_text(encoding="ascii")
            lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            peaks += int(lines.get("VmHWM", "0 kB").split()[0])
    return peaks / 1024


def _children() -> list[list[str]]:
    """Return the fields of /proc/PID/stat after the name, and the number, of all descendants."""
    stats: dict[int, list[str]] = {}
    if "pyspark" in sys.modules:
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
                stats[int(path.parent.name)] = [*fields.split(), path.parent.name]
    known = {os.getpid()}
    while True:
        more = {pid for pid, stat in stats.items() if int(stat[1]) in known} - known
        if not more:
            return [stats[pid] for pid in known if pid in stats and pid != os.getpid()]
        known |= more


if __name__ == "__main__":
    answered = ask(sys.argv[1], Path(sys.argv[2]))
    report_usage(**answered, children=peak_of_children())
