"""The coaching report: gaps worth coaching, earned pairs and their sheets, habits, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.coaching_after import CoachingAfter
from spm_lib.reports.pages.page import number
from spm_lib.reps import Coaching
from spm_lib.reps.coaching.words import reason_words, sheet_words, skill_words

GAPS = "Gaps worth coaching"
PAIRS = "Mentor pairs"
SHEETS = "A sheet for each pair"
PLAN = ("coaching.gap", "coaching.p_below", "coaching.people", "coaching.pairs", "coaching.gaps")
SHEET = ("coaching.own", "coaching.middle", "coaching.pair.cases", "coaching.pair.months")
MOST = 2


class CoachingPage(CoachingAfter):
    """The coaching plan of a client's people; each method is one part of it.

    Parameters
    ----------
    mentors
        Ids of those who are willing and trained to mentor, apart by blanks; empty: everybody.
    coached
        Who was coached since when, such as "R04=2026-01-15 R13=2026-02-01"; empty: nobody.
    """

    title: ClassVar[str] = "Coaching"

    def __init__(
        self, workspace: str, *, mentors: str = "", coached: str = "", **options: Any
    ) -> None:
        super().__init__(workspace, **options)
        self.mentors = tuple(mentors.split())
        self.coached = coached

    def summary(self) -> Summary:
        """Return the first page: who should be coached, who has changed, what goes with winning."""
        if self.orders_only:
            return self.orders_summary()
        if not self.known("opportunities"):
            needed = self.say("There are no deals.")
            return Summary(edition=self.edition, happened=(needed,))
        parts: dict[str, list[Sentence]] = {"happened": [], "why": [], "todo": [], "note": []}
        sources: list[tuple[Sequence[Statement], tuple[str, ...]]] = [
            (self.watched.statements, ("alert.before", "alert.after", "alert.people"))
        ]
        if not isinstance(self.plan, DataError):
            sources.insert(0, (self.plan.statements, PLAN))
        if not isinstance(self.habits, DataError):
            sources.append((self.habits.statements, ("closers.base", "closers.share")))
        for statements, metrics in sources:
            for kind, kept in parts.items():
                most = MOST if kind == "happened" else 1
                chosen = [s for s in statements if s.kind == kind][:most]
                kept += self.spoken(chosen, *metrics)
        return Summary(
            edition=self.edition,
            happened=tuple(parts["happened"]),
            why=(*parts["why"], *parts["note"]),
            todo=tuple(parts["todo"]),
        )

    def key_figures(self) -> Tiles:
        """Return the plan in key figures."""
        if self.orders_only:
            return self.order_tiles()
        shown = (
            ("Gaps worth coaching", "coaching.gaps"),
            ("Mentor pairs", "coaching.pairs"),
            ("People of whom a ratio has really changed", "alert.raised"),
            ("Comparisons of behaviour made", "closers.tried"),
        )
        tiles = [
            Tile(label=self.text(label), number=Number(figure=figure), good="neither")
            for label, metric in shown
            if (figure := self.told(metric)) is not None
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    def gaps(self) -> Section:
        """Return one or two gaps per person with the money at stake."""
        if isinstance(self.plan, DataError):
            return self.untold(GAPS, self.plan)
        rows = [self._gap(row) for row in self.plan.gaps.iter_rows(named=True)]
        columns = [
            Column(title="Person"),
            Column(title="Skill"),
            Column(title="Own level", kind="ratio"),
            Column(title="95% interval", kind="ratio", decimals=0),
            Column(title="Middle of all", kind="ratio"),
            Column(title="Below it", kind="ratio", decimals=1,
                   help="Chance that the person is below the middle"),
            Column(title="Cases", kind="count"),
            Column(title="Money at stake", kind="money", decimals=0),
            Column(title="95% interval", kind="money"),
        ]  # fmt: skip
        note = (
            "Levels are pooled and allow for the mix of deals; two gaps per person at most. The "
            "money is what closing the whole gap would have brought in the window; below 0 the "
            "person may be above the middle after all."
        )
        told = [s for s in self.plan.statements if s.kind == "happened"]
        text = self.paragraph(*self.spoken(told[:1], *PLAN)) if not rows else None
        return self.section(GAPS, text, self.table(columns, rows, note=note))

    def _gap(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"rep_id": row["rep_id"], "skill": row["skill"]}
        own, money = self.told("coaching.own", **by), self.told("coaching.gap", **by)
        return (
            words(self.name_of(row["rep_id"])),
            words(self._skill(row["skill"])),
            number(own),
            number(own, part="interval"),
            number(self.told("coaching.middle", **by)),
            number(self.told("coaching.p_below", **by)),
            number(own, part="n"),
            number(money, compact=True),
            number(money, part="interval", compact=True),
        )

    def _skill(self, skill: str) -> str:
        told = skill_words(skill)
        return told.tell(self.language) if isinstance(told, Statement) else self.text(told.text)

    def pairs(self) -> Section:
        """Return who should learn from whom, and why others have no pair."""
        if isinstance(self.plan, DataError):
            return self.untold(PAIRS, self.plan)
        return self.section(PAIRS, self._pairs(self.plan), self._without(self.plan))

    def _pairs(self, plan: Coaching) -> Block | None:
        columns = [
            Column(title="Person"),
            Column(title="Mentor"),
            Column(title="Goal"),
            Column(title="Mentor is better", kind="ratio", decimals=1,
                   help="Chance that the mentor is the better one at it"),
            Column(title="If he came up to the mentor", kind="money"),
            Column(title="95% interval", kind="money"),
        ]  # fmt: skip
        rows = []
        for row in plan.pairs.pairs.iter_rows(named=True):
            by = {name: row[name] for name in ("rep_id", "coach_id", "skill")}
            gain = self.told("coaching.pair.gain", **by)
            rows.append(
                (
                    words(self.name_of(row["rep_id"])),
                    words(self.name_of(row["coach_id"])),
                    words(self._skill(row["skill"])),
                    number(self.told("coaching.pair.p_better", **by)),
                    number(gain, compact=True),
                    number(gain, part="interval", compact=True),
                )
            )
        note = (
            "The pairs that together gain most. Nobody mentors more than two people, those of the "
            "own chain of command, rivals for the same territory, or within the first six months."
        )
        return self.table(columns, rows, note=note)

    def _without(self, plan: Coaching) -> Block | None:
        gone = plan.pairs.without.filter(pl.col("reason") != "no gap")
        rows = [
            (words(self.name_of(row["rep_id"])), words(reason_words(row).tell(self.language)))
            for row in gone.iter_rows(named=True)
        ]
        columns = [Column(title="Person"), Column(title="Why there is no pair")]
        made = self.table(columns, rows, title="With a gap, without a pair")
        if made is not None or plan.pairs.pairs.height:
            return made
        text = self.say("No pair: no gap is earned by evidence, so nobody has to be paired.")
        return self.paragraph(text)

    def sheets(self) -> Section:
        """Return a sheet for each pair: goal, three sessions, debrief, the number to watch."""
        if isinstance(self.plan, DataError):
            return self.untold(SHEETS, self.plan)
        made = [self._sheet(self.plan, at) for at in range(len(self.plan.sheets))]
        text = self.say("No pair was made, so there is no sheet.") if not made else None
        return self.section(SHEETS, self.paragraph(*([text] if text else [])), *made)

    def _sheet(self, plan: Coaching, at: int) -> Block | None:
        sheet = plan.sheets[at]
        by = {"rep_id": sheet.rep_id, "skill": sheet.skill}
        figures = [self.told(metric, **by) for metric in SHEET[:2]]
        figures += [self.told(m, **by, coach_id=sheet.coach_id) for m in SHEET[2:]]
        kept = tuple(f for f in figures if f)
        told = [
            Sentence(text=f"{self.text(head.text)}: {body.tell(self.language)}", figures=kept)
            for head, body in sheet_words(plan, sheet)
        ]
        made = self.section(
            "{person}, with {mentor}",
            self.paragraph(*told),
            person=self.name_of(sheet.rep_id),
            mentor=self.name_of(sheet.coach_id),
        )
        return self.kept(made)
