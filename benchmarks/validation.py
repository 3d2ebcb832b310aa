"""Write docs/validation.md: the heavy proofs, on many seeds (`make validate`)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from rich.progress import track

import spm_lib
from benchmarks.coaching_proofs import coaching_part
from benchmarks.company import SAMPLE, company
from benchmarks.forecast_page import forecast_part
from benchmarks.fork_stress import stress
from benchmarks.lead_proofs import leads_part
from benchmarks.mistake_proofs import mistakes_part
from benchmarks.odds_proofs import odds_part
from benchmarks.playbook_proofs import playbook_part
from benchmarks.quota_methods import quota_part
from benchmarks.rep_estimates import people_part
from benchmarks.segment_proofs import segments_part
from benchmarks.side_by_side import ROOT
from benchmarks.waterfall_histories import differences
from spm_lib.forecast import backtest, call_record
from spm_lib.model import Company
from spm_lib.reps import compare_reps
from spm_lib.reps.comparison.null_check import NullCheck, check_null_companies
from spm_lib.simulate import make_world, preset_of
from spm_lib.simulate.calls import call_truth
from spm_lib.simulate.truth import rep_truth
from spm_lib.stats import wilson

PAGE = ROOT / "docs" / "validation.md"
WINDOW = "2024-10-01/2026-10-01"
TRACK = (
    "method",
    "windows",
    "bias",
    "wape",
    "ncrps",
    "coverage80",
    "coverage_low",
    "coverage_high",
)


def null_companies(seeds: int) -> Iterator[Company]:
    """Return companies in which nobody differs."""
    for seed in track(range(seeds), description="companies without rep effects"):
        yield company("null_reps", 10_000 + seed)


def wilson_table(draws: int = 200_000) -> str:
    """Return how often Wilson's 95 % interval holds the true rate."""
    rng = np.random.default_rng(1)
    lines = ["| true rate | n | share of intervals that hold it |", "|---|---|---|"]
    for rate in (0.05, 0.2, 0.5):
        for n in (10, 40, 200):
            low, high = wilson(rng.binomial(n, rate, draws), np.full(draws, n))
            held = np.mean((np.asarray(low) <= rate) & (rate <= np.asarray(high)))
            lines.append(f"| {rate:.0%} | {n} | {held:.1%} |")
    return "\n".join(lines)


def planted_correlations(seeds: int) -> list[float]:
    """Return, per company, how the pooled win rates correlate with the planted rep effects."""
    found = []
    for seed in track(range(seeds), description="companies with planted rep effects"):
        preset = replace(preset_of("clean"), opportunities=6000)
        truth = rep_truth(make_world(preset, 20_000 + seed))
        compared = compare_reps(company("clean", 20_000 + seed, opportunities=6000), window=WINDOW)
        both = compared.table.join(truth, on="rep_id").drop_nulls(["shrunk", "forward_effect"])
        shrunk, planted = both["shrunk"].to_numpy(), both["forward_effect"].to_numpy()
        found.append(float(np.corrcoef(shrunk, planted)[0, 1]))
    return found


def track_table(path: Path, horizon: str) -> str:
    """Return the track record of every method on one client's history, company level."""
    record = backtest(spm_lib.open(path), horizon=horizon)
    rows = record.filter(pl.col("level") == "company").sort("ncrps").select(TRACK)
    head = "| method | windows | bias | WAPE | nCRPS | inside 80 % | its 95 % interval |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for method, windows, bias, wape, ncrps, inside, low, high in rows.iter_rows():
        lines.append(
            f"| {method} | {windows} | {bias:+.2f} | {wape:.3f} | {ncrps:.3f} | {inside:.0%} "
            f"| {low:.0%}-{high:.0%} |"
        )
    return "\n".join(lines)


def waterfall_line(count: int) -> str:
    """Return on how many random histories the waterfall differs from a plain loop."""
    wrong = differences(count)
    return f"""{count:,} random histories of deals (ties, reopened, deleted and handed-over deals,
missing amounts and plans) between two random days, in a random period, for all or some people:
{len(wrong)} on which a bar differs from a loop in plain Python, or start and bars do not add up to
the end to the cent."""


def calls_lines(seeds: int) -> str:
    """Return how well planted leanings of calls are found, and how often honest people are."""
    named = wrong = strong = found = honest = blamed = 0
    for seed in track(range(seeds), description="companies with planted calls"):
        truth = dict(call_truth(make_world(preset_of("clean"), 30_000 + seed)).iter_rows())
        record = call_record(company("clean", 30_000 + seed, opportunities=6500))
        low, high = record.people("low"), record.people("high")
        leaning = [(w, -1) for w in low if w in truth] + [(w, 1) for w in high if w in truth]
        named += len(leaning)
        wrong += sum(truth[who] * sign < 0 for who, sign in leaning)
        early = record.bias.filter((pl.col("level") == "rep") & (pl.col("periods") >= 8))
        far = {w for w in early["id"].unique() if abs(truth[w]) > 0.35}
        strong, found = strong + len(far), found + len(far & {*low, *high})
        plain = call_record(company("null_reps", 30_000 + seed, opportunities=6500))
        honest += plain.bias["id"].drop_nulls().n_unique()
        blamed += len(plain.people("low")) + len(plain.people("high"))
    return f"""{seeds} companies whose people lean by a spread of 25 % on what is still to come.
Told apart: {named} people, {wrong} of them on the wrong side. Of {strong} who lean by more than
35 % (8 quarters or more), {found} are found. In {seeds} companies in which nobody leans, {blamed}
of {honest} people are named."""


def page(
    *,
    seeds: int,
    null: NullCheck,
    correlations: list[float],
    forecast: str,
    coaching: str,
    mistakes: str,
    playbook: str,
    leads: str,
    people: str,
    odds: str,
    quotas: str,
    segments: str,
) -> str:
    """Return the text of docs/validation.md."""
    low, mid, high = np.quantile(correlations, [0.1, 0.5, 0.9])
    return f"""# Validation
Written by `make validate` from simulated companies with known truth and from the sample company.

## Nobody is called better or worse by luck
{null.companies} companies whose people do not differ: in {null.ranked} people were ranked, in
{null.flagged} ({null.share:.1%}) anybody was called above or below the mean. The bound is 8 %.

## Planted differences are found
{len(correlations)} companies with planted rep effects (6,000 deals, a window of two years):
correlation of the pooled win rate with the planted effect, median {mid:.2f}, 10-90 % of companies
{low:.2f} to {high:.2f}. The planted effect moves deals forward at every stage; the win rate
also carries luck and mix.

{people}

## Wilson's interval holds what it says
{wilson_table()}

## Forecast track record, sample company, months
{track_table(SAMPLE, "month")}

## Forecast track record, sample company, quarters
{track_table(SAMPLE, "quarter")}

## The change waterfall adds up
{waterfall_line(10_000)}

## Sandbagging and happy ears are found, honest people are not named
{calls_lines(20)}

{odds}
{coaching}
{mistakes}
{playbook}
{leads}
{forecast}

{quotas}

{segments}
## Forked processes never hang
Each child runs a query on the whole pool of polars and counts what Python counts.

{stress(500)}

Seeds: {seeds}.
"""


def main() -> None:
    """Run the proofs and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    null = check_null_companies(null_companies(seeds), window=WINDOW)
    correlations = planted_correlations(max(5, seeds // 10))
    text = page(
        seeds=seeds,
        null=null,
        correlations=correlations,
        forecast=forecast_part(seeds=seeds),
        coaching=coaching_part(seeds=seeds),
        mistakes=mistakes_part(seeds=seeds),
        playbook=playbook_part(seeds=seeds),
        leads=leads_part(seeds=seeds),
        people=people_part(seeds=seeds),
        odds=odds_part(seeds=seeds),
        quotas=quota_part(),
        segments=segments_part(seeds=seeds),
    )
    PAGE.write_text(text, encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
