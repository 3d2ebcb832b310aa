"""What the parts of the coaching report share: the plan, the habits, the alerts, their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.model import Figure
from spm_lib.reports.blocks import Section, Sentence
from spm_lib.reports.pages.orders_parts import OrdersParts
from spm_lib.reps import (
    Alerts,
    ClosingHabits,
    Coaching,
    changed_rates,
    closing_habits,
    plan_coaching,
)

Key = tuple[str, frozenset[tuple[str, str]]]


class CoachingBase(OrdersParts):
    """What all parts of the coaching report are made from.

    ``mentors``: ids of those who mentor; none: everybody may.
    """

    mentors: tuple[str, ...] = ()

    @cached_property
    def plan(self) -> Coaching | DataError:
        """Gaps and pairs, or why there is nobody to compare."""
        try:
            return plan_coaching(self.company, window=self.window, mentors=self.mentors or None)
        except DataError as error:
            return error

    @cached_property
    def habits(self) -> ClosingHabits | DataError:
        """What goes with winning, or why it cannot be told."""
        try:
            return closing_habits(self.company)
        except DataError as error:
            return error

    @cached_property
    def watched(self) -> Alerts:
        """The win rates that are watched."""
        return changed_rates(self.company)

    @cached_property
    def _figures(self) -> Mapping[Key, Figure]:
        if not self.known("opportunities"):
            return {}
        found = list(self.watched.figures())
        for part in (self.plan, self.habits):
            found += [] if isinstance(part, DataError) else part.figures()
        return {(f.metric, frozenset(f.by.items())): f for f in found}

    def told(self, metric: str, **by: str) -> Figure | None:
        """Return one figure of the page, none where it is not told."""
        return self._figures.get((metric, frozenset(by.items())))

    def of(self, *metrics: str) -> tuple[Figure, ...]:
        """Return all figures of some metrics."""
        return tuple(f for f in self._figures.values() if f.metric in metrics)

    def spoken(self, statements: Sequence[Statement], *metrics: str) -> tuple[Sentence, ...]:
        """Return statements as sentences that carry the figures of some metrics."""
        figures = self.of(*metrics)
        return tuple(
            self.noted(Sentence(text=s.tell(self.language), figures=figures)) for s in statements
        )

    def untold(self, title: str, error: DataError) -> Section:
        """Return a part that says why it has nothing to tell."""
        if not self.known("opportunities"):
            return self.lacking(title, "opportunities")
        told = self.say("This cannot be told: {reason}", reason=self.text(error.what))
        return self.section(title, self.paragraph(told, tone="missing"))
