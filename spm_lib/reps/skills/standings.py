"""How one person's skills stand beside the others': how sure, and against which number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.reps.skills.rep_skills import rep_skills
from spm_lib.reps.skills.skill import Skill

FEWEST = 5  # others
MOST = 0.5  # of the cases may be one person's


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
        other; deals won are told for as long as the person was there, speed as a multiple of it.
        Null where one of the others gives most of it.
    """

    skill: str
    n: int
    p_above: float | None
    own: float | None = None
    others: float | None = None


def two_digits(value: float) -> float:
    """Return a number rounded to two digits, so that it is nobody's own.

    Examples
    --------
    >>> two_digits(1234567.0), two_digits(0.8731), two_digits(0.0)
    (1200000.0, 0.87, 0.0)
    """
    return float(f"{value:.1e}")


def standings_of(company: Company, *, window: Window) -> dict[str, tuple[Standing, ...]]:
    """Return each person's skills beside the others'; nothing with fewer than five others.

    Parameters
    ----------
    company
        The whole company.
    window
        What is looked back on.
    """
    try:
        skills = rep_skills(company, window=window)
    except DataError:
        return {}
    if len(skills.reps) <= FEWEST:
        return {}
    found: dict[str, list[Standing]] = {}
    for skill in skills.skills:
        table = skill.table.select("rep_id", "n", "p_above", "raw")
        for place, (rep, n, chance, raw) in enumerate(table.iter_rows()):
            told = round(chance, 4) if skill.ranked and chance is not None else None
            own, others = _compared(skill, place, n=n, raw=raw)
            found.setdefault(rep, []).append(Standing(skill.id, n, told, own, others))
    return {rep: tuple(rows) for rep, rows in found.items()}


def _compared(
    skill: Skill, place: int, *, n: int, raw: float | None
) -> tuple[float | None, float | None]:
    """Return the person's number as seen, and the mean of the others as modelled."""
    known = np.delete(np.asarray(skill.pooled.shrunk, dtype=float), place)
    if not raw or not np.isfinite(known).all() or known.max() > MOST * known.sum():
        return None, None
    others = float(known.mean())
    if skill.unit == "ratio":
        return round(raw, 4), round(others, 4)
    if skill.unit == "multiplier":
        return two_digits(raw / others), 1.0
    if skill.id == "volume":
        return float(n), two_digits(others * n / raw)
    return two_digits(raw), two_digits(others)
