"""Gaps worth coaching: where a person is clearly below the middle, and the money at stake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from spm_lib.reps.skills.skill import Skill
from spm_lib.stats import benjamini_hochberg

SURE = 0.9  # chance of being below the middle from which on a gap is earned
FEWEST_CASES = 10
CLEARER = 0.03  # a gap costs two people their time: a little less luck than a ranking may have
FEWEST_OTHERS = 5
MOST_GAPS = 2
SUREST = 0.999  # more than the draws can tell is not told
GAPS = {
    "rep_id": pl.String,
    "skill": pl.String,
    "unit": pl.String,
    "n": pl.Int64,
    "own": pl.Float64,
    "own_low": pl.Float64,
    "own_high": pl.Float64,
    "middle": pl.Float64,
    "p_below": pl.Float64,
    "money": pl.Int64,
    "money_low": pl.Int64,
    "money_high": pl.Int64,
}


def coached_skills(skills: Sequence[Skill]) -> tuple[Skill, ...]:
    """Return the skills that multiply into money and are not parts of each other.

    The conversions of the stages, or the win rate where no stages are told, and the deal size.
    Volume, speed and activities are no skills to be coached by these numbers: nothing says what
    more of them would be worth.
    """
    stages = [s for s in skills if s.id.startswith("stage:")]
    rates = stages or [s for s in skills if s.id == "win_rate"]
    return (*rates, *(s for s in skills if s.id == "deal_size"))


def coaching_gaps(skills: Sequence[Skill], won: Mapping[str, int]) -> pl.DataFrame:
    """Return one or two gaps per person, those with the most money at stake first.

    A gap is earned where people clearly differ in the skill (see ``differing``), the person has 10
    cases or more, and is below the middle (median) of all compared with a chance of 90 % or more.
    Won amounts are a product of the stages' conversions and the deal size, so closing the gap would
    have brought ``won x (middle / own - 1)``: that is the money, with its 95 % interval over what
    is known of both. Nothing is told with fewer than five others.

    Parameters
    ----------
    skills
        The skills to look at (see ``coached_skills``).
    won
        Minor units won in the window, per person.

    Columns out: ``rep_id, skill, unit, n, own, own_low, own_high, middle, p_below, money,
    money_low, money_high`` (Int64 minor units; the low end may be below 0).
    """
    parts = [_of_skill(skill, won) for skill in differing(skills)]
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=GAPS)
    largest = frame.sort("rep_id", "money", "skill", descending=[False, True, False])
    return largest.group_by("rep_id", maintain_order=True).head(MOST_GAPS).select(list(GAPS))


def differing(skills: Sequence[Skill]) -> list[Skill]:
    """Return the skills in which people clearly differ once the number looked at is allowed for.

    Each skill on its own is called clear by luck one time in twenty; of five looked at, one would
    be in nearly a quarter of companies whose people are all alike.
    """
    p = benjamini_hochberg([np.nan if s.test.p is None else s.test.p for s in skills])
    return [
        skill
        for skill, adjusted in zip(skills, p, strict=True)
        if skill.ranked and adjusted <= CLEARER and len(skill.reps) - 1 >= FEWEST_OTHERS
    ]


def _of_skill(skill: Skill, won: Mapping[str, int]) -> pl.DataFrame:
    draws = skill.draws
    middle = np.median(draws, axis=0)
    p_below = np.minimum((draws < middle).mean(axis=1), SUREST)
    own_low, own_high = np.quantile(draws, [0.025, 0.975], axis=1)
    amounts = np.array([won.get(rep, 0) for rep in skill.reps], float)
    money = amounts[:, None] * (middle / np.maximum(draws, 1e-9) - 1)
    low, high = np.quantile(money, [0.025, 0.975], axis=1)
    frame = pl.DataFrame(
        {
            "rep_id": list(skill.reps),
            "skill": [skill.id] * len(skill.reps),
            "unit": [skill.unit] * len(skill.reps),
            "n": skill.n,
            "own": draws.mean(axis=1),
            "own_low": own_low,
            "own_high": own_high,
            "middle": [float(middle.mean())] * len(skill.reps),
            "p_below": p_below,
            "money": np.rint(money.mean(axis=1)),
            "money_low": np.rint(low),
            "money_high": np.rint(high),
        }
    ).cast(GAPS)  # pyright: ignore[reportArgumentType]
    earned = (pl.col("p_below") >= SURE) & (pl.col("n") >= FEWEST_CASES) & (pl.col("money") > 0)
    return frame.filter(earned)
