"""The skills of people, each pooled towards those of their peers, with draws from what is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import polars as pl
from numpy.typing import NDArray

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.reps.skills.at_once import at_once
from spm_lib.reps.skills.counts import activities, volume
from spm_lib.reps.skills.given import Given, given_of
from spm_lib.reps.skills.rates import stage_rates, win_rate
from spm_lib.reps.skills.size import deal_size
from spm_lib.reps.skills.skill import TABLE, Skill, among_all
from spm_lib.reps.skills.speed import speed
from spm_lib.stats import steady


@dataclass(frozen=True, eq=False)
class RepSkills:
    """What is known of the skills of people in a window, as of a day.

    Attributes
    ----------
    reps
        The people compared, sorted; the rows of all draws.
    skills
        One per skill that the data tell of, in the order of the page (see ``Skill``).
    role
        The role that is compared; null where all are. ``left_out`` names people of other roles.
    """

    company: Company = field(repr=False)
    window: Window
    given: Given = field(repr=False)
    skills: tuple[Skill, ...]

    @property
    def reps(self) -> tuple[str, ...]:
        """The people compared."""
        return self.given.reps

    @property
    def role(self) -> str | None:
        """The role that is compared."""
        return self.given.role

    @property
    def left_out(self) -> pl.DataFrame:
        """People of another role: ``rep_id, role``."""
        return self.given.left_out

    @cached_property
    def table(self) -> pl.DataFrame:
        """All skills below one another: the columns of ``Skill.table``, and ``unit, evidence``."""
        if not self.skills:
            return pl.DataFrame(schema={**TABLE, "unit": pl.String, "evidence": pl.String})
        tables = at_once([partial(getattr, skill, "table") for skill in self.skills])
        return pl.concat(
            [
                table.with_columns(unit=pl.lit(skill.unit), evidence=pl.lit(skill.evidence))
                for skill, table in zip(self.skills, tables, strict=True)
            ]
        )

    def skill(self, name: str) -> Skill:
        """Return one skill.

        Raises
        ------
        DataError
            If the data do not tell of it.
        """
        for skill in self.skills:
            if skill.id == name:
                return skill
        raise DataError(
            f"The data do not tell of the skill '{name}'.",
            found=", ".join(skill.id for skill in self.skills) or "none",
            do="Ask for one of these",
        )

    def draws(self, name: str) -> NDArray:
        """Return the posterior draws of one skill, (people, draws), never to be changed."""
        return self.skill(name).draws


@steady
def rep_skills(
    company: Company,
    *,
    window: Window | str | None = None,
    mix: Sequence[str] | None = None,
    role: str | None = None,
    seed: int = 1,
    level: float = 0.95,
) -> RepSkills:
    """Return the skills of the people of a company, pooled, with intervals and draws.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned, at any ``as_of``. Pooling needs all peers: take the whole
        company and keep one person's rows afterwards; within a scope only its people are compared.
    window
        ``[start, end)``, or "2026", "2026-Q1" ...; default: the twelve whole months to ``as_of``.
    mix
        Columns of the deals to allow for; default: those that the person did not choose (see
        ``mix_columns``). Tenure (under 90 and 180 days on board) is always allowed for.
    role
        Compare people of this role; default: the one most people have, all where that is unclear.
    seed
        Where the draws start.
    level
        Of the intervals.

    Raises
    ------
    DataError
        If no deal with an owner was closed in the window.
    """
    wanted = window
    if wanted is None:
        wanted = company.default_window()
    elif isinstance(wanted, str):
        wanted = company.calendar.parse_window(wanted)
    given = given_of(company, wanted, mix=mix, role=role)
    if not given.reps:
        raise DataError(
            "There is nobody to compare: no deal with an owner was won or lost in the window.",
            found=f"{wanted.label} as of {company.as_of}",
            do="Choose a longer window, or map rep_id of opportunities",
        )
    told = among_all(_found(given, seed=seed, level=level))
    return RepSkills(company, wanted, given, told)


def _found(given: Given, *, seed: int, level: float) -> list[Skill]:
    """Return the skills in the order of the page; they are worked out side by side."""

    def one(make: Callable[..., Skill | None]) -> Callable[[], list[Skill | None]]:
        return lambda: [make(given, seed=seed, level=level)]

    if given.company.has("stints"):  # made once, before both who need them ask at once
        _ = given.company.stints, given.deals
    pieces: list[Callable[[], Sequence[Skill | None]]] = [
        one(speed),  # the longest first
        lambda: stage_rates(given, seed=seed, level=level),
        *(one(make) for make in (win_rate, volume, deal_size)),
        lambda: activities(given, seed=seed, level=level),
    ]
    pace, stages, *first, acts = at_once(pieces)
    found = [*(skill for part in first for skill in part), *pace, *stages, *acts]
    return [skill for skill in found if skill]
