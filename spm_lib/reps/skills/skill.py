"""One skill of several people: what was seen, what is known of the truth, and if it differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from spm_lib.reps.comparison.win_rates import CLEAR, NO_EVIDENCE, Evidence, places_of
from spm_lib.stats import Heterogeneity, benjamini_hochberg
from spm_lib.stats.ranks import above_mean

Floats = np.ndarray
DRAWS = 2000
TABLE = {
    "rep_id": pl.String,
    "skill": pl.String,
    "raw": pl.Float64,
    "n": pl.Int64,
    "shrunk": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p_above": pl.Float64,
    "standing": pl.String,
    "group": pl.String,
    "rank_low": pl.Int64,
    "rank_high": pl.Int64,
    "p_best": pl.Float64,
    "peers": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Pooled:
    """What partial pooling says of one skill: a number per person and how to draw from it.

    ``draw(draws, rng)`` gives (draws, people). ``mean`` is that of all together, in the unit of the
    skill; ``differs`` whether the likelihood prefers differing people to equal ones.
    """

    shrunk: Floats
    low: Floats
    high: Floats
    mean: float
    differs: bool
    draw: Callable[[int, np.random.Generator], Floats] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Skill:
    """One skill of several people; higher is better.

    Attributes
    ----------
    id
        "win_rate", "stage:NAME" (share of the visits to a stage that went forward), "deal_size"
        (average won deal), "volume" (won deals per month), "speed" (how many times as fast as the
        mean of all the person's deals move forward), "activity:KIND" (per month).
    unit
        "ratio", "money" (minor units), "per month" or "multiplier".
    reps
        The people, sorted; the order of all arrays.
    raw, n
        What was seen, and on how many deals, visits, moves or activities.
    pooled
        What is known of the truth, mix of deals and tenure allowed for.
    test
        Whether people differ at all; ``phi`` is the spread against that of luck.
    dispersion
        How far the skill's own luck is wider than the textbook's (1: not at all); allowed for.
    evidence
        "none", "weak" or "clear": only clear evidence is ranked. It is clear where the test is,
        told among all skills looked at (``q``: false discovery, Benjamini & Hochberg 1995).
    seed
        Where the draws start.
    """

    id: str
    unit: str
    reps: tuple[str, ...]
    raw: Floats
    n: NDArray[np.int64]
    pooled: Pooled
    test: Heterogeneity
    dispersion: float
    evidence: Evidence
    seed: int
    q: float | None = None

    @property
    def ranked(self) -> bool:
        """Whether people may be ordered by this skill."""
        return self.evidence == "clear"

    @cached_property
    def draws(self) -> Floats:
        """Posterior draws, (people, draws), the same set every time, not to be changed.

        Without evidence of a difference all people of a draw are equal: nothing can rank them.
        """
        rng = np.random.default_rng([self.seed, crc32(self.id.encode())])
        found = np.ascontiguousarray(self.pooled.draw(DRAWS, rng).T)
        if self.evidence == "none":
            found = np.repeat(found.mean(axis=0, keepdims=True), len(self.reps), axis=0)
        found.setflags(write=False)
        return found

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row per person, sorted by ``rep_id``.

        Columns out: ``rep_id, skill, raw, n, shrunk, low, high`` (95 %), ``p_above`` (probability
        of being above the mean of all people compared; null without evidence of a difference),
        ``standing`` ("above" or "below" the mean with near certainty, else ""), ``group`` (letters;
        two people who share one cannot be told apart), ``rank_low, rank_high, p_best`` (null but on
        clear evidence), ``peers`` (Int64: the others compared with).
        """
        count = len(self.reps)
        frame = pl.DataFrame(
            {
                "rep_id": list(self.reps),
                "skill": [self.id] * count,
                "raw": self.raw,
                "n": self.n,
                "shrunk": self.pooled.shrunk,
                "low": self.pooled.low,
                "high": self.pooled.high,
                "peers": [count - 1] * count,
            }
        ).with_columns(pl.col("raw").fill_nan(None))
        return frame.hstack(self._places()).select(
            pl.col(name).cast(dtype) for name, dtype in TABLE.items()
        )

    def _places(self) -> pl.DataFrame:
        count = len(self.reps)
        if self.evidence == "none":
            return pl.DataFrame(
                {
                    "p_above": [None] * count,
                    "standing": [""] * count,
                    "group": ["A"] * count,
                    "rank_low": [None] * count,
                    "rank_high": [None] * count,
                    "p_best": [None] * count,
                }
            )
        return places_of(self.draws.T) if self.ranked else self._weak()

    def _weak(self) -> pl.DataFrame:
        count = len(self.reps)
        above = above_mean(self.draws.T)
        blank = dict.fromkeys(("rank_low", "rank_high", "p_best"), [None] * count)
        return pl.DataFrame(
            {"p_above": above, "standing": [""] * count, "group": ["A"] * count, **blank}
        )


def among_all(skills: Sequence[Skill]) -> tuple[Skill, ...]:
    """Return the skills judged among all that were looked at: one in many is clear by luck."""
    p = [np.nan if skill.test.p is None else skill.test.p for skill in skills]
    adjusted = benjamini_hochberg(p)
    return tuple(
        replace(
            skill,
            q=None if np.isnan(q) else float(q),
            evidence="weak" if skill.evidence == "clear" and q > CLEAR else skill.evidence,
        )
        for skill, q in zip(skills, adjusted, strict=True)
    )


def evidence_of(p: float | None, *, differs: bool) -> Evidence:
    """Return what a test and the likelihood say together: "none", "weak" or "clear".

    Examples
    --------
    >>> evidence_of(0.01, differs=True), evidence_of(0.01, differs=False)
    ('clear', 'none')
    """
    if p is None or not differs or p > NO_EVIDENCE:
        return "none"
    return "clear" if p <= CLEAR else "weak"
