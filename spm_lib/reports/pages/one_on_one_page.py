"""The 1:1 pack: what was promised and came of it, the same numbers, what is owed, the agenda."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from spm_lib.reports.blocks import Column, Section, Sentence, Summary, Table
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.one_on_one_goals import OneOnOneGoals
from spm_lib.reports.pages.rep_page import RepPage
from spm_lib.reports.pages.rep_pipeline import OPEN
from spm_lib.reports.pages.rep_why import WHY

if TYPE_CHECKING:
    from spm_lib.team import Agenda, Review

LISTED = 5
PROMISED = "Promised last time, and what came of it"
TALK = (
    "Wins",
    "Three topics of the person",
    "One topic of the manager, one stuck deal or skill",
    "Energy, and what is in the way",
    "Goal: what is to be reached, by when",
    "Reality: what the numbers say",
    "Options, and obstacles",
    "Way forward: first step, its date, sure of it (1 to 10)",
)
NEW = 2


class OneOnOnePage(OneOnOneGoals, RepPage):
    """The pack of one person's 1:1, two printed sides; each method is one part of it."""

    title: ClassVar[str] = "1:1 pack"

    def summary(self) -> Summary:
        """Return how many promises are open, and the result in one or two sentences."""
        if self.rep is None:
            return super().summary()
        said = [*self._promises_counted(), *self.result_told(self.rep)]
        return self.kept(Summary(edition=self.edition, happened=tuple(said)))

    def _promises_counted(self) -> Iterator[Sentence]:
        if self.told_of_team is not None:
            yield self.say(
                "{open:1 promise is|{open} promises are} open, {late} of them overdue; "
                "{owed:1 reply is|{owed} replies are} owed.",
                open=self.team_figure("promises_open"),
                late=self.team_figure("promises_overdue"),
                owed=self.team_figure("replies_owed"),
            )

    def promised(self) -> Section | None:
        """Return every open promise, and what came of those closed since the last 1:1.

        Nothing where the client keeps no register.
        """
        unread = self.team_unread
        if unread is not None:
            return self.section(PROMISED, self.paragraph(unread, tone="missing"))
        told = self.told_of_team
        if told is None or self.rep is None:
            return None
        agenda = told.status.agenda(self.rep)
        table = self.promises_table([*agenda.open, *agenda.closed])
        return self.section(PROMISED, self.paragraph(*self._last_told(agenda)), table)

    def _last_told(self, agenda: Agenda) -> Iterator[Sentence]:
        last = agenda.last
        if last is None:
            yield self.say("No 1:1 was entered yet.")
        else:
            yield self.say("The last 1:1 was on {day}.", day=last.on)
            if last.will:
                yield self.say("First step then: {step}", step=self.language.isolate(last.will))
        if not agenda.open:
            yield self.say("No promise is open.")

    def numbers_beside(self) -> Section | None:
        """Return the numbers of the person's own page beside the time before and the others."""
        return self._of_deals(WHY, lambda rep: self.section(WHY, self.side_by_side(rep)))

    def pipeline(self) -> Section | None:
        """Return coverage of what is left, and the first deals that ask for attention."""
        return self._of_deals(OPEN, self._few_deals)

    def _few_deals(self, rep: str) -> Section:
        said = [s for s in self._covered(rep) if s is not None]
        return self.section(OPEN, self.paragraph(*said), self.attention_table(rep, most=LISTED))

    def worries(self) -> Section | None:
        """Return the person's worries about the plan, each with its reply or as owed."""
        told = self.told_of_team
        standing = next(iter(told.status.standings.standings), None) if told else None
        if told is None or standing is None:
            return None
        said = {(r.category, r.worry): r.text for r in told.status.replies}
        newest = standing.newest
        rows = [
            self.worry_row(worry, said.get((worry.category, worry.text)))
            for worry in (newest.worries if newest else ())
        ]
        columns = [Column(title="Category"), Column(title="Worry"), Column(title="Reply")]
        answer = self.say("Plan letter: {answer}.", answer=self.answer_of(standing))
        asked = [
            self.say("Asked for another target: {why}", why=self.language.isolate(one.reason))
            for one in standing.requests
        ]
        return self.section(
            "Plan and worries", self.paragraph(answer, *asked), self.table(columns, rows)
        )

    def checklist(self) -> Section | None:
        """Return what of the person's checklist is overdue; nothing where nothing is."""
        told = self.told_of_team
        if told is None or not told.status.overdue:
            return None
        late = told.status.overdue
        table = self.overdue_items(late[:LISTED])
        if table is not None and len(late) > LISTED:
            note = (
                "{n} more is overdue for a shorter time.",
                "{n} more are overdue for a shorter time.",
            )
            table = table.model_copy(
                update={"note": self.language.plural(*note, len(late) - LISTED)}
            )
        return self.section("Overdue items of the checklist", table)

    def review(self) -> Section | None:
        """Return the newest review: self-rating beside the manager's; nothing where none is."""
        told = self.told_of_team
        if told is None or not told.reviews:
            return None
        review = told.reviews[-1]
        return self.section("Review {period}", self._review_table(review), period=review.period)

    def _review_table(self, review: Review) -> Table | None:
        columns = [
            Column(title="Area"),
            Column(title="Self"),
            Column(title="Manager"),
            Column(title="Ground"),
        ]
        rows: list[list[Cell]] = []
        for one in review.areas:
            grounds = [side.ground for side in (one.own, one.manager) if side]
            rows.append(
                [
                    words(self.text(one.area.replace("_", " ")), strong=one.apart),
                    words(str(one.own.rating) if one.own else "–"),
                    words(str(one.manager.rating) if one.manager else "–"),
                    words(" · ".join(self.language.isolate(g) for g in grounds)),
                ]
            )
        note = "1 does not meet, 3 meets, 5 consistently exceeds. Bold: two steps or more apart."
        return self.table(columns, rows, note=note)

    def agenda(self) -> Section | None:
        """Return what is talked about, with room to write, and lines for new promises."""
        if self.rep is None:
            return None
        new = [(words(str(place)), None, None, None) for place in range(1, NEW + 1)]
        talk = [(words(self.text(label)), None) for label in TALK]
        return self.section(
            "Agenda",
            self._form(("About", "Notes"), talk),
            self._form(("No.", "What", "Who", "By when"), new),
        )
