"""How the cost grows with the data, and what a billion events would cost: docs/scale.md.

`python -m benchmarks.size [--folder DIR] [--small 1000000] [--large 10000000] [--cap 4]
[--rounds 3] [--spark PY]`

Both sizes are built and asked under the cap (see ``benchmarks.out_of_core``), in one run. The case
of 100 million events is a run of its own:
`python -m benchmarks.out_of_core --opportunities 22000000 --folder DIR --cap 4`.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.ahead.asked import FUNNEL, SNAPSHOTS
from benchmarks.ahead.files import EVENTS, note_stints, write_events, write_warm
from benchmarks.ahead.run import OURS
from benchmarks.ahead.tables import SCAN, SPARK, SQL_ON_EVENTS, costs_of
from benchmarks.out_of_core import measured
from benchmarks.scale import write_company
from benchmarks.sections import put_section
from benchmarks.side_by_side import ROOT, side_by_side
from spm_lib.model import store_summary

PAGE = ROOT / "docs" / "scale.md"
SIZE, PAPER = "Size", "Beyond that, on paper"
GROWTH, MOST = 1.3, {FUNNEL: 4, SNAPSHOTS: 2}
BILLION = 1_000_000_000
CORE_HOUR, TERABYTE = 0.05, 6.25  # USD, assumed: what a cloud asked for at list price
CPU_HOUR = 3600


@dataclass(frozen=True)
class Sized:
    """One size: its events, the cost of each step (CPU s, peak MiB), and of questions by name.

    ``events`` are those of the store, which are told amounts too; ``raw_events`` those that SQL
    reads.
    """

    opportunities: int
    events: int
    raw_events: int
    cpu: Mapping[str, float]
    peak: Mapping[str, float]
    questions: Mapping[str, Mapping[str, float]]
    bytes_of_events: int


def at_size(folder: Path, *, opportunities: int, cap: float, rounds: int, beside: dict) -> Sized:
    """Build and ask a company of that many deals, all under the cap; then its floors and rivals."""
    if not (folder / "activities.parquet").exists():
        write_company(folder, opportunities=opportunities)
    found = measured(folder, cap=cap, rounds=rounds, anew=True)
    note_stints(folder)
    write_warm(folder)
    write_events(folder)
    names = [OURS, SCAN, SQL_ON_EVENTS, *beside]
    commands = {name: ["-m", "benchmarks.ahead.run", name, str(folder)] for name in names}
    results = side_by_side(commands, rounds=rounds, pythons=beside, warm_up=False)
    return Sized(
        opportunities,
        store_summary(folder / "store").rows["stage_events"],
        pl.scan_parquet(folder / EVENTS).select(pl.len()).collect().item(),
        {name: min(map(_cost, runs)) for name, runs in found.items()},
        {name: max(run["peak"] for run in runs) for name, runs in found.items()},
        costs_of(results),
        (folder / EVENTS).stat().st_size,
    )


def _cost(run: Mapping) -> float:
    return sum(run["questions"].values()) if "questions" in run else run["cpu"]


def exponent(small: float, large: float, *, sizes: Sequence[int]) -> float:
    """Return the power of the size that a cost grows with, not below 1.

    Examples
    --------
    >>> exponent(2.0, 20.0, sizes=(10, 100)), round(exponent(2.0, 40.0, sizes=(10, 100)), 2)
    (1.0, 1.3)
    """
    return max(1.0, math.log(large / small) / math.log(sizes[1] / sizes[0]))


def wall_at(small: float, large: float, *, sizes: Sequence[int], cap: float) -> float:
    """Return the size at which a peak that grows on as it did comes to the cap; inf: never.

    Examples
    --------
    >>> wall_at(1.0, 2.0, sizes=(10, 110), cap=4.0), wall_at(1.0, 1.0, sizes=(10, 110), cap=4.0)
    (310.0, inf)
    """
    slope = (large - small) / (sizes[1] - sizes[0])
    return sizes[1] + (cap - large) / slope if slope > 0 else math.inf


def size_section(small: Sized, large: Sized, *, cap: float, rounds: int) -> str:
    """Return the growth of each step, and the floors, against their goals."""
    floor = large.cpu["scan"] / small.cpu["scan"]
    lines = [
        f"## {SIZE}",
        f"The whole metric set from a store on disk, every process under a hard cap of {cap:g} GiB",
        f"(`benchmarks/out_of_core.py`), {small.opportunities:,} and {large.opportunities:,}",
        f"opportunities, {os.cpu_count()} cores, best of {rounds}. The raw scan reads what each",
        f"question reads, once. Goals: the metrics grow at most {GROWTH} times as much as the raw",
        f"scan; at the larger size the funnel costs at most {MOST[FUNNEL]} times the scan of its",
        f"own columns, snapshots {MOST[SNAPSHOTS]} times. `python -m benchmarks.size` writes it.",
        "",
        "| step | CPU s | CPU s, larger | growth | to that of the scan | peak MiB, larger | held |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, cost in large.cpu.items():
        growth = cost / small.cpu[name]
        asked = name.startswith("metrics")
        held = ("yes" if growth <= GROWTH * floor else "no") if asked else "-"
        lines.append(
            f"| {name} | {small.cpu[name]:.2f} | {cost:.2f} | {growth:.1f} | {growth / floor:.2f} "
            f"| {large.peak[name]:,.0f} | {held} |"
        )
    lines += ["", "| question | CPU s, larger | times the scan of its columns | goal | held |"]
    lines += ["|---|---|---|---|---|"]
    for question, most in MOST.items():
        ours, least = large.questions[OURS][question], large.questions[SCAN][question]
        held = "yes" if ours <= most * least else "no"
        lines.append(f"| {question} | {ours:.2f} | {ours / least:.1f} | {most} | {held} |")
    return "\n".join([*lines, ""])


def paper_section(small: Sized, large: Sized, *, cap: float) -> str:
    """Return what a billion events would cost, from the growth that was measured."""
    lines = [
        f"## {PAPER}",
        f"Nothing here was run: it goes on from {small.events:,} and {large.events:,} events in a",
        f"store; of SQL from {small.raw_events:,} and {large.raw_events:,}, those of stages alone.",
        "A cost c grows as `c(n) = c(n2) * (n / n2) ** p`, where",
        "`p = log(c(n2) / c(n1)) / log(n2 / n1)`,",
        f"and not below 1. A core-hour is taken at {CORE_HOUR} USD and a terabyte scanned in a",
        f"warehouse at {TERABYTE} USD: assumptions, to be replaced by the prices of a contract.",
        "",
        "| of a billion events | p | CPU hours | USD |",
        "|---|---|---|---|",
    ]
    sizes, raw = (small.events, large.events), (small.raw_events, large.raw_events)
    rows = {f"one machine, {n}": (small.cpu[n], cost, sizes) for n, cost in large.cpu.items()}
    for name in (SQL_ON_EVENTS, SPARK):
        if name in large.questions:
            one, other = (sum(of.questions[name].values()) for of in (small, large))
            rows[f"{name}, the three questions"] = (one, other, raw)
    for name, (one, other, of) in rows.items():
        p = exponent(one, other, sizes=of)
        hours = other * (BILLION / of[1]) ** p / CPU_HOUR
        lines.append(f"| {name} | {p:.2f} | {hours:.2f} | {hours * CORE_HOUR:.2f} |")
    return "\n".join([*lines, "", *_beyond(small, large, cap=cap), ""])


def _beyond(small: Sized, large: Sized, *, cap: float) -> list[str]:
    """Say what a scan in a warehouse costs, where the first wall stands, what was not tested."""
    whole = large.bytes_of_events / large.raw_events * BILLION
    sizes = (small.events, large.events)
    walls = {
        name: wall_at(small.peak[name], peak, sizes=sizes, cap=cap * 1024)
        for name, peak in large.peak.items()
    }
    first = min(walls, key=lambda name: walls[name])
    wall = (
        f"the peak of '{first}' comes to {cap:g} GiB at about {walls[first] / 1e6:,.0f} million"
        if math.isfinite(walls[first])
        else "no peak grew between the two sizes, so none is in sight before the disk is full"
    )
    spark = "" if SPARK in large.questions else " Spark was not run: no interpreter was named."
    return [
        f"**A warehouse.** A billion events are {whole / 1e9:.1f} GB of Parquet here; a question",
        f"that reads all of their columns scans {whole / 1e12:.3f} TB, about",
        f"{whole / 1e12 * TERABYTE:.2f} USD where bytes are paid for. DuckDB's SQL on the raw",
        "events stands for its CPU. The stints, written once as a table, are what to ask there.",
        "",
        "**Spark.** CPU hours are of one machine (`local[2]`), with its JVM; a cluster adds the",
        f"shuffle over its network and idle executors, which were not measured.{spark}",
        "",
        f"**The first wall.** If memory grows on as it did, {wall} events.",
        "More buckets lower the peak of a build and of a view; for a question, an engine that",
        "spills (DuckDB) or a larger cap is the way past it.",
        "",
        "**Not tested.** A cluster; a warehouse other than PostgreSQL; files read over a network;",
        "more than two cores; several people asking at once; a deal with millions of events, which",
        "would sit in one bucket; prices other than the two assumed.",
    ]


def main() -> None:
    """Measure both sizes, write both sections and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="kept for another run; else none is")
    parser.add_argument("--small", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--cap", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spark", default=os.environ.get("SPM_SPARK_PYTHON"))
    parser.add_argument("--print", action="store_true", help="print only, leave the page alone")
    given = parser.parse_args()
    beside = {SPARK: given.spark} if given.spark else {}
    with tempfile.TemporaryDirectory() as own:
        folder = given.folder or Path(own)
        more = {"cap": given.cap, "rounds": given.rounds, "beside": beside}
        sizes = (given.small, given.large)
        made = [at_size(folder / f"{n}", opportunities=n, **more) for n in sizes]
    sections = {
        SIZE: size_section(*made, cap=given.cap, rounds=given.rounds),
        PAPER: paper_section(*made, cap=given.cap),
    }
    for title, text in sections.items():
        if not given.print:
            put_section(PAGE, title, text)
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
