"""The manager's tracker: who has not answered, worries, replies, deeds and checks that are owed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spm_lib.reports.blocks import Column, Section, Sentence, Table
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.manager_alerts import ManagerAlerts
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.team_records import TeamRecords

if TYPE_CHECKING:
    from spm_lib.team import Standing, TeamTold

TRACKER = "Answers, promises and checklists"
_COUNTED = {
    "worries": "Worries",
    "replies_owed": "Replies owed",
    "promises_open": "Open promises",
    "promises_overdue": "Overdue promises",
    "checklist_overdue": "Overdue checks",
}


class TeamTracker(TeamRecords, ManagerAlerts):
    """The part of a manager's page that follows up what was said and promised."""

    def tracker(self) -> Section | None:
        """Return how people stand to their plans, and what is owed to them and by them.

        Nothing where the client keeps no register, or nothing was written by the day.
        """
        unread = self.team_unread
        if unread is not None:
            return self.section(TRACKER, self.paragraph(unread, tone="missing"))
        told = self.told_of_team
        if told is None or not self._anything(told):
            return None
        overdue = [p for p in told.status.promises if p.overdue(told.status.on)]
        overdue.sort(key=lambda p: (p.due, p.rep_id, p.number))
        return self.section(
            TRACKER,
            self.paragraph(*self._answers_told(told)),
            self._people_table(told),
            self._worries_counted(told),
            self._replies_owed(told),
            self.promises_table(overdue, people=True, title="Promises whose day is over"),
            self.overdue_by_item(told.status.overdue, title="Overdue items of the checklist"),
        )

    def _anything(self, told: TeamTold) -> bool:
        status = told.status
        return bool(status.standings.standings or status.promises or status.due)

    def _answers_told(self, told: TeamTold) -> Iterator[Sentence]:
        standings = told.status.standings
        if not standings.standings:
            yield self.say("No plan letter was issued.")
            return
        yield self.say(
            "{rate} of the letters are accepted; {waiting} not answered.",
            rate=self.team_figure("acceptance_rate"),
            waiting=self.team_figure("unanswered"),
        )
        waiting = [self.called(s.rep_id) for s in standings.unanswered]
        if waiting:
            people = self.language.list(waiting)
            yield self.say("Not answered yet, the longest first: {people}.", people=people)
        for standing in standings.doubtful:
            yield self._doubt(standing)

    def _doubt(self, standing: Standing) -> Sentence:
        return self.say(
            "{rep} doubts a stretched target: confidence {n} of 5, {growth} more is asked.",
            rep=self.called(standing.rep_id),
            n=number(self.team_figure("confidence_mean", standing.rep_id), kind="count"),
            growth=self.team_figure("growth_asked", standing.rep_id),
        )

    def _people_table(self, told: TeamTold) -> Table | None:
        standings = {s.rep_id: s for s in told.status.standings.standings}
        seen = {*standings, *(p.rep_id for p in told.status.promises)}
        seen |= {due.rep_id for due in told.status.due}
        columns = [
            Column(title="Person"),
            Column(title="Answer"),
            Column(title="Confidence", kind="number", decimals=0, help="1 to 5"),
            Column(title="Growth asked", kind="ratio", decimals=0),
            *(Column(title=title, kind="count") for title in _COUNTED.values()),
        ]
        people = sorted(seen, key=lambda rep: (self.called(rep), rep))
        rows = [self._person_row(rep, standings.get(rep)) for rep in people]
        return self.table(columns, rows)

    def _person_row(self, rep: str, standing: Standing | None) -> list[Cell]:
        return [
            words(self.called(rep)),
            words(self.answer_of(standing)) if standing else None,
            number(self.team_figure("confidence_mean", rep), kind="number") if standing else None,
            number(self.team_figure("growth_asked", rep)) if standing else None,
            *(number(self.team_figure(name, rep)) for name in _COUNTED),
        ]

    def _worries_counted(self, told: TeamTold) -> Table | None:
        rows = [(words(self.category(f.by["category"])), number(f)) for f in told.status.worries]
        columns = [Column(title="Category"), Column(title="Worries", kind="count")]
        return self.table(columns, rows, title="Worries by category")

    def _replies_owed(self, told: TeamTold) -> Table | None:
        rows = [
            (words(self.called(rep)), words(self.category(worry.category)), words(worry.text))
            for rep, worry in told.status.standings.owed
        ]
        columns = [Column(title="Person"), Column(title="Category"), Column(title="Worry")]
        return self.table(columns, rows, title="Worries that wait for a reply")
