"""What the team's register tells, as tables that the manager's page and the 1:1 pack share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from spm_lib.core.errors import SpmError
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Sentence, Table
from spm_lib.reports.cells import Cell, Day, words
from spm_lib.reports.pages.rep_why import RepWhy

if TYPE_CHECKING:
    from spm_lib.team import Due, Promise, Standing, TeamTold, Worry

DECISIONS = {
    "accept": "accepted",
    "accept_with_remarks": "accepted with remarks",
    "not_accept": "not accepted",
}
STATES = {"open": "still open", "done": "done", "withdrawn": "withdrawn"}


class TeamRecords(RepWhy):
    """The parts of a page that print what was said and promised; nothing without a register."""

    @property
    def told_of_team(self) -> TeamTold | None:
        """What the register tells; none where there is none, or it cannot be read."""
        return None if isinstance(self.team_told, SpmError) else self.team_told

    @property
    def team_unread(self) -> Sentence | None:
        """Why a register that is there tells nothing."""
        error = self.team_told
        if not isinstance(error, SpmError):
            return None
        reason = " ".join(self.text(part) for part in (error.what, error.do) if part)
        return self.say("The team's register tells nothing: {reason}", reason=reason)

    def called(self, who: str) -> str:
        """Return what somebody is called who owes something: a person's name, or as written."""
        told = self.told_of_team
        return self.language.isolate((told.names if told else {}).get(who, who))

    def promises_table(
        self, promises: Iterable[Promise], *, people: bool = False, title: str = ""
    ) -> Table | None:
        """Return promises as they stand, in the order given.

        Parameters
        ----------
        promises
            Of one person, or of several.
        people
            Whether a column says in whose 1:1 each was agreed.
        title
            Of the table.
        """
        columns = [
            Column(title="Person" if people else "No."),
            Column(title="Who"),
            Column(title="What"),
            Column(title="Due", kind="date"),
            Column(title="State"),
            Column(title="What came of it"),
        ]
        rows = [
            (
                words(self.called(one.rep_id) if people else str(one.number)),
                words(self.called(one.who)),
                words(one.what),
                Day(day=one.due),
                words(self._state(one), strong=one.overdue(self.company.as_of)),
                words(one.outcome or None),
            )
            for one in promises
        ]
        return self.table(columns, rows, title=title)

    def _state(self, promise: Promise) -> str:
        if promise.overdue(self.company.as_of):
            return self.text("overdue")
        return self.text(STATES[promise.status])

    def overdue_items(self, due: Sequence[Due]) -> Table | None:
        """Return overdue items of one person's checklist; none where nothing is overdue."""
        columns = [
            Column(title="Item"),
            Column(title="Owner"),
            Column(title="Due", kind="date"),
            Column(title="What shows it"),
        ]
        rows = [[*self._item(one), words(self.text(one.item.evidence))] for one in due]
        return self.table(columns, rows)

    def overdue_by_item(self, due: Sequence[Due], *, title: str) -> Table | None:
        """Return overdue items of several people, an item a row, with the names of the people."""
        people: dict[str, list[Due]] = {}
        for one in due:
            people.setdefault(one.item.key, []).append(one)
        columns = [
            Column(title="Item"),
            Column(title="Owner"),
            Column(title="Due first", kind="date"),
            Column(title="Whose"),
        ]
        rows = [
            [*self._item(some[0]), words(", ".join(self.called(one.rep_id) for one in some))]
            for some in people.values()
        ]
        return self.table(columns, rows, title=title)

    def _item(self, one: Due) -> list[Cell]:
        return [
            words(self.text(one.item.name)),
            words(self.text(one.item.owner)),
            Day(day=one.due) if one.due else None,
        ]

    def worry_row(self, worry: Worry, answer: str | None) -> list[Cell]:
        """Return a worry in its own words, and what was answered; owed where nothing was."""
        owed = words(self.text("reply owed"), strong=True)
        return [
            words(self.category(worry.category)),
            words(worry.text),
            owed if answer is None else words(answer),
        ]

    def category(self, category: str) -> str:
        """Return what a category of worries is called."""
        return self.text(category.replace("_", " "))

    def answer_of(self, standing: Standing) -> str:
        """Return how a person answered the newest letter, in words."""
        if standing.response:
            return self.text(DECISIONS[standing.response.decision])
        return self.text("to be asked again" if standing.ask_again else "not answered")

    def team_figure(self, name: str, rep: str = "") -> Figure | None:
        """Return a number of the register: of one person, or of all in scope; none if not told."""
        told = self.told_of_team
        if told is None:
            return None
        if rep:
            return told.status.figures_of(rep)[name]
        return next(f for f in told.status.figures if f.metric == f"team.{name}")
