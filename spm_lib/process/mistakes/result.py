"""What is known of tactical mistakes: a verdict on each rule, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics.associations import FALSE_SHARE
from spm_lib.model import Company
from spm_lib.process.mistakes.pricing import Gap
from spm_lib.process.mistakes.rule import Rule

if TYPE_CHECKING:
    from spm_lib.model import Figure


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is known of one rule.

    Attributes
    ----------
    rule
        The rule.
    lacking
        What the data must tell before it is judged at all; empty: it is judged.
    unpriced
        Why it has no price; null where it has one, or is not judged.
    open, exposed
        Deals that break it today and are not at rest, and their amounts in minor units (null: no
        amount is known).
    snoozed
        Deals that would break it, were they not at rest for a reason.
    gap, q
        The gap in win rate, and the chance of luck once the number of rules looked at is allowed
        for; null without a price.
    """

    rule: Rule
    lacking: tuple[Phrase, ...] = ()
    unpriced: Phrase | Statement | None = None
    open: int = 0
    exposed: int | None = None
    snoozed: int = 0
    gap: Gap | None = None
    q: float | None = None

    @property
    def clear(self) -> bool:
        """Whether the gap is clear of luck, be it with losing or with winning."""
        return self.gap is not None and self.q is not None and self.q <= FALSE_SHARE

    @property
    def found(self) -> bool:
        """Whether deals that break it are won less often, clear of luck."""
        return self.clear and self.gap is not None and self.gap.gap < 0

    @property
    def cost(self) -> tuple[int, int, int] | None:
        """What goes with it in money, low and high: gap times amount exposed; below 0: gain."""
        if self.gap is None or self.exposed is None:
            return None
        ends = (self.gap.gap, self.gap.high, self.gap.low)
        value, low, high = (round(-end * self.exposed) for end in ends)
        return value, low, high


def exposed_amount(deals: pl.DataFrame) -> int | None:
    """Return what deals are worth together (minor units); null where no amount of theirs is known.

    Examples
    --------
    >>> exposed_amount(pl.DataFrame({"amount": [None, 5]})), exposed_amount(pl.DataFrame(
    ...     {"amount": [None]}))
    (5, None)
    """
    known = deals["amount"].drop_nulls()
    return int(known.sum()) if known.len() or not deals.height else None


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Rules judged, deals that break them today, and what went with breaking them before.

    Attributes
    ----------
    company
        Whose deals.
    verdicts
        One per rule, in the order of the rules.
    broken
        ``rule, opportunity_id, rep_id, stage, amount, snoozed`` of deals that break a rule today.
    limits
        What was learned, as of today (see ``learned_limits``).
    landmarks
        Days on which past deals were judged (epoch days, newest first).
    horizon
        Days after a landmark in which a deal must be won to count as won.
    untold
        Why nothing can be priced; null where something can.
    """

    company: Company
    verdicts: tuple[Verdict, ...]
    broken: pl.DataFrame
    limits: pl.DataFrame
    landmarks: tuple[int, ...]
    horizon: int | None
    untold: Statement | None = None

    @property
    def tried(self) -> int:
        """How many rules were compared: what the chance of luck allows for."""
        return sum(v.gap is not None for v in self.verdicts)

    @property
    def false_share(self) -> float:
        """The share of rules called found that may be luck."""
        return FALSE_SHARE

    @property
    def judged(self) -> tuple[Verdict, ...]:
        """The rules whose data is there."""
        return tuple(v for v in self.verdicts if not v.lacking)

    @property
    def found(self) -> tuple[Verdict, ...]:
        """The rules that clearly go with losing, dearest first."""
        named = [v for v in self.verdicts if v.found]
        return tuple(sorted(named, key=lambda v: (-(v.cost or (0,))[0], v.rule.id)))

    def verdict(self, rule: str) -> Verdict:
        """Return the verdict on one rule."""
        return next(v for v in self.verdicts if v.rule.id == rule)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The findings in words: what happened, why, what to do."""
        from spm_lib.process.mistakes.words import mistakes_words

        return mistakes_words(self)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.process.mistakes.figures import mistakes_figures

        return mistakes_figures(self)
