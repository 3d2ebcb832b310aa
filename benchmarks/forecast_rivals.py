"""Our forecasts beside AutoETS, AutoARIMA and boosted trees, on the same windows of real histories.

`python -m benchmarks.forecast_rivals` measures and puts its section into docs/performance.md, in an
environment that has the extras; `make bench` does the same, or keeps what was measured last.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import statistics
import time
from pathlib import Path

import numpy as np
import polars as pl

import spm_lib
from benchmarks.company import SAMPLE
from benchmarks.forecast_gates import WORKSPACES
from benchmarks.sections import kept_or, put_section
from spm_lib.core.errors import SpmError
from spm_lib.forecast import METHODS, History, Horizon, Method, method_named, run_backtest
from spm_lib.forecast.horizon import backtest_horizons, date_of
from spm_lib.forecast.track_record.backtest import CHAMPION, Past
from spm_lib.model import Company

TITLE = "Forecasts beside statsforecast and boosted trees"
EXTRAS = ("statsforecast", "lightgbm")
RIVALS = ("auto_ets", "auto_arima", "boosted")
OURS = ("run_rate", "snapshot_conversion", "hybrid")
HISTORIES = (
    ("sample company", SAMPLE, 36),
    ("sales pipeline, 7 people", WORKSPACES / "quicksight_pipeline", 36),
    ("export without stage history, 30 people", WORKSPACES / "maven_crm", 7),
)
INTRODUCTION = """\
By `python -m benchmarks.forecast_rivals` with {versions} (an environment of its own:
see `docs/forecasting.md`). The next month of the company's won value, forecast from the last days
of past months with what was known then; every method is scored by the same backtest on the same
windows. `champion` is what the report would have printed: of our own methods the one that the past
had chosen by each day; rivals were not among those it chose from. AutoETS and AutoARIMA know the
months' bookings only, with a season of 12 from two years on; their ranges are their own simulated
paths, widened like everybody's by past misses. A method that lacks history for the first windows
is scored on fewer, or left out. CPU s: fit and forecast one origin, median of 3."""
HOW = (
    "The extras are not installed here. Make an environment of its own and measure there: "
    "`pip install 'spm-lib[statsforecast,lightgbm]'`, then `python -m benchmarks.forecast_rivals`."
)


def missing() -> list[str]:
    """Return the extras that are not installed."""
    return [extra for extra in EXTRAS if importlib.util.find_spec(extra) is None]


def section(page: Path) -> str:
    """Return the section: measured where the extras are, else as the page has it, else how."""
    if missing():
        return kept_or(page, TITLE, f"## {TITLE}\n{HOW}\n")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in EXTRAS)
    parts = [f"## {TITLE}", INTRODUCTION.format(versions=versions), ""]
    for name, workspace, origins in HISTORIES:
        try:
            company = spm_lib.open(workspace)
        except SpmError:
            parts += [f"### {name}", "Not measured: the data is not beside this checkout.", ""]
            continue
        parts += [f"### {name}", "", table(company, origins=origins), ""]
    return "\n".join(parts)


def table(company: Company, *, origins: int) -> str:
    """Return the scores of champion, our methods and rivals, best nCRPS first, with their time."""
    past = Past(company)
    rivals = [method_named(name) for name in RIVALS]
    done = run_backtest(company, methods=METHODS, origins=origins, past=past)
    other = run_backtest(company, methods=rivals, origins=origins, past=past)
    shown = (CHAMPION, *OURS)
    record = pl.concat([done.track_record().filter(pl.col("method").is_in(shown)),
                        other.track_record().filter(pl.col("method") != CHAMPION)])  # fmt: skip
    costs = {method.id: cost(company, method) for method in (*METHODS, *rivals)}
    used = done.changes()[-1][1]
    costs[CHAMPION] = costs[used]
    lines = [
        "| method | windows | WAPE | bias | nCRPS | inside 80 % | its 95 % interval | CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in record.filter(pl.col("level") == "company").sort("ncrps").iter_rows(named=True):
        name = f"{CHAMPION} (now `{used}`)" if row["method"] == CHAMPION else row["method"]
        lines.append(
            f"| {name} | {row['windows']} | {row['wape']:.3f} | {row['bias']:+.3f} "
            f"| {row['ncrps']:.3f} | {row['coverage80']:.0%} "
            f"| {row['coverage_low']:.0%}-{row['coverage_high']:.0%} "
            f"| {costs[row['method']]:.2f} |"
        )
    return "\n".join(lines)


def cost(company: Company, method: Method, *, origins: int = 3) -> float:
    """Return the CPU seconds to fit and forecast one origin from its history."""
    past = Past(company)
    horizons = backtest_horizons(
        company.calendar,
        since=date_of(past.now.since),
        until=company.as_of,
        grain="month",
        at_most=origins,
    )
    spent = [
        _seconds(method, past.at(horizon.origin), horizon)
        for horizon in horizons
        if method.lacks(past.at(horizon.origin), horizon) is None
    ]
    return statistics.median(spent) if spent else float("nan")


def _seconds(method: Method, history: History, horizon: Horizon) -> float:
    begun = time.process_time()
    fitted = method.fit(history)
    fitted.expect(horizon)
    fitted.sample(horizon, draws=500, rng=np.random.default_rng(1))
    return time.process_time() - begun


def main() -> None:
    """Measure and put the section into the page."""
    from benchmarks.performance import PAGE

    if wanting := missing():
        raise SystemExit(f"{', '.join(wanting)} not installed. {HOW}")
    text = section(PAGE)
    put_section(PAGE, TITLE, text)
    print(text)


if __name__ == "__main__":
    main()
