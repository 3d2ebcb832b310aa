"""A store larger than memory: built, viewed and asked under a hard cap on memory.

`python -m benchmarks.out_of_core --opportunities 22000000 --folder DIR [--cap 4] [--rounds 1]`

It writes the section "A hundred million events" of docs/scale.md (`--print` leaves it alone).

Each step is a process of its own. It is killed as soon as its resident memory, mapped files
included, was above the cap at any moment: what is looked at is the kernel's own high-water mark,
which forgets nothing between two looks. (RLIMIT_AS and RLIMIT_DATA would count addresses that
allocators only reserve, or keep after they have given the memory back.)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import questions as q
from benchmarks.contender import cpu
from benchmarks.scale import write_company
from benchmarks.sections import put_section
from benchmarks.side_by_side import ROOT, report_usage
from spm_lib.model.stored.opening import is_store

GIB = 1 << 30
EACH = 0.05  # seconds between two looks at a process
ENGINES = ("polars", "duckdb")
TABLES = ("opportunities", "stints", "activities")
PAGE = ROOT / "docs" / "scale.md"
TITLE = "A hundred million events"
_CLOSED = "rep_id outcome amount closed_day set_aside"
COLUMNS = {  # what a question reads of each table
    q.WIN_RATE_COUNT: {"opportunities": _CLOSED},
    q.WIN_RATE_VALUE: {"opportunities": _CLOSED},
    q.WIN_RATE_CREATED: {"opportunities": "outcome amount created_day closed_day set_aside"},
    q.CONVERSION: {
        "opportunities": "opportunity_id stage stage_rank outcome amount created_day set_aside",
        "stints": "opportunity_id stage_rank outcome entered_day",
    },
    q.TIME_IN_STAGE: {"stints": "stage outcome entered_day left_day amount"},
    q.CYCLE: {"opportunities": f"{_CLOSED} created_day"},
    q.VELOCITY: {"opportunities": f"{_CLOSED} created_day"},
    q.AVERAGE_DEAL: {"opportunities": _CLOSED},
    q.PER_CUSTOMER: {"opportunities": "account_id segment outcome amount closed_day set_aside"},
    q.PIPELINE: {"stints": "stage outcome entered_day left_day amount"},
    q.ACTIVITY_RATIOS: {
        "activities": "rep_id kind happened_day set_aside",
        "opportunities": _CLOSED,
    },
    q.LOST_REASONS: {"opportunities": "lost_reason outcome amount closed_day set_aside"},
    q.WON_AMOUNT: {"opportunities": "outcome amount closed_day set_aside"},
}


def build(folder: Path, _engine: str) -> dict[str, Any]:
    """Build the store from the Parquet files of the company."""
    from benchmarks.contender_ours import scale_settings
    from spm_lib.model import build_store

    build_store(folder / "store", _frames(folder), scale_settings(folder))
    return {}


def _frames(folder: Path) -> dict[str, pl.LazyFrame]:
    from benchmarks.contender_ours import scale_frames

    frames = scale_frames(folder)
    frames["stage_events"] = pl.concat(
        [frames["stage_events"], _amounts(frames["opportunities"])], how="diagonal"
    )
    return frames


def _amounts(deals: pl.LazyFrame) -> pl.LazyFrame:
    """Tell the amount of most deals in their history too: some 45 million events of 10 million."""
    most = pl.col("opportunity_id").str.slice(1).cast(pl.Int64) % 5 != 0
    return deals.filter(most).select("opportunity_id", "amount", entered_at="created_at")


def view(folder: Path, engine: str) -> dict[str, Any]:
    """Make the files of the view at the last day: what the metrics read."""
    from spm_lib.metrics.stages import deal_stages

    company = _opened(folder, engine)
    for name in TABLES:
        company.rows(name)
    deal_stages(company)
    return {}


def ask(folder: Path, engine: str) -> dict[str, Any]:
    """Ask all questions of the metrics, from the files of the view."""
    from benchmarks.contender_ours import ANSWERS, columns

    company = _opened(folder, engine)
    spent, totals = {}, {}
    for question in q.CHECKED:
        before = cpu()
        answer = ANSWERS[question](company)
        spent[question] = cpu() - before
        totals[question] = q.add_up(question, columns(answer))
    return {"questions": spent, "totals": totals}


def scan(folder: Path, engine: str) -> dict[str, Any]:
    """Read the columns of each question once, and all columns of the raw files: the floor."""
    company = _opened(folder, engine)
    files = {name: company.book.parts(company, name) for name in TABLES}
    spent = {
        question: sum(_read(files[name], columns.split()) for name, columns in tables.items())
        for question, tables in COLUMNS.items()
    }
    whole = sum(_read([folder / f"{name}.parquet"], None) for name in TABLES)
    return {"questions": spent, "whole": whole}


def _read(files: Any, columns: list[str] | None) -> float:
    before = cpu()
    asked = pl.col(columns) if columns else pl.all()
    pl.scan_parquet(files).select(asked.max()).collect(engine="streaming")
    return cpu() - before


def _opened(folder: Path, engine: str) -> Any:
    import spm_lib
    from benchmarks.contender_ours import LAST_DAY

    if engine == "duckdb":
        from spm_lib.model.engines.on_duckdb import ON_DUCKDB

        connection = ON_DUCKDB.connected()
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(f"SET temp_directory = '{folder / 'duckdb'}'")
    return spm_lib.open(folder / "store", as_of=LAST_DAY, engine=engine)


STEPS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "build": build,
    "view": view,
    "ask": ask,
    "scan": scan,
}


def capped(command: Sequence[str], *, cap: float) -> dict[str, Any]:
    """Run a step under the cap (GiB), and return what it printed with its wall seconds.

    Raises
    ------
    SystemExit
        If it fails, or is killed for its memory.
    """
    limit = int(cap * GIB)
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.out_of_core", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None:
            if _peak(process.pid) > limit:
                process.kill()
                raise SystemExit(f"{' '.join(command)}: above {cap:g} GiB, killed.")
            time.sleep(EACH)
        out = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: failed under {cap:g} GiB.")
    return {**json.loads(out.strip().splitlines()[-1]), "wall": time.perf_counter() - started}


def _peak(pid: int) -> int:
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        if mark := re.search(r"VmHWM:\s+(\d+)", status):
            return int(mark[1]) * 1024
    return 0


def measured(folder: Path, *, cap: float, rounds: int, anew: bool) -> dict[str, list[dict]]:
    """Run all steps; those that are asked are run in turn, ``rounds`` times."""
    found: dict[str, list[dict]] = {}
    if anew or not is_store(folder / "store"):
        found["build"] = [capped(["build", str(folder), "polars"], cap=cap)]
    found["view"] = [capped(["view", str(folder), "polars"], cap=cap)]
    for _ in range(rounds):
        found.setdefault("scan", []).append(capped(["scan", str(folder), "polars"], cap=cap))
        for engine in ENGINES:
            step = capped(["ask", str(folder), engine], cap=cap)
            found.setdefault(f"metrics on {engine}", []).append(step)
    totals = {name: runs[0]["totals"] for name, runs in found.items() if "totals" in runs[0]}
    if apart := q.disagreements(totals):
        raise SystemExit("\n".join(["The engines do not agree:", *apart]))
    return found


def table(found: dict[str, list[dict]]) -> str:
    """Return the steps as a table: CPU and wall seconds, the ratio to the raw scan, peak memory."""
    floor = min(run["whole"] for run in found["scan"])
    lines = [
        f"All columns of the raw files: {floor:.2f} CPU s.",
        "",
        "| step | CPU s | times that | wall s | peak MiB |",
        "|---|---|---|---|---|",
    ]
    for name, runs in found.items():
        cost, wall = (min(run[part] for run in runs) for part in ("cpu", "wall"))
        peak = max(run["peak"] for run in runs)
        lines.append(f"| {name} | {cost:.1f} | {cost / floor:.1f} | {wall:.1f} | {peak:,.0f} |")
    return "\n".join([*lines, "", *_by_question(found)])


def section(folder: Path, found: dict[str, list[dict]], *, cap: float) -> str:
    """Return the section of the page: how many rows, under which cap, and the table."""
    rows = {
        name: frame.select(pl.len()).collect(engine="streaming").item()
        for name, frame in _frames(folder).items()
    }
    head = (
        f"{rows['opportunities']:,} opportunities, {rows['stage_events']:,} events and "
        f"{rows['activities']:,} activities in a store, every process under\na hard cap of {cap:g} "
        f"GiB, {os.cpu_count()} cores, best of {len(found['scan'])}; both engines gave the same "
        "answers. In brackets: times the raw scan of\nthe columns that the question reads, of the "
        "store's own files. `python -m benchmarks.out_of_core` writes it."
    )
    return f"## {TITLE}\n{head}\n\n{table(found)}\n"


def _by_question(found: dict[str, list[dict]]) -> list[str]:
    """Return each question's CPU seconds, with their ratio to the scan of its own columns."""
    least = {
        name: {k: min(run["questions"][k] for run in runs) for k in q.CHECKED}
        for name, runs in found.items()
        if "questions" in runs[0]
    }
    lines = [f"| question, CPU s | {' | '.join(least)} |", "|---" * (len(least) + 1) + "|"]
    for question in q.CHECKED:
        floor = least["scan"][question]
        cells = (f"{of[question]:.2f} ({of[question] / floor:.1f})" for of in least.values())
        lines.append(f"| {question} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Run one step if one is named, else all of them."""
    if sys.argv[1:2] and sys.argv[1] in STEPS:
        step, folder, engine = sys.argv[1:4]
        report_usage(**STEPS[step](Path(folder), engine))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opportunities", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--cap", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--anew", action="store_true", help="build the store again")
    parser.add_argument("--print", action="store_true", help="print only, leave the page alone")
    given = parser.parse_args()
    if not (given.folder / "activities.parquet").exists():
        write_company(given.folder, opportunities=given.opportunities)
    found = measured(given.folder, cap=given.cap, rounds=given.rounds, anew=given.anew)
    told = section(given.folder, found, cap=given.cap)
    if not given.print:
        put_section(PAGE, TITLE, told)
    print(told)


if __name__ == "__main__":
    main()
