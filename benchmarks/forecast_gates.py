"""The forecast's accuracy gates: real histories, and companies whose true odds are known.

The configuration was frozen before the last 12 months of the sales pipeline were scored, and
before the simulator's seeds were drawn: they are digits of the hash of the commit that froze it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from rich.progress import track

import spm_lib
from benchmarks.company import company
from benchmarks.side_by_side import ROOT
from spm_lib.forecast import METHODS, Backtest, method_named, run_backtest
from spm_lib.forecast.horizon import date_of
from spm_lib.forecast.track_record.backtest import Past
from spm_lib.simulate import make_world, preset_of
from spm_lib.simulate.oracle import consult_oracle
from spm_lib.stats import crps, wilson

METHOD = "hybrid"
FLOOR = "snapshot_conversion"
NAIVE = tuple(method.id for method in METHODS if method.naive)
FROZEN = "bb2d01ca15bb098d44bdef31c069b2cb1d077c2b"
PRESETS = ("clean", "sample", "zombies", "campaign", "rep_churn", "case_mix_confounded")
SEEDS = tuple(int(FROZEN[4 * k : 4 * k + 4], 16) for k in range(len(PRESETS)))
FROZEN_SINCE = (
    "934685a5eadbd702752c79f4608e6619b1c1caa4"  # methods as above; drawn for more companies
)
MORE = 10  # companies of each preset
OPPORTUNITIES = 6500
MARGIN = 0.01
WORKSPACES = ROOT / "tests" / "data" / "workspaces"
TESTED = {"month": 12, "quarter": 4}
SCORED = {"month": 36, "quarter": 12}


@dataclass(frozen=True)
class Gate:
    """One gate: what was asked, what was found, whether it was met."""

    what: str
    found: str
    met: bool


def last_origins(scores: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the scores of the last origins."""
    origins = scores["origin"].unique().sort().tail(count)
    return scores.filter(pl.col("origin").is_in(origins.implode()))


def crps_difference(
    scores: pl.DataFrame, first: str, second: str, *, level: str, block: int, draws: int = 5000
) -> tuple[float, float, float]:
    """Return nCRPS(first) - nCRPS(second) with its 90 % interval.

    Paired bootstrap over origins in circular blocks, so that neighbouring origins stay together.
    """
    rows = scores.filter(pl.col("level") == level)
    mine, other = (rows.filter(pl.col("method") == m).sort("origin") for m in (first, second))
    both = mine.join(other, on="origin", suffix="_other")
    gap = (both["crps"] - both["crps_other"]).to_numpy()
    actual = both["actual"].to_numpy()
    rng = np.random.default_rng(1)
    count = len(gap)
    starts = rng.integers(0, count, (draws, -(-count // block)))
    picked = ((starts[:, :, None] + np.arange(block)) % count).reshape(draws, -1)[:, :count]
    found = gap[picked].sum(axis=1) / actual[picked].sum(axis=1)
    low, high = np.quantile(found, (0.05, 0.95))
    return float(gap.sum() / actual.sum()), float(low), float(high)


def score_table(scores: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return bias, WAPE, nCRPS and coverage per method, best first."""
    value = pl.col("actual").sum()
    return (
        scores.filter(pl.col("level") == level)
        .group_by("method")
        .agg(
            windows=pl.col("origin").n_unique(),
            wape=pl.col("absolute").sum() / value,
            bias=pl.col("error").sum() / value,
            ncrps=pl.col("crps").sum() / value,
            inside=pl.col("inside").sum(),
            forecasts=pl.col("forecasts").sum(),
        )
        .sort("ncrps", "method")
    )


def as_markdown(table: pl.DataFrame) -> str:
    """Return a score table as markdown."""
    lines = [
        "| method | windows | WAPE | bias | nCRPS | inside 80 % | its 95 % interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for method, windows, wape, bias, ncrps, inside, forecasts in table.iter_rows():
        low, high = wilson(inside, forecasts)
        lines.append(
            f"| {method} | {windows} | {wape:.3f} | {bias:+.3f} | {ncrps:.3f} "
            f"| {inside / forecasts:.0%} | {low:.0%}-{high:.0%} |"
        )
    return "\n".join(lines)


def best_naive(scores: pl.DataFrame, level: str) -> str:
    """Return the naive method with the smallest nCRPS."""
    table = score_table(scores, level).filter(pl.col("method").is_in(NAIVE))
    return str(table["method"][0])


def pipeline_gates(tests: dict[str, pl.DataFrame]) -> list[Gate]:
    """Return the gates on the test windows of the sales pipeline."""
    gates = []
    month = tests["month"]
    for other in (FLOOR, best_naive(month, "rep")):
        gap, low, high = crps_difference(month, METHOD, other, level="rep", block=3)
        found = f"{gap:+.3f} [{low:+.3f}, {high:+.3f}]"
        gates.append(Gate(f"month by rep: nCRPS significantly below {other}", found, high < 0))
    for grain, level in (("month", "company"), ("quarter", "company"), ("quarter", "rep")):
        scores = tests[grain]
        pair = score_table(scores, level).filter(
            pl.col("method").is_in([FLOOR, best_naive(scores, level)])
        )
        other = str(pair["method"][0])
        block = 3 if grain == "month" else 1
        gap, low, high = crps_difference(scores, METHOD, other, level=level, block=block)
        found = f"{gap:+.3f} [{low:+.3f}, {high:+.3f}]"
        what = f"{grain}, {level}: nCRPS at most {MARGIN} above {other}"
        gates.append(Gate(what, found, high <= MARGIN))
    bias = score_table(month, "company").filter(pl.col("method") == METHOD)["bias"][0]
    return [*gates, Gate("month: bias within 5 %", f"{bias:+.3f}", abs(bias) <= 0.05)]


def pipeline_tests(path: Path = WORKSPACES / "quicksight_pipeline") -> dict[str, pl.DataFrame]:
    """Return the scores of every method on the last 12 months and 4 quarters."""
    co = spm_lib.open(path)
    past = Past(co)
    done = {g: run_backtest(co, grain=g, origins=n, past=past) for g, n in SCORED.items()}
    return {grain: last_origins(done[grain].scores, TESTED[grain]) for grain in done}


def champion_gate(done: Backtest, level: str = "company", *, after: int = 3) -> Gate:
    """Return whether the method chosen by the past alone came near the best one in hindsight."""
    rows = done.scores.filter(pl.col("level") == level)
    origins = rows["origin"].unique().sort()[after:]
    later = rows.filter(pl.col("origin").is_in(origins.implode()))
    table = score_table(later, level).filter(pl.col("windows") == len(origins))
    mine = table.filter(pl.col("method") == "champion")["ncrps"][0]
    others = table.filter(pl.col("method") != "champion")
    found = f"{mine:.3f} against {others['ncrps'][0]:.3f} ({others['method'][0]})"
    what = f"{done.grain}, {level}: champion within 10 % of the best in hindsight"
    return Gate(what, found, mine <= 1.1 * others["ncrps"][0])


@dataclass(frozen=True)
class Simulated:
    """Sums over the windows of one simulated company: |error| and CRPS per method, and value."""

    preset: str
    seed: int
    grain: str
    absolute: dict[str, float]
    crps: dict[str, float]
    actual: float


def simulated(preset: str, seed: int, *, draws: int = 150) -> Iterator[Simulated]:
    """Yield what the floor, the method and the oracle missed in the last windows of a company."""
    made = replace(preset_of(preset), opportunities=OPPORTUNITIES)
    co, world = company(preset, seed, opportunities=OPPORTUNITIES), make_world(made, seed)
    past = Past(co)
    for grain, count in TESTED.items():
        methods = [method_named(FLOOR), method_named(METHOD)]
        done = run_backtest(co, grain=grain, origins=SCORED[grain], past=past, methods=methods)
        rows = last_origins(done.scores, count).filter(pl.col("level") == "company")
        windows = rows.filter(pl.col("method") == FLOOR).select("origin", "end", "actual").rows()
        absolute, scored = (
            {m.id: float(rows.filter(pl.col("method") == m.id)[c].sum()) for m in methods}
            for c in ("absolute", "crps")
        )
        absolute["oracle"] = scored["oracle"] = 0.0
        for origin, end, actual in windows:
            totals = consult_oracle(world, day=date_of(origin), until=date_of(end), draws=draws)
            sample = totals.totals()
            absolute["oracle"] += abs(float(sample.mean()) - actual)
            scored["oracle"] += float(crps(sample[None], np.array([actual]))[0])
        yield Simulated(preset, seed, grain, absolute, scored, sum(w[2] for w in windows))


def more_companies() -> list[tuple[str, int]]:
    """Return presets and seeds, drawn by the hash of a later commit that left the methods alone."""
    rng = np.random.default_rng(int(FROZEN_SINCE, 16))
    seeds = rng.integers(0, 2**31, (len(PRESETS), MORE))
    return [(preset, int(seed)) for row, preset in zip(seeds, PRESETS, strict=True) for seed in row]


def simulator_gates(found: Sequence[Simulated]) -> list[Gate]:
    """Return the share of the gap between floor and oracle that the method closes.

    Its 90 % interval is a bootstrap over companies.
    """
    gates = []
    for grain, asked in (("month", 0.8), ("quarter", 0.45)):
        mine = [one for one in found if one.grain == grain]
        missed = np.array([[one.absolute[n] for n in (FLOOR, METHOD, "oracle")] for one in mine])
        value = sum(one.actual for one in mine)
        share = float(_closed(missed.sum(axis=0)))
        picked = np.random.default_rng(1).integers(0, len(mine), (5000, len(mine)))
        low, high = np.quantile(_closed(missed[picked].sum(axis=1)), (0.05, 0.95))
        told = ", ".join(f"{wape:.3f}" for wape in missed.sum(axis=0) / value)
        text = f"{share:.2f} [{low:.2f}, {high:.2f}] (WAPE {told})"
        what = f"{grain} total: share of the gap from floor to oracle closed at least {asked}"
        gates.append(Gate(what, text, share >= asked))
    return gates


def _closed(missed: np.ndarray) -> np.ndarray:
    """Return the share of the gap closed, of (..., 3): what floor, method and oracle missed."""
    floor, method, oracle = np.moveaxis(missed, -1, 0)
    return (floor - method) / (floor - oracle)


def coverage(presets: Sequence[str], seeds: Sequence[int]) -> dict[str, tuple[int, float, int]]:
    """Return (inside, placed, all) of the 80 % band per level, the last 3 months of each company.

    ``placed`` is the sum of ``scoring.placed``.
    """
    sums: dict[str, list[pl.DataFrame]] = {"company": [], "rep": []}
    for number, seed in enumerate(track(seeds, description="coverage of the 80 % band")):
        co = company(presets[number % len(presets)], seed, opportunities=2500)
        done = run_backtest(co, origins=14, methods=[method_named(METHOD)], draws=300)
        rows = last_origins(done.scores, 3).filter(pl.col("method") == METHOD)
        for level, parts in sums.items():
            part = rows.filter(pl.col("level") == level)
            parts.append(part.select(pl.col("inside", "placed", "forecasts").sum()))
    return {level: pl.concat(parts).sum().row(0) for level, parts in sums.items()}


def gates_table(gates: Sequence[Gate]) -> str:
    """Return gates as markdown."""
    lines = ["| gate | found | met |", "|---|---|---|"]
    lines += [f"| {g.what} | {g.found} | {'yes' if g.met else '**no**'} |" for g in gates]
    return "\n".join(lines)
