"""What the parts of the coaching report share: the plan, the habits, the alerts, their figures."""

from __future__ import annotations

from functools import cached_property

from spm_lib.core.errors import DataError
from spm_lib.model import Figure
from spm_lib.reports.pages.told_parts import ToldParts
from spm_lib.reps import (
    Alerts,
    ClosingHabits,
    Coaching,
    changed_rates,
    closing_habits,
    plan_coaching,
)


class CoachingBase(ToldParts):
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
        """The ratios that are watched."""
        return changed_rates(self.company)

    def every_figure(self) -> list[Figure]:
        """Return the figures of the plan, the habits and the alerts."""
        found = list(self.watched.figures())
        for part in (self.plan, self.habits):
            found += [] if isinstance(part, DataError) else part.figures()
        return found
