"""The heavy proof on odds: of past targets given 60 %, how many were met, on many companies."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl
from rich.progress import track

from benchmarks.company import company
from spm_lib.targets.odds.record import odds_record, reliability

PRESETS = ("clean", "sample", "null_reps", "case_mix_confounded", "campaign", "rep_churn")
LEVELS = (0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9)
FIRST_SEED, DEALS = 60_000, 6_500
QUARTERS = [
    (date(year, month, 1), date(year + month // 10, (month + 2) % 12 + 1, 1))
    for year, month in ((2025, 4), (2025, 7), (2025, 10), (2026, 1), (2026, 4), (2026, 7))
]
YEARS = [(date(2024, 10, 1), date(2025, 10, 1)), (date(2025, 10, 1), date(2026, 10, 1))]


def record_of(
    preset: str, seeds: Sequence[int], periods: Sequence[tuple[date, date]]
) -> pl.DataFrame:
    """Return the track record of several companies of a preset."""
    made = (company(preset, seed, opportunities=DEALS) for seed in seeds)
    return pl.concat([odds_record(one, periods, levels=LEVELS) for one in made])


def rows_of(name: str, record: pl.DataFrame) -> Iterator[str]:
    """Yield the lines of one record: people, and the company."""
    table = reliability(record)
    for of in ("person", "company"):
        mine = table.filter(pl.col("of") == of)
        cells = [
            f"{came:.0%} ({low:.0%}-{high:.0%})"
            for came, low, high in mine.select("came", "came_low", "came_high").iter_rows()
        ]
        yield f"| {name} | {of} | {mine['targets'].max()} | {' | '.join(cells)} |"


def odds_part(*, seeds: int) -> str:
    """Return the section of docs/validation.md: one company in 50 of the seeds per preset."""
    count = max(2, seeds // 50)
    numbers = list(range(FIRST_SEED, FIRST_SEED + count))
    head = " | ".join(f"{level:.0%}" for level in LEVELS)
    lines = [f"| companies | targets of | number | {head} |", "|---" * (3 + len(LEVELS)) + "|"]
    for preset in track(PRESETS, description="odds of quarters"):
        lines += rows_of(preset, record_of(preset, numbers, QUARTERS))
    lines += rows_of("clean, a year", record_of("clean", numbers, YEARS))
    table = "\n".join(lines)
    return f"""## Of targets given 60 %, 60 % were met
{count} companies of {DEALS:,} deals per preset. At the start of each of 6 past quarters (and of 2
past years) everybody gets the targets that have these odds by what was known then; the share that
was met, with Wilson's 95 % interval as if people met targets independently (people of one company
share its good and bad quarters, so the truth is wider). People who left before the end are left
out. A year ahead a growing company meets more than it was given: growth after today is a lever.

{table}
"""


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    print(odds_part(seeds=parser.parse_args().seeds))


if __name__ == "__main__":
    main()
