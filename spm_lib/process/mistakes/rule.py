"""A rule: what is a mistake in handling a deal, whose it is, what mends it, what it must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from spm_lib.core.statement import Phrase

Owner = Literal["rep", "manager", "operations"]
OWNERS: dict[Owner, Phrase] = {
    "rep": Phrase("The person"),
    "manager": Phrase("The manager"),
    "operations": Phrase("Sales operations"),
}


TIMES = ("pushes", "handovers")  # measures that count events; the others count days


@dataclass(frozen=True)
class Limit:
    """What is usual, learned from won deals: a quantile of what they did, per stage or of all.

    Attributes
    ----------
    measure
        Of won deals, see ``won_measures``.
    quantile
        Above it (below it, where it is under one half) a deal is unlike the won ones.
    by_stage
        Whether each stage has its own; a stage with too few won deals takes that of all.
    least
        The limit is never tighter than this.
    stated
        What is taken where too few deals were won to learn from.
    """

    measure: str
    quantile: float
    stated: float
    by_stage: bool = False
    least: float = 0.0

    @property
    def unit(self) -> Phrase:
        """What the limit is counted in: days, or times."""
        return Phrase("times" if self.measure in TIMES else "days")


@dataclass(frozen=True, eq=False)
class Rule:
    """A named rule over deals as they stood on a day.

    Attributes
    ----------
    id, version
        Dotted name; the version rises whenever what it judges changes.
    name, fix
        What is wrong, and what to do about it, in words.
    owner
        Whose mistake it is, and who mends it.
    breaks
        True for a deal that breaks it, False for one that keeps it, null for one that it does not
        judge; over the columns of ``cases_at``, with ``limit`` for what was learned.
    needs
        What the data must tell so that deals can be judged today (keys of ``NEEDS``).
    past
        What it must tell beside that, so that past days can be judged: without it a rule is counted
        and not priced.
    limit
        What is learned from won deals, if anything.
    apart
        What the rule is itself made of, so that deals cannot be compared like for like on it:
        "age", "in_stage", or a column known from the creation on.
    ended
        Whether it judges deals that have ended: those are counted and have no price.
    """

    id: str
    name: Phrase
    owner: Owner
    fix: Phrase
    breaks: pl.Expr
    needs: tuple[str, ...]
    past: tuple[str, ...] = ()
    limit: Limit | None = None
    apart: tuple[str, ...] = ()
    ended: bool = False
    version: int = 1

    def judged(self, cases: pl.DataFrame) -> pl.Series:
        """Return whether each case breaks the rule; null where it is not judged.

        Parameters
        ----------
        cases
            Deals as they stood on their days, with ``limit`` where the rule learns one.
        """
        return cases.select(self.breaks.cast(pl.Boolean).alias("broken"))["broken"]
