"""What selling costs and what it returns, as far as the ledger holds the costs."""

from __future__ import annotations

from spm_lib.core.errors import MetricError
from spm_lib.metrics.costs import group_of
from spm_lib.model import Figure, metric_id
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Cell, Day, Kind, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.segments_base import SegmentsBase
from spm_lib.reports.pages.unanswered import SEGMENTS, unanswered
from spm_lib.segments import Programme, Programmes, customer_payback, programmes
from spm_lib.segments.programme_figures import programme_by

RETURNS = "What it returns"
OF_DEALS = (
    *("ccos", "commission_cost_rate", "sales_efficiency", "sales_roi.revenue"),
    *("cost.per_created", "cost.per_won", "cac", "magic_number"),
)
OF_LINES = ("orders.gross_profit", "orders.gross_margin")
OF_ORDERS = ("ccos.orders", "commission_cost_rate.orders", "sales_roi.gross_profit")
PROGRAMMES = "Trainings and SPIFs"
PROFIT = (
    "Gross profit of six months from the first day on, against the six before, people who took "
    "part against those who did not. Associated is not caused: nobody was drawn by lot."
)
REVENUE = (
    "Won amounts of six months from the first day on, against the six before, people who took part "
    "against those who did not; no margin is known, so it is revenue, not profit. Associated is "
    "not caused: nobody was drawn by lot."
)
PEOPLE = ("won.per_head_month",)
TIMES: dict[str, Kind] = {"sales_efficiency": "number", "magic_number": "number"}
KINDS = {
    "people": "people",
    "incentives": "incentives",
    "tools": "tools",
    "training": "training",
    "travel": "travel",
    "campaigns": "campaigns",
    "other": "another kind of cost",
}


class SegmentsReturns(SegmentsBase):
    """The part on costs and returns."""

    @property
    def returned(self) -> list[Figure]:
        """The measures of return that this data can tell, in the window of the page."""
        wanted = (*(OF_DEALS if self.known("opportunities", "costs") else ()),
                  *(OF_ORDERS if self.known("orders", "costs") else ()),
                  *(OF_LINES if self.company.has("orders", "cost") else ()),
                  *(PEOPLE if self.known("opportunities", "reps") else ()))  # fmt: skip
        found = []
        for metric in wanted:
            try:
                found.append(self.figure(metric))
            except MetricError:
                continue
        months = customer_payback(self.company, window=self.window)
        found += [months] if months is not None else []
        return [f for f in found if f.value is not None]

    def return_tiles(self) -> list[tuple[str, Figure | None]]:
        """Return the key figures of costs, none where no cost is known."""
        wanted = ("sales_efficiency", "ccos", "cost.per_won")
        return [(metric_id(f.metric).name, f) for f in self.returned if f.metric in wanted]

    def return_told(self) -> tuple[Sentence, ...]:
        """Return in a sentence what a unit of cost brought; nothing where it is not known."""
        told = {f.metric: f for f in self.returned}
        if "sales_efficiency" not in told:
            return ()
        return (
            self.say(
                "Selling cost {cost}; each unit of it goes with {efficiency} won.",
                cost=self.figure("cost.amount"),
                efficiency=number(told["sales_efficiency"], kind="number"),
            ),
        )

    def lacking_data(self) -> Section:
        """Return which questions of this page the data does not answer, and what it lacks."""
        return unanswered(self, SEGMENTS)

    def returns(self) -> Section:
        """Return the costs by kind, and the measures of what they brought."""
        if not self.known("costs"):
            lacking = self.lacking(RETURNS, "costs")
            return self.section(RETURNS, *lacking.blocks, self._measures())
        text = self.paragraph(*self.return_told(), *self._unknown())
        parts = (self._ledger(), self._measures(), *self._programmes())
        return self.section(RETURNS, text, *parts)

    def _programmes(self) -> tuple[Block | None, ...]:
        """Return what trainings and SPIFs went with, or that the ledger holds none."""
        made = programmes(self.company)
        if not made.told:
            none = self.say(
                "What a training or a SPIF returned cannot be told: the ledger holds none with the "
                "person or team it was for."
            )
            return (self.paragraph(none),)
        columns = [
            Column(title="Training or SPIF"),
            Column(title="From", kind="date"),
            Column(title="Took part", kind="count"),
            Column(title="Cost", kind="money", decimals=0),
            Column(title="Goes with", kind="money", decimals=0,
                   help="What those who took part brought beyond others who had started alike"),
            Column(title="95% interval", kind="money", decimals=0,
                   help="For all trainings and SPIFs of the table together"),
        ]  # fmt: skip
        rows = [self._programme(one) for one in made.told]
        note = PROFIT if made.on == "gross profit" else REVENUE
        told = self.spoken(made.statements, "programme.incremental", "programme.cost")
        table = self.table(columns, rows, title=PROGRAMMES, note=note)
        return self.paragraph(*told), table, self._paid_back(made)

    def _paid_back(self, made: Programmes) -> Block | None:
        columns = [
            Column(title="Training or SPIF"),
            Column(title="Return", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
            Column(title="Months to pay back", kind="number", decimals=1),
            Column(title="95% interval", kind="number", decimals=1,
                   help="An end that is left out: at that end it never pays back"),
        ]  # fmt: skip
        rows = [self._return(one) for one in made.told if one.found is not None]
        return self.table(columns, rows)

    def _return(self, one: Programme) -> tuple[Cell, ...]:
        by = programme_by(one)
        share, months = (
            self.told(f"programme.{name}", **by) for name in ("return", "payback_months")
        )
        name = self.text("{kind}, from {start}", kind=one.kind, start=self.language.date(one.start))
        return (
            words(name),
            number(share),
            number(share, part="interval"),
            number(months),
            number(months, part="interval"),
        )

    def _programme(self, one: Programme) -> tuple[Cell, ...]:
        by = programme_by(one)
        more = self.told("programme.incremental", **by)
        took = self.write.count(len(one.people)) if one.people else "–"
        return (
            words(one.kind),
            Day(day=one.start),
            words(took),
            number(self.told("programme.cost", **by), compact=True),
            number(more, compact=True),
            number(more, part="interval", compact=True),
        )

    def _measures(self) -> Block | None:
        rows = [
            (words(self.text(metric_id(f.metric).name)), number(f, kind=TIMES.get(f.metric)),
             number(f, kind=TIMES.get(f.metric), part="interval"), number(f, part="n"),
             words(self.text(metric_id(f.metric).formula)))
            for f in self.returned
        ]  # fmt: skip
        columns = [
            Column(title="Measure"),
            Column(title="Value", kind="number"),
            Column(title="95% interval", kind="number"),
            Column(title="n", kind="count", help="Deals or order lines that count"),
            Column(title="What it is"),
        ]
        note = (
            "Intervals tell the luck of which deals came; costs are taken as booked. A cost counts "
            "whole in the period in which it starts."
        )
        return self.table(columns, rows, note=note)

    def _unknown(self) -> tuple[Sentence, ...]:
        """Say which measures this ledger cannot tell."""
        kinds = {group_of(f.by["kind"]) for f in self._costs()}
        lacking = [
            self.text(name)
            for name in ("people", "incentives", "tools", "training", "travel", "campaigns")
            if name not in kinds
        ]
        told = []
        if lacking:
            told.append(
                self.say(
                    "The ledger holds no costs of: {kinds}. What they would be part of is told too "
                    "low in cost and too high in return.",
                    kinds=self.language.list(lacking),
                )
            )
        if not self.company.has("orders", "cost"):
            told.append(
                self.say(
                    "Return on gross profit cannot be told: no order line says what was sold cost."
                )
            )
        return tuple(told)

    def _costs(self) -> list[Figure]:
        return self.measured("cost.amount", by="kind").figures()

    def _ledger(self) -> Block | None:
        found = sorted(self._costs(), key=lambda f: -float(f.value or 0))
        rows = [
            (
                words(f.by["kind"] or self.text("not filled")),
                words(self.text(KINDS[group_of(f.by["kind"])])),
                number(f),
                number(f, part="n"),
            )
            for f in found
            if float(f.value or 0)
        ]
        columns = [
            Column(title="Cost"),
            Column(title="Kind"),
            Column(title="Amount", kind="money", decimals=0),
            Column(title="Rows", kind="count"),
        ]
        return self.table(columns, rows)
