"""How long everything on the page of 500 people and a million deals takes, cold and warm.

`python -m benchmarks.rep_speed` measures and puts its section into docs/performance.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.company import company
from benchmarks.sections import put_section
from benchmarks.side_by_side import ROOT
from spm_lib.charts import leave_unchecked
from spm_lib.model import Company
from spm_lib.reports.cells import Edition
from spm_lib.reports.drawing_aside import start_drawing
from spm_lib.reports.pages.reps_page import RepsPage
from spm_lib.simulate import preset_of
from spm_lib.stats import steady

PAGE = ROOT / "docs" / "performance.md"
TITLE = "The people of a large client"
DEALS, PEOPLE = 1_000_000, 500
GOAL = 10  # seconds by the clock, on two free cores
PARTS = {
    "tests, win rates, mix of deals": ("outcome",),
    "skills, their draws, ranks and groups": ("skill_tables",),
    "gaps, reliability, every figure": ("summary",),
    "the rest of the page: tables and charts": (
        *("key_figures", "rates", "chance", "table_of_people", "aspects", "skills", "lasting"),
        *("mix", "definitions", "receipts", "notices"),
    ),
}


@dataclass(frozen=True)
class Taken:
    """Seconds of one part, by the clock and on all processors."""

    part: str
    wall: float
    cpu: float


class _Page(RepsPage):
    """The page of a company that is in memory already."""

    def __init__(self, made: Company) -> None:
        start_drawing()
        self.company, self.scope, self.months = made, "company", 12
        self.printed: dict[str, None] = {}
        self.edition = Edition.model_validate({"language": "en", "currency": made.currency})

    def skill_tables(self) -> None:
        """Make the skills of all people."""
        assert not isinstance(self.outcome, Exception)
        assert self.outcome.skills.table.height


def big_company(*, deals: int = DEALS, reps: int = PEOPLE) -> Company:
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


@steady  # as in the kernel of a report
def page_times(made: Company) -> list[Taken]:
    """Return how long each part of the page takes, and all of it."""
    page = _Page(made)

    def work(names: tuple[str, ...]) -> None:
        for name in names:
            part = getattr(page, name)
            if callable(part):
                part()

    found = [_taken(part, lambda names=names: work(names)) for part, names in PARTS.items()]
    return [*found, Taken("all", sum(t.wall for t in found), sum(t.cpu for t in found))]


def _taken(part: str, work: Callable[[], None]) -> Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(part, time.perf_counter() - wall, time.process_time() - cpu)


def section(*, deals: int = DEALS, reps: int = PEOPLE) -> str:
    """Return the section of docs/performance.md: the first page of a process, and a second one."""
    leave_unchecked()  # as a run does
    made = big_company(deals=deals, reps=reps)
    first, again = page_times(made), page_times(made)
    load = os.getloadavg()[0]
    rows = [
        f"| {a.part} | {a.cpu:.1f} | {a.wall:.1f} | {b.cpu:.1f} | {b.wall:.1f} |"
        for a, b in zip(first, again, strict=True)
    ]
    table = "\n".join(
        [
            "| part | cold, CPU s | cold, wall s | warm, CPU s | warm, wall s |",
            "|---" * 5 + "|",
            *rows,
        ]
    )
    return f"""## {TITLE}
The report `reps` of {deals:,} simulated deals and {reps} seats, from tables in memory to all blocks
of the page: tests, skills, draws, gaps, figures, tables, charts. The goal is {GOAL} s by the clock
on two free cores; seconds are more where others work on them (as this was measured the load average
was {load:.1f}, on {os.cpu_count()} cores). Warm: the same page once more, which finds the deals
closed in its window made already. CPU is the page's own: what draws beside it is a process that
only the clock counts. `python -m benchmarks.rep_speed` writes this section.

{table}
"""


def main() -> None:
    """Measure, and put the section into docs/performance.md."""
    found = section()
    print(found)
    put_section(PAGE, TITLE, found)


if __name__ == "__main__":
    main()
