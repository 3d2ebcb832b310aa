"""A person's open deals: do they cover what is left, and which of them ask for attention."""

from __future__ import annotations

from spm_lib.core.calendar import Window
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Table
from spm_lib.reports.cells import Cell, Day, Number, words
from spm_lib.reports.pages.open_deals import NAMES, OpenDeal
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.rep_findings import RepFindings

LISTED = 7
OPEN = "Open deals"
COUNTED = {
    "due_soon": "{count} due within a week without a next step",
    "overdue": "{count} past their date",
    "ageing": "{count} long in their stage",
    "pushed": "{count} pushed past the end of a month",
    "no_step": "{count} without a next step",
}
LACKING = {
    "ageing": "a history of stages",
    "pushed": "a history of expected closes",
    "overdue": "expected closes",
    "no_step": "next steps",
}


class RepPipeline(RepFindings):
    """The part of a person's page that names open deals."""

    def pipeline_of(self, rep: str) -> Section:
        """Return coverage of what is left, and the deals that ask for attention, by name."""
        said = [s for s in (*self._covered(rep), self._not_told()) if s is not None]
        table = self.attention_table(rep, most=LISTED)
        return self.section(OPEN, self.paragraph(*said), table)

    def coverage_of(self, rep: str) -> tuple[Figure, Figure] | None:
        """Return how far open deals cover what is left, and how far they would have to."""
        rest = self.numbers.rest(rep)
        if rest is None or not self.known("opportunities"):
            return None
        window = Window(rest.period.start, rest.period.end)
        cover = self.numbers.figure("coverage", rep, window=window)
        needed = self.numbers.figure("coverage.break_even", rep)
        if cover is None or cover.value is None or needed is None or needed.value is None:
            return None
        return cover, needed

    def _covered(self, rep: str) -> list[Sentence]:
        count = self._open_counts.get(rep)
        if count is None or not int(count.value or 0):
            return [self.say("There is no open deal.")]
        said = [self._open_told(rep, count), *self._flags_told(rep)]
        found, rest = self.coverage_of(rep), self.numbers.rest(rep)
        if found is not None and rest is not None:
            cover, needed = found
            said.append(
                self.say(
                    "What is due by the end of {period} is {cover} of what is missing; at the own "
                    "win rate by value it takes {needed}.",
                    period=self.language.period(rest.period),
                    cover=Number(figure=cover, kind="times"),
                    needed=Number(figure=needed, kind="times"),
                )
            )
        return said

    def _flags_told(self, rep: str) -> list[Sentence]:
        """Say how many open deals ask for attention, by reason; nothing where the data is mute."""
        counts = {flag: self.flag_figure(rep, flag) for flag in COUNTED}
        parts = [
            self.say(text, count=figure)
            for flag, text in COUNTED.items()
            if (figure := counts[flag]) is not None and (flag != "due_soon" or figure.value != "0")
        ]
        if not parts:
            return []
        text = self.language.list([part.text for part in parts])
        figures = tuple(f for part in parts for f in part.figures)
        return [Sentence(text=self.text("Of them {parts}.", parts=text), figures=figures)]

    def _open_told(self, rep: str, count: Figure) -> Sentence:
        amount = self.numbers.open_amount(rep)
        if amount is None or all(deal.amount is None for deal in self.open_deals.of(rep)):
            return self.say(
                "{count:1 open deal|{count} open deals}, no amounts known.", count=count
            )
        return self.say(
            "{count:1 open deal|{count} open deals}, {amount}.", count=count, amount=amount
        )

    def _not_told(self) -> Sentence | None:
        lacking = [self.text(what) for f, what in LACKING.items() if f not in self.open_deals.told]
        if not lacking:
            return None
        return self.say("The data does not tell of {data}.", data=self.language.list(lacking))

    def attention_table(self, rep: str, *, most: int) -> Table | None:
        """Return the open deals of a person that ask for attention, the largest first."""
        held = self.open_deals.flagged(rep)
        columns = [
            Column(title="Deal"),
            Column(title="Stage"),
            Column(title="Amount", kind="money"),
            Column(title="Expected close", kind="date"),
            Column(title="Days in stage", kind="days", decimals=0),
            Column(title="Usual", kind="days", decimals=0, help="Most deals have moved on by then"),
            Column(title="Pushed", kind="count", help="Moves past the end of a month"),
            Column(title="What asks for attention"),
        ]
        rows = [self._attention(deal) for deal in held[:most]]
        left = len(held) - len(rows)
        table = self.table(columns, rows)
        if table is None or left <= 0:
            return table
        note = self.language.plural(
            "{n} smaller open deal asks for attention too.",
            "{n} smaller open deals ask for attention too.",
            left,
        )
        return table.model_copy(update={"note": note})

    def _attention(self, deal: OpenDeal) -> list[Cell]:
        figure = self.open_deals.figure
        return [
            words(self.deal_label(deal)),
            words(deal.stage),
            number(figure(deal, "amount"), compact=True),
            Day(day=deal.due) if deal.due else None,
            number(figure(deal, "days")),
            number(deal.usual),
            number(figure(deal, "pushes")),
            words("; ".join(self.text(NAMES[flag]) for flag in _told_once(deal.flags))),
        ]


def _told_once(flags: tuple[str, ...]) -> list[str]:
    """Leave out that there is no next step where it is said already."""
    return [flag for flag in flags if flag != "no_step" or "due_soon" not in flags]
