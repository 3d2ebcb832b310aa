"""How long the comparison of 500 people on a million deals takes, CPU and wall."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from benchmarks.company import company
from spm_lib.model import Company
from spm_lib.reps import compare_reps, rep_skills
from spm_lib.simulate import preset_of

WINDOW = "2025-10-01/2026-10-01"


@dataclass(frozen=True)
class Taken:
    """Seconds of one part, by the clock and on all processors."""

    part: str
    wall: float
    cpu: float


def big_company(*, deals: int = 1_000_000, reps: int = 500) -> Company:
    """Return a company of that many deals and people, its tables made already."""
    preset = replace(
        preset_of("clean"),
        opportunities=deals,
        seats=reps,
        teams=max(reps // 10, 1),
        accounts=max(deals // 10, 1),
        movers=reps // 20,
    )
    made = company(preset, 1, opportunities=deals)
    for name in ("opportunities", "activities", "reps", "stage_events"):
        made.table(name)
    assert made.stints.height
    return made


def rep_times(made: Company, *, window: str = WINDOW) -> list[Taken]:
    """Return how long each part of the comparison takes."""
    taken = []

    def run(part: str, work) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append(Taken(part, time.perf_counter() - wall, time.process_time() - cpu))

    run("win rates, tests, mix", lambda: compare_reps(made, window=window))
    run("skills and their draws", lambda: rep_skills(made, window=window).table)
    return taken


def main() -> None:
    """Print the table."""
    made = big_company()
    for row in rep_times(made):
        print(f"{row.part}: {row.wall:.1f} s by the clock, {row.cpu:.1f} s of CPU")


if __name__ == "__main__":
    main()
