"""The manager's page: who reached how much, who needs what this week, and a row per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Summary, Table, Tile, Tiles
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.gap_drawn import team_gaps
from spm_lib.reports.pages.manager_ids import BANDS, band_figures, band_of
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.open_deals import OpenDeal
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.reach import WON_ONLY
from spm_lib.reports.pages.team_tracker import TeamTracker
from spm_lib.reports.scopes import people as people_of

TOP = 3
WHAT = {
    "due_soon": "a next step for deals due within a week",
    "overdue": "new dates for deals past their date, or their end",
    "ageing": "a way on for deals long in their stage",
}


@dataclass(frozen=True)
class Need:
    """What one person needs this week: in words, the deal and the money it is about, how often."""

    rep: str
    what: str
    deal: OpenDeal | None
    amount: Figure | None
    count: Figure | None = None

    @property
    def weight(self) -> float:
        """The money it is about."""
        return float(self.amount.value or 0) if self.amount else 0.0


class ManagerPage(TeamTracker):
    """The page of a manager (or of the whole company); each method is one part of it."""

    title: ClassVar[str] = "The people of a team"

    @cached_property
    def people(self) -> list[str]:
        """The people who sell as of the day, in the order of their names."""
        return sorted(people_of(self.company), key=lambda rep: (self.name_of(rep), rep))

    def summary(self) -> Summary:
        """Return what was reached, by how many, and what is needed most this week."""
        if not self.people:
            text = self.say("Nobody in this scope sells as of this day.")
            return Summary(edition=self.edition, happened=(text,))
        happened = [s for s in (self._reached_told(), self._bands_told()) if s is not None]
        if not happened:
            happened = [self._won_told()]
        todo = tuple(self._needed_told(need) for need in self._most_needed[:TOP])
        return self.kept(Summary(edition=self.edition, happened=tuple(happened), todo=todo))

    def _won_told(self) -> Sentence:
        if not self.known("opportunities"):
            return self.say(
                "{span}: {amount} sold.", span=self.span, amount=self.figure("orders.amount")
            )
        if self.no_amounts:
            return self.say(WON_ONLY, span=self.span, count=self.figure("won.count"))
        return self.say(
            "{span}: {amount} won in {count:1 deal|{count} deals}.",
            span=self.span,
            amount=self.figure("won.amount"),
            count=self.figure("won.count"),
        )

    def _reached_told(self) -> Sentence | None:
        whole = self._whole_to_date
        if whole is None:
            return None
        return self.say(
            "{span}: {reached} of the targets of all together.",
            span=self._to_date_span(),
            reached=whole,
        )

    @cached_property
    def _whole_to_date(self) -> Figure | None:
        window = self.numbers.so_far
        if window is None or not self.numbers.targets:
            return None
        found = self.figure(self.numbers.reached, window=window)
        return found if found.value is not None else None

    def _bands_told(self) -> Sentence | None:
        counts = self.band_figures
        if not counts:
            return None
        there = sum(int(f.value or 0) for f in counts[-2:])
        reached = self._band(counts[-1], "reached", there)
        return self.say(
            "{there} of {n:1 person|{n} people} with a target {there:has|have} reached it.",
            there=reached,
            n=Number(figure=reached, part="n"),
        )

    def _band(self, base: Figure, band: str, count: int) -> Figure:
        from dataclasses import replace

        return replace(base, by={"band": band}, value=str(count))

    @cached_property
    def band_figures(self) -> list[Figure]:
        """How many people reached how much of their targets of the year to date, lowest first."""
        told = [f for rep in self.people if (f := self.numbers.to_date(rep)) is not None]
        whole = self._whole_to_date
        if whole is None:
            return []
        return band_figures(self.company, told, whole.receipt)

    def key_figures(self) -> Tiles:
        """Return the team in key figures."""
        tiles: list[Tile | None] = []
        if self._whole_to_date is not None:
            tiles.append(
                self._tile(
                    "Target reached, year to date", self._whole_to_date, self._to_date_span()
                )
            )
        if self.known("opportunities"):
            if not self.no_amounts:
                tiles.append(self._tile("Won", self.figure("won.amount"), self.span))
            tiles.append(self._tile("Won deals", self.figure("won.count"), self.span))
            tiles.append(self._tile("Win rate", self.figure("win_rate.closed.count"), self.span))
        elif self.known("orders"):
            tiles.append(self._tile("Sales by orders", self.figure("orders.amount"), self.span))
        return self.kept(Tiles(edition=self.edition, tiles=tuple(t for t in tiles if t)))

    @needs("How many reached how much", "targets")
    def bands(self) -> Section:
        """Return how many people reached how much of their targets, and who."""
        title = "How many reached how much"
        if not self.band_figures:
            text = self.say("No target of a person covers the year to date.")
            return self.section(title, self.paragraph(text, tone="missing"))
        columns = [
            Column(title="Target reached, year to date"),
            Column(title="People", kind="count"),
            Column(title="Who, by name"),
        ]
        rows = [
            (words(self.text(_LABELS[f.by["band"]])), number(f), words(self._in_band(i)))
            for i, f in enumerate(self.band_figures)
        ]
        note = "Within a band people stand in the order of their names: it is no ranking."
        return self.section(title, self.table(columns, rows, note=note))

    def _in_band(self, place: int) -> str:
        found = [
            self.name_of(rep)
            for rep in self.people
            if (f := self.numbers.to_date(rep)) is not None and band_of(f) == BANDS[place]
        ]
        return ", ".join(self.language.isolate(name) for name in found)

    @needs("Who needs what this week", "opportunities")
    def needs_this_week(self) -> Section:
        """Return what each person needs most this week, each with the deals it is about."""
        title = "Who needs what this week"
        if not self._most_needed:
            text = self.say("Nothing asks for attention this week.")
            return self.section(title, self.paragraph(text, *self.alarms_told()))
        columns = [
            Column(title="Person"),
            Column(title="Needs"),
            Column(title="Largest deal"),
            Column(title="Amount", kind="money"),
            Column(title="Such deals", kind="count"),
        ]
        rows = [
            (
                words(self.name_of(need.rep), link=_anchor(need.rep)),
                words(self.text(need.what)),
                words(self.deal_label(need.deal)) if need.deal else None,
                number(need.amount, compact=True),
                number(need.count),
            )
            for need in self._most_needed
        ]
        note = (
            "Amount: of the deal, or what is missing to the target. The names lead to the deals "
            "behind it, further down."
        )
        alarms = self.paragraph(*self.alarms_told())
        return self.section(title, self.table(columns, rows, note=note), alarms)

    @cached_property
    def _most_needed(self) -> list[Need]:
        """What people need, at most two things a person, deals first, then by money."""
        found = [need for rep in self.people for need in self._needs(rep)]
        return sorted(found, key=lambda need: (need.deal is None, -need.weight, need.rep))

    def _needed_told(self, need: Need) -> Sentence:
        values = {
            "person": self.name_of(need.rep),
            "need": self.text(need.what),
            "amount": need.amount or "–",
        }
        if need.deal is None:
            return self.say("{person}: {need} ({amount} missing).", **values)
        return self.say(
            "{person}: {need}. Largest of them: {deal}, {amount}.",
            **values,
            deal=self.deal_label(need.deal),
        )

    def _needs(self, rep: str) -> Iterator[Need]:
        """Yield the most pressing thing about a person's deals, and whether there are too few."""
        if not self.known("opportunities"):
            return
        flag = next((f for f in WHAT if self.open_deals.flagged(rep, f)), None)
        if flag is not None:
            deal = self.open_deals.flagged(rep, flag)[0]
            amount = self.open_deals.figure(deal, "amount")
            yield Need(rep, WHAT[flag], deal, amount, self.flag_figure(rep, flag))
        found, rest = self.coverage_of(rep), self.numbers.rest(rep)
        if found and rest and float(found[0].value or 0) < float(found[1].value or 0):
            what = "more open deals: what is due does not cover what is missing"
            yield Need(rep, what, None, rest.missing)

    def gaps(self) -> Section | None:
        """Return which parts of people's gaps are clear of luck."""
        return team_gaps(self)

    def table_of_people(self) -> Section:
        """Return a row for each person: the numbers of the person's own page."""
        note = (
            "The same numbers as on each person's own page. People stand in the order of their "
            "names: whether they can be told apart is told by the report reps."
        )
        deals = self._rows(self._deal_columns, title="Open deals") if self._deal_columns else None
        return self.section("Person by person", self._rows(self._columns, note=note), deals)

    def _rows(
        self, told: list[tuple[Column, Callable[[str], Cell]]], *, title: str = "", note: str = ""
    ) -> Table | None:
        columns = [Column(title="Person"), *(column for column, _ in told)]
        rows = [
            (words(self.name_of(rep), link=_anchor(rep)), *(cell(rep) for _, cell in told))
            for rep in self.people
        ]
        made = self.table(columns, rows, title=title, note=note)
        return made if made is not None and len(made.columns) > 1 else None

    @property
    def _columns(self) -> list[tuple[Column, Callable[[str], Cell]]]:
        figure = self.numbers.figure
        found: list[tuple[Column, Callable[[str], Cell]]] = []
        if self.numbers.targets:
            found += [
                (Column(title="This period", kind="ratio", decimals=0), self._current_cell),
                (
                    Column(title="Year to date", kind="ratio", decimals=0),
                    lambda rep: number(self.numbers.to_date(rep)),
                ),
                (Column(title="Needed a day", kind="money"), self._each_cell),
            ]
        if not self.known("opportunities"):
            sold = Column(title="Sales by orders", kind="money", decimals=0)
            return [*found, (sold, lambda rep: number(figure("orders.amount", rep)))]
        return [
            *found,
            (
                Column(title="Won", kind="money"),
                lambda rep: (
                    None if self.no_amounts else number(figure("won.amount", rep), compact=True)
                ),
            ),
            (Column(title="Deals", kind="count"), lambda rep: number(figure("won.count", rep))),
            (
                Column(title="Win rate", kind="ratio", decimals=0),
                lambda rep: self.grey(figure("win_rate.closed.count", rep)),
            ),
            (
                Column(title="95% interval", kind="ratio"),
                lambda rep: self.grey(figure("win_rate.closed.count", rep), "interval"),
            ),
            (
                Column(title="Average deal", kind="money"),
                lambda rep: number(figure("deal.mean_amount", rep), compact=True),
            ),
        ]

    @property
    def _deal_columns(self) -> list[tuple[Column, Callable[[str], Cell]]]:
        if not self.known("opportunities"):
            return []
        cover = Column(title="Coverage", kind="times")
        return [(cover, self._coverage_cell), *self._flag_columns()]

    def _flag_columns(self) -> Iterator[tuple[Column, Callable[[str], Cell]]]:
        for flag, title in _SHORT.items():
            if flag in self.open_deals.told:
                column = Column(title=title, kind="count", help=HELP[flag])
                yield column, lambda rep, flag=flag: number(self.flag_figure(rep, flag))

    def _current_cell(self, rep: str) -> Cell:
        found = self.numbers.current(rep)
        return number(found[1]) if found else None

    def _each_cell(self, rep: str) -> Cell:
        rest = self.numbers.rest(rep)
        return number(rest.each, compact=True) if rest else None

    def _coverage_cell(self, rep: str) -> Cell:
        found = self.coverage_of(rep)
        return number(found[0], kind="times") if found else None

    @needs("The deals behind it", "opportunities")
    def deals(self) -> Section:
        """Return the open deals of each person that ask for attention, by name."""
        parts = []
        for rep in self.people:
            table = self.attention_table(rep, most=20)
            if table is not None:
                made = Section(
                    edition=self.edition,
                    title=self.name_of(rep),
                    blocks=(table,),
                    anchor=_anchor(rep),
                )
                parts.append(self.kept(made))
        if not parts:
            text = self.say("No open deal asks for attention.")
            return self.section("The deals behind it", self.paragraph(text))
        return self.section("The deals behind it", *parts)


def _anchor(rep: str) -> str:
    from hashlib import sha256

    return f"person-{sha256(rep.encode()).hexdigest()[:10]}"


_LABELS = {
    "under 50": "under 50%",
    "50-80": "50% to under 80%",
    "80-100": "80% to under 100%",
    "100-120": "100% to under 120%",
    "over 120": "120% and more",
}
HELP = {
    "ageing": "Longer in their stage than is usual",
    "pushed": "Pushed past the end of a month",
    "overdue": "Past their expected close",
    "no_step": "Without a next step",
}
_SHORT = {
    "ageing": "Long in their stage",
    "pushed": "Pushed",
    "overdue": "Past their date",
    "no_step": "No next step",
}
