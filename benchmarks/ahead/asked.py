"""Three questions of stages and time, and the shape of their answers; plain Python.

An answer is rows of labels and numbers. All contenders must tell the same ones, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from benchmarks.span import FIRST_DAY, LAST_DAY

FUNNEL = "funnel"  # stage, entered, advanced, lost, still open, median days
SNAPSHOTS = "snapshots"  # month, stage, deals, amount
MAP = "process map"  # stage, next stage, moves, median days
LABELS = {FUNNEL: 1, SNAPSHOTS: 2, MAP: 2}
EPOCH = date(1970, 1, 1)
TOLERANCE = 1e-9

Rows = Iterable[Sequence]
Answer = dict[str, list[float]]


def month_ends() -> dict[str, int]:
    """Return the last known epoch day of each month of the company.

    Examples
    --------
    >>> ends = month_ends()
    >>> len(ends), ends["2022-01"], ends["2024-12"]
    (36, 19023, 20087)
    """
    days = (EPOCH + timedelta(day) for day in range(FIRST_DAY, LAST_DAY + 1))
    return {f"{day:%Y-%m}": (day - EPOCH).days for day in days}


def told(question: str, rows: Rows) -> Answer:
    """Return the numbers of an answer by its labels; what counts nothing is left out."""
    labels = LABELS[question]
    made = {" / ".join(map(str, r[:labels])): [float(v) for v in r[labels:]] for r in rows}
    return {label: made[label] for label in sorted(made) if any(made[label])}


def apart(answers: Mapping[str, Mapping[str, Answer]]) -> list[str]:
    """Return what contenders tell differently, in words; none: they agree.

    ``answers`` are by contender and question; a contender may not be asked all of them.

    Examples
    --------
    >>> known = {"process map": {"Lead / Won": [3, 2.5]}}
    >>> apart({"ours": known, "theirs": {"process map": {"Lead / Won": [4, 2.5]}}})
    ['process map, Lead / Won: ours [3, 2.5], theirs [4, 2.5]']
    """
    first, *others = answers
    return [
        f"{question}, {label}: {first} {known.get(label)}, {other} {theirs.get(label)}"
        for other in others
        for question, theirs in answers[other].items()
        for known in [answers[first][question]]
        for label in sorted(known.keys() | theirs.keys())
        if not _same(known.get(label), theirs.get(label))
    ]


def _same(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    if one is None or other is None or len(one) != len(other):
        return False
    return all(math.isclose(a, b, rel_tol=TOLERANCE) for a, b in zip(one, other, strict=True))
