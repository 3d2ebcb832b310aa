"""Mentor pairs: the assignment that gains most, within limits, and why somebody has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from spm_lib.reps.coaching.gaps import SUREST
from spm_lib.reps.skills.skill import Skill

BAR = 0.9
MOST_MENTEES = 2
NO_GAP, NOBODY_BETTER, BARRED, FULL = "no gap", "nobody better", "barred", "full"
PAIRS = {
    "rep_id": pl.String,
    "coach_id": pl.String,
    "skill": pl.String,
    "coach_level": pl.Float64,
    "p_better": pl.Float64,
    "gain": pl.Int64,
    "gain_low": pl.Int64,
    "gain_high": pl.Int64,
}
WITHOUT = {"rep_id": pl.String, "reason": pl.String, "best": pl.Float64, "bars": pl.List(pl.String)}
Floats = np.ndarray


@dataclass(frozen=True)
class Limits:
    """What a pair must keep to.

    ``most_mentees``: people a mentor takes at once. ``bar``: chance that the mentor really is the
    better one. ``margin``: by which share better. ``no_mentors``: who takes nobody, and why.
    ``barred``: (mentor, mentee) that must not meet, and why.
    """

    most_mentees: int = MOST_MENTEES
    bar: float = BAR
    margin: float = 0.0
    no_mentors: Mapping[str, str] = field(default_factory=dict)
    barred: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs, and people without one.

    ``pairs``: ``rep_id, coach_id, skill`` (the goal), ``coach_level, p_better`` (chance that the
    mentor is better at it), ``gain, gain_low, gain_high`` (minor units, if the mentee came up to
    the mentor in it). ``without``: ``rep_id, reason`` ("no gap", "nobody better", "barred",
    "full"), ``best`` (highest chance that anybody is better at a gap), ``bars`` (why those who are
    better cannot).
    """

    pairs: pl.DataFrame
    without: pl.DataFrame


def best_assignment(gain: Floats, *, most: int = MOST_MENTEES) -> list[tuple[int, int]]:
    """Return (row, column) of the assignment with the highest sum: each column to one row at most.

    Each row (mentor) takes at most ``most`` columns (mentees); a gain of 0 or less is no pair.
    Source: Crouse (2016), IEEE Trans. Aerospace and Electronic Systems 52:1679
    (``scipy.optimize.linear_sum_assignment``).

    Examples
    --------
    >>> best_assignment(np.array([[9.0, 8.0, 7.0], [5.0, 1.0, 0.0]]), most=1)
    [(0, 1), (1, 0)]
    """
    mentors, mentees = gain.shape
    if not mentors or not mentees:
        return []
    seats = np.repeat(np.maximum(gain, 0.0), most, axis=0)
    rows, columns = linear_sum_assignment(seats, maximize=True)
    found = [(int(r) // most, int(c)) for r, c in zip(rows, columns, strict=True)]
    return sorted((r, c) for r, c in found if gain[r, c] > 0)


def mentor_pairs(
    gaps: pl.DataFrame,
    skills: Sequence[Skill],
    won: Mapping[str, int],
    *,
    people: Sequence[str],
    limits: Limits | None = None,
) -> Pairs:
    """Return the pairs that gain most, and why others have none.

    What a mentor may give is the sum over the mentee's earned gaps of money x chance: ``won x
    max(0, mentor / own - 1)`` x P(mentor > own), counted only where that chance reaches the bar;
    all from pooled skills, so that luck earns no mentor. Design notes 4.4.

    Parameters
    ----------
    gaps
        Earned gaps (see ``coaching_gaps``).
    skills, won
        As of ``coaching_gaps``.
    people
        Everybody who may be mentor or mentee, in order.
    limits
        What a pair must keep to.
    """
    limits = limits or Limits()
    known = {skill.id: skill for skill in skills}
    offers: dict[tuple[str, str], list[_Offer]] = {}
    best: dict[str, float] = {}
    for rep, skill in gaps.select("rep_id", "skill").iter_rows():
        if rep in people:
            found, chance = _offers(rep, known[skill], won.get(rep, 0), people, limits)
            best[rep] = max(best.get(rep, 0.0), chance)
            for coach, offer in found.items():
                offers.setdefault((coach, rep), []).append(offer)
    bars = {pair: bar for pair in offers if (bar := _bar(*pair, limits))}
    mentees = [rep for rep in people if rep in best]
    gain = np.zeros((len(people), len(mentees)))
    for (coach, rep), found in offers.items():
        if (coach, rep) not in bars:
            worth = sum(offer.worth for offer in found)
            gain[people.index(coach), mentees.index(rep)] = worth
    chosen = best_assignment(gain, most=limits.most_mentees)
    rows = [
        _pair(people[r], mentees[c], offers[people[r], mentees[c]], known, won) for r, c in chosen
    ]
    paired = {row["rep_id"] for row in rows}
    without = [
        _without(rep, offers, bars, best=best.get(rep)) for rep in people if rep not in paired
    ]
    made = pl.DataFrame(rows, schema=PAIRS).sort("rep_id")
    return Pairs(made, pl.DataFrame(without, schema=WITHOUT))


@dataclass(frozen=True)
class _Offer:
    """What one mentor is clearly better at, and what that may bring."""

    skill: str
    level: float
    chance: float
    money: float

    @property
    def worth(self) -> float:
        return self.money * self.chance


def _offers(
    rep: str, skill: Skill, won: int, people: Sequence[str], limits: Limits
) -> tuple[dict[str, _Offer], float]:
    """Return who is clearly better than a person at a skill, and the highest chance of anybody."""
    own = skill.draws[skill.reps.index(rep)]
    chances = (skill.draws > own * (1 + limits.margin)).mean(axis=1)
    found: dict[str, _Offer] = {}
    highest = 0.0
    there = set(people) - {rep}
    for place, coach in enumerate(skill.reps):
        if coach not in there:
            continue
        chance = min(float(chances[place]), SUREST)
        highest = max(highest, chance)
        if chance < limits.bar:
            continue
        money = float(_money(skill.draws[place], own, won).mean())
        offer = _Offer(skill.id, float(skill.draws[place].mean()), chance, money)
        if offer.worth > 0:
            found[coach] = offer
    return found, highest


def _money(theirs: Floats, own: Floats, won: int) -> Floats:
    """Return what coming up to a mentor would have brought, per draw."""
    return won * np.maximum(theirs / np.maximum(own, 1e-9) - 1, 0.0)


def _bar(coach: str, rep: str, limits: Limits) -> str | None:
    return limits.no_mentors.get(coach) or limits.barred.get((coach, rep))


def _pair(
    coach: str,
    rep: str,
    found: Sequence[_Offer],
    known: Mapping[str, Skill],
    won: Mapping[str, int],
) -> dict[str, object]:
    top = max(found, key=lambda offer: offer.worth)
    skill = known[top.skill]
    theirs, own = (skill.draws[skill.reps.index(who)] for who in (coach, rep))
    low, high = np.quantile(_money(theirs, own, won.get(rep, 0)), [0.025, 0.975])
    return {
        "rep_id": rep,
        "coach_id": coach,
        "skill": top.skill,
        "coach_level": top.level,
        "p_better": top.chance,
        "gain": round(top.money),
        "gain_low": round(float(low)),
        "gain_high": round(float(high)),
    }


def _without(
    rep: str,
    better: Mapping[tuple[str, str], object],
    bars: Mapping[tuple[str, str], str],
    *,
    best: float | None,
) -> dict[str, object]:
    if best is None:
        return {"rep_id": rep, "reason": NO_GAP, "best": None, "bars": []}
    candidates = [pair for pair in better if pair[1] == rep]
    told = sorted({bars[pair] for pair in candidates if pair in bars})
    free = [pair for pair in candidates if pair not in bars]
    reason = FULL if free else BARRED if candidates else NOBODY_BETTER
    return {"rep_id": rep, "reason": reason, "best": best, "bars": told}
