"""A person's own page: result, why, stages, open deals, strengths, and room for what is agreed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar

from spm_lib.reports.blocks import Column, Cover, Section, Sentence, Summary, Table, Tile, Tiles
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.people_numbers import Rest
from spm_lib.reports.pages.reach import WON_ONLY
from spm_lib.reports.pages.rep_funnel import STAGES
from spm_lib.reports.pages.rep_pipeline import OPEN
from spm_lib.reports.pages.rep_why import WHY, RepWhy

ACTIONS = 4


class RepPage(RepWhy):
    """One person's page, at most two printed sides; each method is one part of it."""

    title: ClassVar[str] = "Personal page"

    def cover(self) -> Cover:
        """Return who the page is for; it is printed as a band, not as a page of its own."""
        return super().cover().model_copy(update={"brief": True})

    @property
    def subtitle(self) -> str:
        """The months looked back on, and since when the person is here."""
        since = self._since()
        if since is None:
            return self.span
        return self.text("{span} · here since {day}", span=self.span, day=self.language.date(since))

    @property
    def rep(self) -> str | None:
        """The person that the page is about; None where the scope is not one person."""
        ids = self.company.scope.rep_ids
        return next(iter(ids)) if ids is not None and len(ids) == 1 else None

    def _since(self) -> date | None:
        reps = self.company.table("reps")
        found = dict(reps.select("rep_id", "hired_on").iter_rows()) if reps.height else {}
        return found.get(self.rep)

    def summary(self) -> Summary:
        """Return the result in one or two sentences."""
        rep = self.rep
        if rep is None:
            text = self.say(
                "This page is about one person. Make it with --scope rep:ID, or for everybody with "
                "--each rep."
            )
            return Summary(edition=self.edition, happened=(text,))
        return self.kept(Summary(edition=self.edition, happened=tuple(self.result_told(rep))))

    def result_told(self, rep: str) -> list[Sentence]:
        """Return the result of a person in words."""
        said: list[Sentence] = []
        current, rest = self.numbers.current(rep), self.numbers.rest(rep)
        if current is not None:
            said.append(
                self.say(
                    "{period}: {reached} of the target.",
                    period=self.language.period(current[0]),
                    reached=current[1],
                )
            )
        if rest is not None:
            said.append(self._rest_told(rest))
        won = None if self._no_deals or self.no_amounts else self.numbers.figure("won.amount", rep)
        count = None if self._no_deals else self.numbers.figure("won.count", rep)
        if not said and won is not None:
            said.append(
                self.say(
                    "{span}: {amount} won in {count:1 deal|{count} deals}.",
                    span=self.span,
                    amount=won,
                    count=count,
                )
            )
        if not self._no_deals and self.no_amounts:
            said.append(self.say(WON_ONLY, span=self.span, count=count))
        if current is None and rest is None:
            said.append(self.say("No target for this person is known for this time."))
        return said

    @property
    def _no_deals(self) -> bool:
        return not self.known("opportunities")

    def _rest_told(self, rest: Rest) -> Sentence:
        period = self.language.period(rest.period)
        if not float(rest.missing.value or 0):
            return self.say("The target of {period} is reached.", period=period)
        if rest.each.value is None:
            return self.say(
                "{missing} missing to the target of {period}, and no working day left.",
                missing=rest.missing,
                period=period,
            )
        values = {"period": period, "missing": rest.missing, "days": rest.days, "each": rest.each}
        if rest.so_far.value is None:
            return self.say(
                "{missing} missing to the target of {period}: {each} per working day over "
                "{days:1 day|{days} days}.",
                **values,
            )
        return self.say(
            "{missing} missing to the target of {period}: {each} per working day over "
            "{days:1 day|{days} days}, after {so_far} per working day so far.",
            **values,
            so_far=rest.so_far,
        )

    def result(self) -> Tiles | None:
        """Return the result in key figures."""
        if self.rep is None:
            return None
        tiles = self._tiles(self.rep)
        return self.kept(Tiles(edition=self.edition, tiles=tuple(t for t in tiles if t)))

    def _tiles(self, rep: str) -> list[Tile | None]:
        current, to_date, rest = (
            self.numbers.current(rep),
            self.numbers.to_date(rep),
            self.numbers.rest(rep),
        )
        found = [
            self._tile("Target reached", current[1], self.language.period(current[0]))
            if current
            else None,
            self._tile("Target reached, year to date", to_date, self._to_date_span())
            if to_date
            else None,
            self._tile("Needed per working day", rest.each, self.language.period(rest.period))
            if rest and rest.each.value is not None
            else None,
        ]
        return [*found, *self._won_tiles(rep, few=not any(found))]

    def _won_tiles(self, rep: str, *, few: bool) -> list[Tile | None]:
        if self._no_deals:
            return [self._tile("Sales by orders", self.numbers.figure("orders.amount", rep))]
        moved = {
            f.by["rep_id"]: f
            for f in change(self.company, "won.amount", window=self.window, by="rep_id")
        }
        won = None if self.no_amounts else self.numbers.figure("won.amount", rep)
        made = self._tile("Won", won, self.span)
        shown = moved.get(rep)
        if made is not None and shown is not None and shown.value is not None:
            note = self.language.plural(
                "on the month before", "on the {n} months before", self.months
            )
            made = made.model_copy(update={"change": Number(figure=shown), "change_note": note})
        if not few:
            return [made]
        return [
            made,
            self._tile("Won deals", self.numbers.figure("won.count", rep)),
            self._tile("Win rate", self.numbers.figure("win_rate.closed.count", rep)),
        ]

    def findings(self) -> Section | None:
        """Return two strengths, and one or two things to work on."""
        return None if self.rep is None else self.findings_section(self.rep)

    def why(self) -> Section | None:
        """Return the gaps to the time before, the others and the target, and their parts."""
        if self.rep is not None and self._no_deals and self.gaps_of(self.rep):
            return self.section(WHY, self.gap_drawn(self.rep), self.gap_table(self.rep))
        return self._of_deals(WHY, self.why_of)

    def funnel(self) -> Section | None:
        """Return the own funnel by stage, with counts and intervals, and that of the others."""
        return self._of_deals(STAGES, self.funnel_of)

    def pipeline(self) -> Section | None:
        """Return coverage of what is left, and the deals that ask for attention, by name."""
        return self._of_deals(OPEN, self.pipeline_of)

    def _of_deals(self, title: str, make: Callable[[str], Section]) -> Section | None:
        """Return a part that needs deals; nothing where the page is about no single person."""
        if self.rep is None:
            return None
        if not self.known("opportunities"):
            return self.lacking(title, "opportunities")
        return make(self.rep)

    def actions(self) -> Section | None:
        """Return room for what is agreed, and for what came of the last time."""
        if self.rep is None:
            return None
        heads = ("What", "Who", "By when", "What came of it")
        rows = [(words(str(place)), *[None] * len(heads)) for place in range(1, ACTIONS + 1)]
        form = self._form(("No.", *heads), rows)
        return self.section("Agreed", form)

    def own_words(self) -> Section | None:
        """Return room for the person's own words, the manager's remark, and both dates."""
        if self.rep is None:
            return None
        asked = (
            "How I see this time (1 to 5)",
            "What got in the way",
            "What would help me",
            "Remark of the manager",
            "Dates: person, manager",
        )
        rows = [(words(self.text(label)), None) for label in asked]
        return self.section("In my own words", self._form(("About", "Answer"), rows))

    def _form(self, heads: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> Table:
        columns = tuple(Column(title=self.text(head)) for head in heads)
        return Table(edition=self.edition, title="", columns=columns, rows=tuple(rows), ruled=True)
