"""Run all contenders in turn and write their section of docs/performance.md.

`python -m benchmarks.ahead [--opportunities 1000000] [--rounds 3] [--spark PY] [--pm4py PY]`

``PY`` is the interpreter of an environment with pyspark, or with pm4py and pyarrow (AGPL: run
beside, never installed with the library); SPM_SPARK_PYTHON and SPM_PM4PY_PYTHON say the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.ahead.asked import apart
from benchmarks.ahead.files import build_stints, write_files
from benchmarks.ahead.run import CONTENDERS, SCANS
from benchmarks.ahead.tables import PM4PY, SPARK, costs_table, goals_table
from benchmarks.sections import put_section
from benchmarks.side_by_side import ROOT, Result, report_usage, run_once, side_by_side

PAGE = ROOT / "docs" / "performance.md"
TITLE = "Ahead of what people would write"
TEXT = """## {title}
Three questions on {opportunities:,} opportunities: the funnel (conversion of the deals created in a
year, and the median time in each stage), snapshots (deals and money by stage at 36 month-ends), the
process map (moves from stage to stage, with counts and median times). All contenders run in turn,
each in a fresh process warmed up on a small company; medians of {rounds}. CPU seconds count, with
the reading of the Parquet files, and in brackets how many times ours on polars; Spark's are those
of its JVM too (`local[2]`). All tell the same rows, which is checked in the run. Ours also gives
intervals, receipts and shares. `python -m benchmarks.ahead` writes this section; `--spark` and
`--pm4py` name interpreters of environments made by `pip install pyspark` and
`pip install pm4py pyarrow`.

The stints are built once per client (types, checks, keys, outcomes, visits: the store and its view)
and serve every later question; with the build is what the three questions cost a client who asks
them once. The raw scan reads the columns of a question from the stints and keeps their maximum.

{costs}

{goals}
"""


def measure(folder: Path, *, opportunities: int, rounds: int, beside: dict[str, str]) -> str:
    """Return the section, measured in a folder.

    Raises
    ------
    SystemExit
        If two contenders tell different rows.
    """
    write_files(folder, opportunities=opportunities)
    build = run_once([sys.executable, "-m", "benchmarks.ahead", "--build", str(folder)])
    results = in_turn(folder, rounds=rounds, beside=beside)
    return TEXT.format(
        title=TITLE,
        opportunities=opportunities,
        rounds=rounds,
        costs=costs_table(results, build),
        goals=goals_table(results),
    )


def in_turn(folder: Path, *, rounds: int, beside: dict[str, str]) -> list[Result]:
    """Run all contenders that are there, and hold their answers against each other."""
    there = [n for n in CONTENDERS if n not in (SPARK, PM4PY) or beside.get(n)]
    commands = {name: ["-m", "benchmarks.ahead.run", name, str(folder)] for name in there}
    results = side_by_side(commands, rounds=rounds, pythons=beside, warm_up=False)
    answers = {r.name: r.runs[0].printed["answers"] for r in results if r.name not in SCANS}
    if different := apart(answers):
        raise SystemExit("\n".join(["The contenders do not agree:", *different]))
    return results


def timed_build(folder: Path) -> None:
    """Build the stints in this process and print what it cost."""
    build_stints(folder)
    report_usage()


def main() -> None:
    """Measure, write the section and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opportunities", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spark", default=os.environ.get("SPM_SPARK_PYTHON"))
    parser.add_argument("--pm4py", default=os.environ.get("SPM_PM4PY_PYTHON"))
    parser.add_argument("--print", action="store_true", help="print only, leave the page alone")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        timed_build(given.build)
        return
    beside = {n: py for n, py in ((SPARK, given.spark), (PM4PY, given.pm4py)) if py}
    with tempfile.TemporaryDirectory() as folder:
        text = measure(
            Path(folder), opportunities=given.opportunities, rounds=given.rounds, beside=beside
        )
    if not given.print:
        put_section(PAGE, TITLE, text)
    print(text)


if __name__ == "__main__":
    main()
