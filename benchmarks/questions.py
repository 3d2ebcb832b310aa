"""What every contender is asked, and how it is seen that all of them counted the same.

The window of all questions is ``[START, END)``, as epoch days; the pipeline is asked for at the end
of ``PAST_DAY``. An answer is a table, told as columns by name; ``CHECKED`` are those of its columns
that must add up to the same whoever made it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

Columns = Mapping[str, Iterable]
Totals = dict[str, dict[str, float]]

START, END = 19_601, 19_967  # [2023-09-01, 2024-09-01)
PAST_DAY = 19_904  # 2024-06-30
TOLERANCE = 1e-6  # of fractions: ours rounds money to minor units

CHECKED = {
    "win rate by count, by rep": ("value", "n"),
    "win rate by value, by rep": ("value", "n"),
    "win rate of created deals, by month": ("value", "n", "mature"),
    "stage conversion of a cohort": ("entered", "advanced", "lost", "still_open"),
    "median time in stage": ("value", "n"),
    "cycle, median and quartiles, by rep": ("value", "q1", "q3", "n"),
    "velocity, by rep": ("value", "n"),
    "average deal, by rep": ("value", "n"),
    "average sales per customer, by segment": ("value", "n"),
    "pipeline by stage on a past day": ("count", "amount"),
    "activity ratios, by rep and month": (
        *("calls", "meetings", "proposals", "won"),
        *("meetings_per_call", "proposals_per_meeting", "won_per_proposal"),
    ),
    "lost reasons": ("value", "deals"),
    "won amount, by month": ("value",),
}
(
    WIN_RATE_COUNT,
    WIN_RATE_VALUE,
    WIN_RATE_CREATED,
    CONVERSION,
    TIME_IN_STAGE,
    CYCLE,
    VELOCITY,
    AVERAGE_DEAL,
    PER_CUSTOMER,
    PIPELINE,
    ACTIVITY_RATIOS,
    LOST_REASONS,
    WON_AMOUNT,
) = CHECKED


def add_up(question: str, columns: Columns) -> dict[str, float]:
    """Return the sum of each checked column; what is unknown (null) counts nothing."""
    return {name: _sum(columns[name]) for name in CHECKED[question]}


def _sum(values: Iterable) -> float:
    known = [v for v in values if v is not None and v == v]
    whole = all(float(v).is_integer() for v in known)
    return sum(int(v) for v in known) if whole else math.fsum(known)


def disagreements(totals: Mapping[str, Totals]) -> list[str]:
    """Return what two contenders tell differently, told in words; none: they agree.

    ``totals`` are the sums by contender, question and column. Counts must be the same to the unit.
    """
    first, *others = totals
    return [
        f"{question}, {column}: {first} {known}, {other} {totals[other][question][column]}"
        for other in others
        for question, sums in totals[first].items()
        for column, known in sums.items()
        if not _same(known, totals[other][question][column])
    ]


def _same(one: float, other: float) -> bool:
    whole = isinstance(one, int) and isinstance(other, int)
    return one == other if whole else math.isclose(one, other, rel_tol=TOLERANCE)
