"""Time and memory of the forecast on a large client: one origin, and a backtest of 36 origins.

`python -m benchmarks.forecast_speed` measures and puts its section into docs/performance.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

import spm_lib
from benchmarks.sections import put_section
from benchmarks.side_by_side import Run, report_usage, run_once
from spm_lib.forecast import history_of, method_named, months_ahead, reps_of, run_backtest
from spm_lib.model import Company
from spm_lib.simulate import Preset, preset_of, stream

TITLE = "Forecasting a large client"
METHOD = "hybrid"
ORIGINS = 36
OPEN = 10_000
GOALS = {"origin": (5.0, None), "backtest": (120.0, 2048.0)}
START, AS_OF = date(2021, 10, 1), date(2026, 9, 30)  # five years


def large(*, deals: int) -> Preset:
    """Return a company of five years, with so many deals created in them."""
    return replace(
        preset_of("clean"),
        opportunities=deals,
        seats=max(deals // 700, 5),
        teams=max(deals // 7000, 2),
        accounts=max(deals // 8, 50),
        start=START,
        as_of=AS_OF,
    )


def write_client(folder: Path, *, open_deals: int) -> Path:
    """Write a client with about so many open deals and return its workspace file."""
    trial = stream(large(deals=4000), 1, folder / "trial")
    share = _open_deals(trial) / 4000
    return stream(large(deals=round(open_deals / share)), 1, folder / "large")


def _open_deals(workspace: Path) -> int:
    deals = spm_lib.open(workspace).table("opportunities")
    return deals.filter(pl.col("outcome") == "open").height


def measure(what: str, workspace: str) -> None:
    """Do one of the two things in this process and print what it took."""
    company = spm_lib.open(workspace)
    begun, spent = time.perf_counter(), time.process_time()
    if what == "origin":
        _one_origin(company)
    else:
        run_backtest(company, origins=ORIGINS)
    took, cpu = time.perf_counter() - begun, time.process_time() - spent
    deals = company.some("opportunities", "outcome", "rep_id")
    report_usage(
        seconds=took,
        seconds_cpu=cpu,
        open=deals.filter(pl.col("outcome") == "open").height,
        deals=deals.height,
        events=company.receipt("stage_events").used,
        people=deals["rep_id"].n_unique(),
    )


def _one_origin(company: Company) -> None:
    history = history_of(company, reps=reps_of(company))
    horizon = months_ahead(company.calendar, company.as_of, months=3)
    fitted = method_named(METHOD).fit(history)
    fitted.expect(horizon)
    fitted.sample(horizon, draws=2000, rng=np.random.default_rng(1))


def section(*, open_deals: int = OPEN) -> str:
    """Return the section, measured now."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = write_client(Path(folder), open_deals=open_deals)
        command = [sys.executable, "-m", "benchmarks.forecast_speed"]
        runs = {what: run_once([*command, what, str(workspace)]) for what in GOALS}
    told = runs["origin"].printed
    rows = [_row(what, run) for what, run in runs.items()]
    text = f"""\
A simulated client of five years: {told["deals"]:,} deals, {told["events"]:,} changes of them,
{told["people"]} people, {told["open"]:,} deals open now. One origin: read what was known of every
deal, fit and forecast the coming quarter by `{METHOD}`, 2,000 scenarios. Backtest: {ORIGINS}
monthly origins by every method that the data allows. The goals are for two free cores; seconds are
more where others work on them (the load average was {os.getloadavg()[1]:.1f} as this was
measured). Peak memory is of the whole process, the opening of the data included."""
    head = (
        "| what | CPU s | wall s | goal, s | peak MiB | goal, MiB |",
        "|---|---|---|---|---|---|",
    )
    return "\n".join([f"## {TITLE}", text, "", *head, *rows, ""])


def _row(what: str, run: Run) -> str:
    seconds, memory = GOALS[what]
    name = {"origin": "one origin", "backtest": f"backtest, {ORIGINS} origins"}[what]
    goal = f"{memory:,.0f}" if memory else "-"
    return (
        f"| {name} | {run.printed['seconds_cpu']:.1f} | {run.printed['seconds']:.1f} "
        f"| {seconds:.0f} | {run.peak:,.0f} | {goal} |"
    )


def main() -> None:
    """Measure one thing, or everything and put the section into the page."""
    if len(sys.argv) > 1:
        measure(*sys.argv[1:])
        return
    from benchmarks.performance import PAGE

    text = section()
    put_section(PAGE, TITLE, text)
    print(text)


if __name__ == "__main__":
    main()
