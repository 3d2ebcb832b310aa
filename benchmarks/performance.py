"""Write docs/performance.md from measurements made side by side in one run (`make bench`)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import (
    dashboards,
    forecast_rivals,
    forecast_speed,
    my_pay,
    odds_speed,
    packs,
    rep_speed,
    studio,
)
from benchmarks.contender import CONTENDERS
from benchmarks.questions import CHECKED, disagreements
from benchmarks.scale import write_company
from benchmarks.side_by_side import ROOT, Result, Run, run_once, side_by_side

PAGE = ROOT / "docs" / "performance.md"
REFERENCE = "polars by hand"
LOOP = 3


def metrics_table(results: Sequence[Result]) -> str:
    """Return the table of all metrics: CPU seconds, ratio to polars by hand, peak memory."""
    base = _median(_reference(results), "metrics")
    lines = [
        "| contender | metrics, CPU s | ratio | metrics, wall s | intake, CPU s | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        cost = _median(result, "metrics")
        intake = f"{_median(result, 'intake'):.2f}" if "intake" in result.runs[0].printed else "-"
        lines.append(
            f"| {result.name} | {cost:.2f} | {cost / base:.1f} | {_median(result, 'wall'):.2f} "
            f"| {intake} | {result.median('peak'):,.0f} |"
        )
    return "\n".join(lines)


def questions_table(results: Sequence[Result]) -> str:
    """Return each question's CPU milliseconds, and their ratio to those of polars by hand."""
    reference = _reference(results)
    lines = [
        f"| question | {' | '.join(r.name for r in results)} |",
        "|---" * (len(results) + 1) + "|",
    ]
    for question in CHECKED:
        base = _question(reference, question)
        told = (_question(result, question) for result in results)
        cells = (f"{1000 * cost:,.0f} ({cost / base:.1f})" for cost in told)
        lines.append(f"| {question} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _reference(results: Sequence[Result]) -> Result:
    return next(result for result in results if result.name == REFERENCE)


def _median(result: Result, field: str) -> float:
    return statistics.median(run.printed[field] for run in result.runs)


def _question(result: Result, question: str) -> float:
    return statistics.median(run.printed["questions"][question] for run in result.runs)


def report_table(*, rounds: int) -> str:
    """Return one report's time split as its manifest tells it: kernel, imports, cells, page."""
    parts: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, seconds in _report_timings(Path(folder)).items():
                parts.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(values) for name, values in parts.items()}
    rows = [f"| {name.replace('_', ' ')} | {s:.2f} |" for name, s in medians.items()]
    total = f"| in all | {sum(medians.values()):.2f} |"
    return "\n".join(["| part | wall s |", "|---|---|", *rows, total])


def _report_timings(folder: Path) -> dict[str, float]:
    code = """
import json, sys
from spm_lib.reports import run_reports
made = run_reports(["funnel"], workspace="data/sample/spm.toml", output=sys.argv[1]).check()
print(json.dumps({"cpu": 0, "peak": 0, "index": str(made.index)}))
"""
    run = run_once([sys.executable, "-c", code, str(folder)])
    manifest = next(Path(run.printed["index"]).parent.rglob("manifest.json"))
    return json.loads(manifest.read_text(encoding="utf-8"))["timings"]


def page(
    results: Sequence[Result],
    pack_runs: dict[str, list[Run]],
    *,
    opportunities: int,
    rounds: int,
    pack: int,
    opened: str,
    forecasts: str,
    odds: str,
    people: str,
) -> str:
    """Return the text of docs/performance.md."""
    return f"""# Performance
Written by `make bench`: contenders in turn in fresh processes, after a warm-up, medians of
{rounds}. Machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.

## The metrics on {opportunities:,} opportunities
Win rates by count, by value and of created deals (immature cohorts marked), stage conversion of a
cohort, time in stage, cycle with quartiles, velocity, average deal, average sales per customer,
pipeline on a past day, activity ratios, lost reasons, won amount: {len(CHECKED)} questions, most of
them in a window of one year, by rep, month, stage or segment as the second table says. All
contenders start from the same Parquet files. Those by hand compute the bare values and counts; ours
also give intervals, every group's receipt (rows set aside by reason, with money) and the full grid
of groups. All add up to the same totals, which is checked in the run; a test compares them row by
row. Intake is what the others do not do: types, checks, keys, outcomes, stage visits, as-of views.
It is done once per client; the metrics are then read from memory, while those by hand read their
columns anew with each question (pandas: once). Peak memory is of the whole process.

{metrics_table(results)}

Question by question, in CPU milliseconds, with the ratio to polars by hand. What two questions
share is paid by the first of them: imports, and in pandas the selection of won and closed deals
(the reading of its files is in the first table only).

{questions_table(results)}

## One report
The funnel report of the sample company, in a process of its own, median of {rounds}.

{report_table(rounds=rounds)}

## A pack of personal reports
The funnel report for each of many reps of a simulated client (220 people), as a page. The loop is
papermill and nbconvert as their own pages show it, one report after another, a kernel each: once in
our environment, once with what a plain resolution adds ({", ".join(packs.SLOW_PARSERS)}). The whole
process is counted, with its start, the opening of the data and the look over every file at the end;
medians of {rounds}.

{packs.table(pack_runs, pack=pack, loop=LOOP)}

{opened}
{forecasts}
{odds}
{people}"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opportunities", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pack", type=int, default=packs.SEATS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_company(Path(folder), opportunities=given.opportunities)
        commands = {name: ["-m", "benchmarks.contender", name, folder] for name in CONTENDERS}
        results = side_by_side(commands, rounds=given.rounds)
    totals = {result.name: result.runs[0].printed["totals"] for result in results}
    if apart := disagreements(totals):
        raise SystemExit("\n".join(["The contenders do not agree:", *apart]))
    pack_runs = packs.measure(pack=given.pack, loop=LOOP, rounds=given.rounds)
    text = page(
        results,
        pack_runs,
        opportunities=given.opportunities,
        rounds=given.rounds,
        pack=given.pack,
        opened="\n".join(
            [
                dashboards.section(rounds=given.rounds, browser=dashboards.chromium()),
                studio.section(path=dashboards.chromium(), rounds=given.rounds),
                my_pay.section(path=dashboards.chromium()),
            ]
        ),
        forecasts=f"{forecast_speed.section()}\n{forecast_rivals.section(PAGE)}",
        odds=odds_speed.section(),
        people=rep_speed.section(),
    )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
