"""The contenders' costs and the goals, as tables of docs/performance.md."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.ahead.asked import FUNNEL, LABELS, MAP, SNAPSHOTS
from benchmarks.ahead.run import OURS, SCANS
from benchmarks.side_by_side import Result, Run

OURS_ON_DUCKDB = "spm_lib on DuckDB"
SQL_ON_EVENTS = "DuckDB SQL on raw events"
PANDAS = "pandas on raw events"
PM4PY = "PM4Py on raw events"
SPARK = "PySpark SQL on raw events"
SCAN = SCANS[0]
NATIVE = {OURS: "polars on the stints", OURS_ON_DUCKDB: "DuckDB SQL on the stints"}
NOT_THERE = {
    SPARK: "not run: no interpreter with pyspark was named (`--spark`)",
    PM4PY: "not run: no interpreter with PM4Py was named (`--pm4py`)",
}


@dataclass(frozen=True)
class Goal:
    """Ours at most so many times another contender, in CPU seconds of one question."""

    question: str
    other: str
    most: float

    def measured(self, costs: Costs) -> float | None:
        """Return how many times it is; None: one of the two was not run."""
        ours, theirs = costs.get(OURS), costs.get(self.other)
        return ours[self.question] / theirs[self.question] if ours and theirs else None

    @property
    def text(self) -> str:
        """What is compared, in words."""
        return f"{self.question} / {self.other}"


Costs = Mapping[str, Mapping[str, float]]
GOALS = (
    Goal(FUNNEL, SQL_ON_EVENTS, 0.5),
    Goal(FUNNEL, PANDAS, 1 / 6),
    Goal(SNAPSHOTS, SQL_ON_EVENTS, 0.3),
    Goal(MAP, PM4PY, 1 / 20),
    Goal(FUNNEL, SCAN, 4),
    Goal(SNAPSHOTS, SCAN, 2),
)
PORTABLE = 1.15


def costs_of(results: Sequence[Result], field: str = "questions") -> dict[str, dict[str, float]]:
    """Return the medians by contender and question, of CPU seconds or another field."""
    return {
        r.name: {
            question: statistics.median(run.printed[field][question] for run in r.runs)
            for question in r.runs[0].printed[field]
        }
        for r in results
    }


def costs_table(results: Sequence[Result], build: Run) -> str:
    """Return CPU seconds by contender and question, with ratios to ours, and with the build."""
    costs, walls = costs_of(results), costs_of(results, "walls")
    lines = [
        f"| contender | {' | '.join(LABELS)} | all, CPU s | with the build | all, wall s "
        "| peak MiB |",
        "|---" * (len(LABELS) + 5) + "|",
        f"| the build of the stints | {' | '.join('-' for _ in LABELS)} | {build.cpu:.2f} "
        f"| - | {build.wall:.2f} | {build.peak:,.0f} |",
    ]
    for result in results:
        of, name = costs[result.name], result.name
        cells = (_cell(of.get(q), costs[OURS][q]) for q in LABELS)
        whole = len(of) == len(LABELS)
        total, on_stints = sum(of.values()), name in NATIVE or name in NATIVE.values()
        built = f"{total + on_stints * build.cpu:.2f}" if whole and name not in SCANS else "-"
        peak = statistics.median(r.peak + r.printed["children"] for r in result.runs)
        lines.append(
            f"| {name} | {' | '.join(cells)} | {f'{total:.2f}' if whole else '-'} | {built} "
            f"| {sum(walls[name].values()):.2f} | {peak:,.0f} |"
        )
    absent = [f"{name}: {why}." for name, why in NOT_THERE.items() if name not in costs]
    return "\n".join([*lines, *(["", *absent] if absent else [])])


def _cell(cost: float | None, ours: float) -> str:
    return "-" if cost is None else f"{cost:.3f} ({cost / ours:.1f})"


def goals_table(results: Sequence[Result]) -> str:
    """Return each goal, what was measured, and whether it is held."""
    costs = costs_of(results)
    lines = ["| ours / theirs, CPU | goal, at most | measured | held |", "|---|---|---|---|"]
    lines += [_goal(goal.text, goal.most, goal.measured(costs)) for goal in GOALS]
    text = "portable layer / native on the same stints, geometric mean"
    lines.append(_goal(text, PORTABLE, portable_to_native(costs)))
    return "\n".join(lines)


def _goal(text: str, most: float, found: float | None) -> str:
    if found is None:
        return f"| {text} | {most:.3g} | not run | - |"
    return f"| {text} | {most:.3g} | {found:.3g} | {'yes' if found <= most else 'no'} |"


def portable_to_native(costs: Costs) -> float:
    """Return the geometric mean of ours to native, over both engines and all questions."""
    ratios = [
        costs[ours][question] / costs[native][question]
        for ours, native in NATIVE.items()
        for question in LABELS
    ]
    return math.exp(statistics.fmean(map(math.log, ratios)))
