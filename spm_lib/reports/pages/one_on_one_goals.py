"""Own development goals on the 1:1 pack: before, since, and beyond peers who started alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from spm_lib.core.money import exponent
from spm_lib.metrics.measured import plain_text
from spm_lib.model import Figure, Receipt, metric_id
from spm_lib.reports.blocks import Column, Section, Sentence
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.team_records import TeamRecords
from spm_lib.reports.writing import kind_of

if TYPE_CHECKING:
    from spm_lib.team import Progress

GOALS = "Goals of one's own"
UNTOLD = {
    "no_noise": "{name} is not compared with peers: it does not tell how far one person's number "
    "moves by luck. It is a state on a day, a ratio of sums such as costs over sales, or too few "
    "cases tell how they differ.",
    "too_early": "{name}: too little happened since then to compare.",
    "few_peers": "{name}: fewer than five uncoached peers started alike, so the comparison is "
    "withheld.",
}
WEEKLY = "Where the number is a count or a sum, what lies beyond peers is of one week."
WARNING = (
    "A change of one's own is no proof: a goal is set where a number is low, and a low number "
    "rises by itself (regression to the mean)."
)
EXPECTED = "Of the change of {name}, {expected} was to be expected."


class OneOnOneGoals(TeamRecords):
    """The part of a 1:1 pack that tracks the person's own goals."""

    def goals(self) -> Section | None:
        """Return each goal's metric before and since; nothing where no goal was set."""
        told = self.told_of_team
        if told is None or not told.goals:
            return None
        columns = [
            Column(title="Goal"),
            Column(title="By when", kind="date"),
            Column(title="Number"),
            Column(title="Since", kind="date"),
            Column(title="Half a year before", kind="number"),
            Column(title="Since then", kind="number"),
            Column(title="95% interval", kind="number"),
            Column(title="Beyond peers", kind="number"),
            Column(title="95% interval", kind="number"),
        ]
        table = self.table(columns, [self._goal_row(one) for one in told.goals])
        return self.section(GOALS, table, self.paragraph(*self._goals_told(told.goals)))

    def _goal_row(self, one: Progress) -> list[Cell]:
        effect = self._effect(one)
        after = one.after
        interval = _interval(after) if after and after.low else None
        return [
            words(one.goal.measure),
            Day(day=one.goal.due),
            words(self.text(metric_id(one.goal.metric).name)),
            Day(day=one.since),
            _shown(one.before),
            _shown(after),
            interval,
            _shown(effect),
            _interval(effect),
        ]

    def _effect(self, one: Progress, name: str = "effect") -> Figure | None:
        """Return a part of the comparison with peers; none where it is withheld."""
        found, after = one.effect, one.after
        if found is None or after is None:
            return None
        points = one.unit == "points"
        whole = "coaching.effect" if points else "coaching.effect.number"
        unit = after.unit + (" per week" if one.unit == "weekly" else "")
        if points or after.unit == "ratio":  # of two ratios the difference is in points
            unit = "points"
        digits = exponent(self.company.currency) if unit.startswith("money") else 0

        def text(value: float | None) -> str | None:
            return None if value is None else plain_text(round(value / 10**digits, 6))

        made = Figure(
            metric=whole if name == "effect" else f"{whole}.{name}",
            as_of=self.company.as_of,
            unit=unit,
            value=text(getattr(found, name)),
            receipt=Receipt(after.receipt.used, after.receipt.set_aside, scoped=True),
            by={"rep_id": one.rep_id, "metric": one.goal.metric},
            window=after.window,
            n=after.n,
        )
        if name != "effect":
            return made
        return replace(made, low=text(found.low), high=text(found.high))

    def _goals_told(self, goals: Sequence[Progress]) -> Iterator[Sentence]:
        """Yield what is to be said of each metric, once for all goals that name it."""
        goals = list({one.goal.metric: one for one in goals}.values())
        for one in goals:
            name = self.text(metric_id(one.goal.metric).name)
            if one.untold == "no_number":
                yield self.say("The data tells no single number of {name} per person.", name=name)
            elif one.untold:
                yield self.say(UNTOLD[one.untold], name=name)
        if any(one.unit == "weekly" and one.effect for one in goals):
            yield self.say(WEEKLY)
        if any(one.effect for one in goals):
            yield self.say(WARNING)
        for one in goals:
            expected = self._effect(one, "regression")
            if expected is not None:
                name = self.text(metric_id(one.goal.metric).name)
                yield self.say(EXPECTED, name=name, expected=expected)


def _shown(figure: Figure | None) -> Cell:
    if figure is None or figure.value is None:
        return None
    return number(figure, compact=figure.unit.startswith("money"), kind=kind_of(figure.unit))


def _interval(figure: Figure | None) -> Cell:
    if figure is None:
        return None
    compact = figure.unit.startswith("money")
    return number(figure, part="interval", compact=compact, kind=kind_of(figure.unit))
