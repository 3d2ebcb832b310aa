"""How long the odds of targets take to answer while a lever moves, and once it rests (CPU)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from benchmarks.company import company
from spm_lib.simulate import preset_of
from spm_lib.targets.odds.levers import Hire, OddsLevers
from spm_lib.targets.odds.odds import DRAWS, SETTLED, Odds

START, END = date(2026, 10, 1), date(2027, 10, 1)
_TIMES = 7
LEVERS: dict[str, Callable[[float], OddsLevers]] = {
    "over-assignment": lambda x: OddsLevers(over_assignment=0.3 * x),
    "win rate": lambda x: OddsLevers(win_rate=0.7 + 0.6 * x),
    "deal size": lambda x: OddsLevers(deal_size=0.7 + 0.6 * x),
    "cycle": lambda x: OddsLevers(cycle=0.7 + 0.6 * x),
    "growth": lambda x: OddsLevers(growth=-0.2 + 0.4 * x),
    "activity": lambda x: OddsLevers(activity=0.7 + 0.6 * x),
    "hires and their month": lambda x: OddsLevers(
        hires=(Hire(date(2026, 11 + round(x), 1), 1 + round(4 * x)),)
    ),
    "ramp": lambda x: OddsLevers(ramp=(0.1 + x / 2, 0.5, 0.9)),
    "attrition": lambda x: OddsLevers(attrition=0.05 + 0.3 * x, backfill=2),
    "all at once": lambda x: OddsLevers(
        win_rate=0.8 + 0.4 * x,
        deal_size=1.1,
        cycle=0.8 + 0.4 * x,
        growth=0.1,
        activity=1.1,
        attrition=0.1 + 0.2 * x,
        backfill=3,
        hires=(Hire(date(2027, 1, 1), 5),),
    ),
}


@dataclass(frozen=True)
class Measured:
    """Milliseconds of CPU of one answer: of several settings of one lever."""

    people: int
    draws: int
    lever: str
    median: float
    worst: float


def made(people: int) -> Odds:
    """Return the odds of a company of about so many people, 300 deals each."""
    preset = replace(
        preset_of("clean"), seats=people, teams=max(people // 8, 1), accounts=people * 40, churn=0.0
    )
    return Odds.of(company(preset, 1, opportunities=300 * people), start=START, end=END)


def year_targets(odds: Odds) -> pl.DataFrame:
    """Return a target for the year per person, at what is expected of everybody alike."""
    value = round(float(odds.today.people.size.value.mean() * 20))
    return pl.DataFrame(
        {
            "rep_id": odds.reps,
            "period_start": [START] * len(odds.reps),
            "period_end": [END] * len(odds.reps),
            "value": [value] * len(odds.reps),
        }
    )


def measured(odds: Odds, *, draws: int) -> Iterator[Measured]:
    """Measure every lever, each time at a place at which it was not before."""
    targets = year_targets(odds)
    odds.prepare(draws)
    odds.answer(targets, draws=draws)
    for lever, setting in LEVERS.items():
        taken = []
        for number in range(_TIMES):
            levers = setting((number + 0.37) / _TIMES)
            begin = time.process_time()
            odds.answer(targets, levers, draws=draws)
            taken.append((time.process_time() - begin) * 1000)
        yield Measured(len(odds.reps), draws, lever, statistics.median(taken), max(taken))


def odds_table(*, people: tuple[int, ...] = (50, 500)) -> str:
    """Return the table of all measurements."""
    lines = [
        "| people | scenarios | lever | median, ms of CPU | worst of 7 |",
        "|---|---|---|---|---|",
    ]
    for count in people:
        begin = time.process_time()
        odds = made(count)
        odds.prepare(DRAWS)
        lines.append(
            f"| {count} | {DRAWS:,} | learn and draw once | "
            f"{(time.process_time() - begin) * 1000:.0f} | |"
        )
        for draws in (DRAWS, SETTLED) if count <= 100 else (DRAWS,):
            lines += [
                f"| {row.people} | {row.draws:,} | {row.lever} | {row.median:.0f} "
                f"| {row.worst:.0f} |"
                for row in measured(odds, draws=draws)
            ]
    return "\n".join(lines)


def section() -> str:
    """Return the section of docs/performance.md."""
    return f"""## Odds while a lever moves
Milliseconds of CPU from a setting of the levers to all answers (people, teams, company, months) of
a year by months; every time at a place at which the lever was not before. 300 deals per person.

{odds_table()}
"""


def main() -> None:
    """Print the section."""
    print(section())


if __name__ == "__main__":
    main()
