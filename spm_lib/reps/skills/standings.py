"""How one person's skills stand beside the others': how sure, and against which number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.reps.coarse import FEWEST, may_be_told, two_digits, whole_percent
from spm_lib.reps.skills.rep_skills import rep_skills
from spm_lib.reps.skills.skill import Skill

EVEN = 50  # percent


@dataclass(frozen=True)
class Standing:
    """What is known of one skill of a person beside the others: no number of anybody else.

    Attributes
    ----------
    p_above
        Probability of being above the mean of the others; null without clear evidence, among all
        skills looked at, that people differ in this one.
    own
        The person's own number as seen, in the unit of ``others``.
    others
        What ``own`` is compared with: the mean of the others as modelled, each as much as any
        other, rounded (see ``coarse``); deals won are told for as long as the person was there,
        speed as a multiple of it.
        Null where one of the others gives most of it.
    """

    skill: str
    n: int
    p_above: float | None
    own: float | None = None
    others: float | None = None


def standings_of(
    company: Company, *, window: Window, others: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Standing, ...]]:
    """Return each person's skills beside the others'; nothing with fewer than five others.

    Parameters
    ----------
    company
        The whole company.
    window
        What is looked back on.
    others
        Who the others of each person are whose mean may be told.
    """
    try:
        skills = rep_skills(company, window=window)
    except DataError:
        return {}
    if len(skills.reps) <= FEWEST:
        return {}
    found: dict[str, list[Standing]] = {}
    for skill in skills.skills:
        places = {rep: place for place, rep in enumerate(skill.table["rep_id"])}
        table = skill.table.select("rep_id", "n", "p_above", "raw")
        for rep, n, chance, raw in table.iter_rows():
            rows = [places[other] for other in others.get(rep, ()) if other in places]
            told = _above(skill, places[rep], rows) if chance is not None else None
            own, theirs = _compared(skill, rows, n=n, raw=raw)
            found.setdefault(rep, []).append(Standing(skill.id, n, told, own, theirs))
    return {rep: tuple(rows) for rep, rows in found.items()}


def _above(skill: Skill, place: int, others: Sequence[int]) -> float | None:
    """Return how likely the person is above the mean of the others, in whole percent.

    Never further from even than the draws say; None where the skill ranks nobody or too few are
    there to compare with.
    """
    if not skill.ranked or len(others) < FEWEST:
        return None
    mean = skill.draws[list(others)].mean(axis=0)
    percent = round(float((skill.draws[place] > mean).mean()) * 100, 6)
    return (math.floor(percent) if percent > EVEN else math.ceil(percent)) / 100


def _compared(
    skill: Skill, rows: Sequence[int], *, n: int, raw: float | None
) -> tuple[float | None, float | None]:
    """Return the person's number as seen, and the mean of the others as modelled, rounded."""
    known = np.asarray(skill.pooled.shrunk, dtype=float)[list(rows)]
    if not raw or not np.isfinite(known).all() or not may_be_told(known):
        return None, None
    others = float(known.mean())
    if skill.unit == "ratio":
        rate = whole_percent(others, 1)
        return (None, None) if rate is None else (round(raw, 4), rate)
    if skill.unit == "multiplier":
        return two_digits(raw / others), 1.0
    if skill.id == "volume":
        return float(n), two_digits(others * n / raw)
    return two_digits(raw), two_digits(others)
