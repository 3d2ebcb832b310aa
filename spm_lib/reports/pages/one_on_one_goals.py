"""Own development goals on the 1:1 pack: before, since, and beyond peers who started alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
    "other_metric": "Only a win rate is compared with peers.",
    "too_early": "Too little was decided since then to compare.",
    "few_peers": "Fewer than five uncoached peers started alike, so the comparison is withheld.",
}
WARNING = (
    "A change of one's own is no proof: a goal is set where a number is low, and a low number "
    "rises by itself (regression to the mean). Of the change {expected} points were to be expected."
)


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
            Column(title="Points beyond peers", kind="points"),
            Column(title="95% interval", kind="points"),
        ]
        table = self.table(columns, [self._goal_row(one) for one in told.goals])
        return self.section(GOALS, table, self.paragraph(*self._goals_told(told.goals)))

    def _goal_row(self, one: Progress) -> list[Cell]:
        effect = self._effect(one)
        after = one.after
        interval = number(after, part="interval") if after and after.low else None
        return [
            words(one.goal.measure),
            Day(day=one.goal.due),
            words(self.text(metric_id(one.goal.metric).name)),
            Day(day=one.since),
            _shown(one.before),
            _shown(after),
            interval,
            number(effect),
            number(effect, part="interval"),
        ]

    def _effect(self, one: Progress, name: str = "effect") -> Figure | None:
        """Return a part of the comparison with peers; none where it is withheld."""
        found = one.effect
        if found is None or one.after is None:
            return None
        value = getattr(found, name)
        made = Figure(
            metric="coaching.effect" if name == "effect" else f"coaching.effect.{name}",
            as_of=self.company.as_of,
            unit="points",
            value=_text(value),
            receipt=Receipt(one.after.receipt.used, one.after.receipt.set_aside, scoped=True),
            by={"rep_id": one.rep_id, "metric": one.goal.metric},
            window=one.after.window,
            n=one.after.n,
        )
        if name != "effect":
            return made
        return replace(made, low=_text(found.low), high=_text(found.high))

    def _goals_told(self, goals: Sequence[Progress]) -> Iterator[Sentence]:
        unknown = [one.goal.metric for one in goals if one.before is None and one.after is None]
        for metric in unknown:
            name = self.text(metric_id(metric).name)
            yield self.say("The data tells no single number of {name} per person.", name=name)
        for untold in sorted({one.untold for one in goals if one.untold}):
            yield self.say(UNTOLD[untold])
        for expected in (self._effect(one, "regression") for one in goals):
            if expected is not None:
                yield self.say(WARNING, expected=expected)


def _shown(figure: Figure | None) -> Cell:
    if figure is None or figure.value is None:
        return None
    return number(figure, compact=figure.unit.startswith("money"), kind=kind_of(figure.unit))


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
