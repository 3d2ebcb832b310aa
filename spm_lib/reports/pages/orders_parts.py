"""The parts of a report that speak of orders: what a client without deals has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spm_lib.metrics import Measured
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Day, Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.page import Page, number

SHOWN = (
    ("Sales by orders", "orders.amount"),
    ("Orders", "orders.count"),
    ("Average order", "order.mean_amount"),
)
REACHED = "attainment.orders"
NO_TEAM = "Without a team"


class OrdersParts(Page):
    """A page that can tell what was sold by orders, where the client's data has no deals."""

    @property
    def orders_only(self) -> bool:
        """Whether there are orders, but no deals."""
        return self.known("orders") and not self.known("opportunities")

    def orders_summary(self) -> Summary:
        """Return the first page: what was sold, and what a report of deals would need."""
        needed = self.say(
            "This data holds orders and no deals: what was won and lost, stages and forecasts need "
            "the deals."
        )
        return self.kept(
            Summary(edition=self.edition, happened=self._orders_told(), todo=(needed,))
        )

    def _orders_told(self) -> tuple[Sentence, ...]:
        values: dict[str, object] = {
            "span": self.span,
            "amount": self.figure("orders.amount"),
            "count": self.figure("orders.count"),
        }
        moved = change(self.company, "orders.amount", window=self.window)[0]
        if moved.value is None:
            sold = self.say("{span}: {amount} sold in {count:1 order|{count} orders}.", **values)
        else:
            sold = self.say(
                "{span}: {amount} sold in {count:1 order|{count} orders}, {change} on the "
                "time before.",
                **values,
                change=Number(figure=moved),
            )
        reached = self._reached()
        told = reached and self.say(
            "This is {reached} of the targets set for this time.", reached=reached
        )
        return tuple(s for s in (sold, told, self.reach_told()) if s)

    def _reached(self) -> Figure | None:
        found = self.figure(REACHED) if self.known("targets") else None
        return found if found is not None and found.value is not None else None

    def order_tiles(self) -> Tiles:
        """Return the key figures of the orders, with their change against the window before."""
        tiles = [self._order_tile(label, metric) for label, metric in SHOWN]
        reached = self._reached()
        if reached is not None:
            tiles.append(Tile(label=self.text("Target attainment"), number=number(reached)))
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    def _order_tile(self, label: str, metric: str) -> Tile:
        figure = self.figure(metric)
        changed = change(self.company, metric, window=self.window)[0]
        return Tile(
            label=self.text(label),
            number=number(figure, compact=figure.unit.startswith("money")),
            change=number(changed) if changed.value is not None else None,
            change_note=self.language.plural(
                "on the month before", "on the {n} months before", self.months
            ),
        )

    def orders_by_month(self) -> Section:
        """Return what was sold month by month, and how far the targets of each period were met."""
        from spm_lib.charts import monthly_chart

        parts = {metric: self.measured(metric, by="month") for _, metric in SHOWN}
        amounts = parts["orders.amount"]
        frame = amounts.frame.select("month", won="value")
        title = self._best_month(amounts)
        drawn = monthly_chart(
            frame, language=self.language, title=title, currency=self.company.currency
        )
        chart = self.chart(
            drawn, title=title, data=frame, figures=amounts.figures(), plot=plots.sold(self)
        )
        figures = [made.figures() for made in parts.values()]
        rows = [
            (Day(day=month, grain="month"), *(number(found[i]) for found in figures))
            for i, month in enumerate(frame["month"])
        ]
        table = self.table([Column(title="Month", kind="date"), *_columns()], rows)
        return self.section("Sales by month", chart, table, self._periods_reached())

    def _best_month(self, amounts: Measured) -> str:
        known = [f for f in amounts.figures() if f.value is not None and float(f.value)]
        if not known or not known[0].window:
            return self.text("Nothing was sold in this time")
        best = max(known, key=lambda f: float(f.value or 0))
        return self.text(
            "The best month was {month} with {amount} sold",
            month=self.language.month(best.window[0]) if best.window else "",
            amount=self.write.number(Number(figure=best, compact=True)),
        )

    def _periods_reached(self) -> Any:
        """Return the attainment of the shortest periods that targets are set for."""
        if not self.known("targets"):
            return None
        for grain in ("month", "quarter", "year"):
            figures = self.measured(REACHED, by=grain).figures()
            amounts = self.measured("orders.amount", by=grain).figures()
            if any(figure.value is not None for figure in figures):
                return self._reached_table(grain, figures, amounts)
        return None

    def _reached_table(
        self, grain: str, figures: Sequence[Figure], amounts: Sequence[Figure]
    ) -> Any:
        calendar = self.company.calendar
        rows = [
            (
                words(self.language.period(calendar.period_of(reached.window[0], grain))),
                number(amount),
                number(reached),
            )
            for reached, amount in zip(figures, amounts, strict=True)
            if reached.window
        ]
        columns = [
            Column(title="Period"),
            Column(title="Sales by orders", kind="money", decimals=0),
            Column(title="Attainment", kind="ratio", decimals=0),
        ]
        return self.table(columns, rows, title="Against the targets")

    def orders_by(self, column: str, *, title: str, head: str) -> Section:
        """Return the orders by person, team or manager, in the order of their names."""
        parts = [self.measured(metric, by=column).figures() for _, metric in SHOWN]
        reached = self.measured(REACHED, by=column).figures() if self.known("targets") else []
        met = {f.by[column]: f for f in reached if f.value is not None}
        groups = [figure.by[column] for figure in parts[0]]
        label = {group: self.group_name(column, group) for group in groups}
        order = sorted(range(len(groups)), key=lambda i: (not groups[i], label[groups[i]]))
        rows = [
            (
                words(label[groups[i]]),
                *(number(found[i]) for found in parts),
                *([number(met.get(groups[i]))] if met else []),
            )
            for i in order
            if parts[1][i].n
        ]
        last = [Column(title="Attainment", kind="ratio", decimals=0)] if met else []
        return self.section(title, self.table([Column(title=head), *_columns(), *last], rows))

    def group_name(self, column: str, group: str) -> str:
        """Return the name to print for a person, a team or a manager; what stands for none."""
        if column == "rep_id":
            return self.name_of(group or None)
        if not group:
            return self.text(NO_TEAM if column == "team" else "Without a manager")
        return group if column == "team" else self.name_of(group)


def _columns() -> list[Column]:
    kinds = {"orders.count": "count"}
    return [
        Column.model_validate({"title": title, "kind": kinds.get(metric, "money"), "decimals": 0})
        for title, metric in SHOWN
    ]
