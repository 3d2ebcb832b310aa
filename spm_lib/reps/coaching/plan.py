"""Coaching: for whom, in what, with whom, how much is at stake, and which number to watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import ParameterError
from spm_lib.core.statement import Statement
from spm_lib.metrics import Measured, measure
from spm_lib.metrics.mix import MixColumn
from spm_lib.model import Company, Figure
from spm_lib.reps.coaching.gaps import coached_skills, coaching_gaps
from spm_lib.reps.coaching.limits import LEFT, limits_of
from spm_lib.reps.coaching.pairs import MOST_MENTEES, Limits, Pairs, mentor_pairs
from spm_lib.reps.skills.rep_skills import RepSkills, rep_skills
from spm_lib.stats import trials_per_arm

FEWEST_PER_VALUE = 6  # people per territory, of which each has one, without whom no gap is told


@dataclass(frozen=True)
class Sheet:
    """What a pair needs: the goal, and the number to watch.

    ``own`` and ``goal`` are of the skill (a ratio, or minor units); ``cases`` is how many cases
    afterwards would show the rise four times in five, ``months`` how long they take at the pace of
    the window; null where no ratio is watched.
    """

    rep_id: str
    coach_id: str
    skill: str
    unit: str
    n: int
    own: float
    goal: float
    cases: int | None
    months: float | None

    @property
    def watched(self) -> str:
        """The metric to watch."""
        if self.skill == "deal_size":
            return "deal.mean_amount"
        stage = self.skill.startswith("stage:")
        return "stage_conversion.period" if stage else "win_rate.closed.count"


@dataclass(frozen=True, eq=False)
class Coaching:
    """Who should be coached in what, and by whom.

    ``gaps``: see ``coaching_gaps``; ``pairs``: see ``Pairs``; ``sheets``: one per pair, in order of
    the mentee; ``won``: minor units won in the window, with receipts.
    """

    company: Company = field(repr=False)
    window: Window
    skills: RepSkills = field(repr=False)
    gaps: pl.DataFrame
    pairs: Pairs
    limits: Limits
    sheets: tuple[Sheet, ...]
    won: Measured = field(repr=False)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody still there, who could be coached."""
        return tuple(r for r in self.skills.reps if self.limits.no_mentors.get(r) != LEFT)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The plan in words."""
        from spm_lib.reps.coaching.words import coaching_words

        return coaching_words(self)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.reps.coaching.figures import coaching_figures

        return coaching_figures(self)


def plan_coaching(
    company: Company,
    *,
    window: Window | str | None = None,
    mentors: Iterable[str] | None = None,
    most_mentees: int = MOST_MENTEES,
    seed: int = 1,
) -> Coaching:
    """Find the gaps worth coaching and the pairs that evidence earns.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; within a scope only its people are compared.
    window
        ``[start, end)`` of what the skills are measured on, or "2026", "2026-Q1" ...; default: the
        twelve whole months that end at ``as_of``.
    mentors
        Ids of people who are willing and trained; default: everybody may mentor.
    most_mentees
        People whom one mentor takes at once.
    seed
        Where the posterior draws start.

    Raises
    ------
    DataError
        If no deal with an owner was closed in the window.
    ParameterError
        If a mentor is not one of the people compared.
    """
    skills = rep_skills(company, window=window, seed=seed)
    willing = None if mentors is None else list(mentors)
    unknown = [rep for rep in willing or () if rep not in skills.reps]
    if unknown:
        raise ParameterError(
            "A mentor must be one of the people compared.",
            found=", ".join(unknown),
            do=f"Name some of {', '.join(skills.reps[:10])}",
        )
    won = measure(company, "won.amount", by="rep_id", window=skills.window)
    amounts = {r: v or 0 for r, v in won.frame.select("rep_id", "value").iter_rows() if r}
    limits = limits_of(company, skills.reps, mentors=willing, most_mentees=most_mentees)
    there = [rep for rep in skills.reps if limits.no_mentors.get(rep) != LEFT]
    used = coached_skills(skills.skills)
    gaps = coaching_gaps(used, amounts).filter(pl.col("rep_id").is_in(there))
    if confounded(skills) is not None:
        gaps = gaps.clear()
    pairs = mentor_pairs(gaps, used, amounts, people=there, limits=limits)
    sheets = tuple(_sheet(row, gaps, skills.window) for row in pairs.pairs.iter_rows(named=True))
    return Coaching(company, skills.window, skills, gaps, pairs, limits, sheets, won)


def confounded(skills: RepSkills) -> MixColumn | None:
    """Return a column of which each person has one value that few share: no skill apart from it.

    With six people or more to a value, most of what sets them apart is not the value's.
    """
    deals = skills.company.table("opportunities").drop_nulls("rep_id")
    for column in skills.given.columns:
        if column.use == "one value each":
            values = deals[column.column].drop_nulls().n_unique()
            if len(skills.reps) < FEWEST_PER_VALUE * values:
                return column
    return None


def _sheet(pair: dict[str, object], gaps: pl.DataFrame, window: Window) -> Sheet:
    gap = gaps.filter(rep_id=pair["rep_id"], skill=pair["skill"]).row(0, named=True)
    cases = months = None
    if gap["unit"] == "ratio":
        cases = _cases(gap["own"], gap["middle"])
        months = cases / (gap["n"] / (window.days / (365.25 / 12))) if cases else None
    return Sheet(
        rep_id=gap["rep_id"],
        coach_id=str(pair["coach_id"]),
        skill=gap["skill"],
        unit=gap["unit"],
        n=gap["n"],
        own=gap["own"],
        goal=gap["middle"],
        cases=cases,
        months=months,
    )


def _cases(own: float, goal: float) -> int | None:
    try:
        return trials_per_arm(own, goal - own)
    except ParameterError:
        return None
