"""The funnel report: what was won and lost, where deals stay and where they are lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from spm_lib.core.calendar import Window
from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Summary, Tile, Tiles
from spm_lib.reports.cells import Day
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.funnel_findings import FunnelFindings
from spm_lib.reports.pages.funnel_stages import FunnelStages
from spm_lib.reports.pages.needing import needs, needs_creation
from spm_lib.reports.pages.page import number

RATE_COLUMNS = (Column(title="Win rate", kind="ratio"), Column(title="95% interval", kind="ratio"))


class FunnelPage(FunnelStages):
    """The funnel report of one client; each method is one part of it."""

    title: ClassVar[str] = "Sales funnel"

    def summary(self) -> Summary:
        """Return the first page: what happened, why, and what to do."""
        if self.orders_only:
            return self.orders_summary()
        found = FunnelFindings(self)
        return self.kept(
            Summary(
                edition=self.edition,
                happened=found.happened(),
                why=found.why(),
                todo=found.todo(),
            )
        )

    def key_figures(self) -> Tiles:
        """Return the key figures, with their change against the window before."""
        if self.orders_only:
            return self.order_tiles()
        tiles = [
            self._tile("Won amount", "won.amount"),
            self._tile("Won deals", "won.count"),
            self._tile("Win rate", "win_rate.closed.count"),
            self._tile("Average deal", "deal.mean_amount"),
            self._tile("Median won cycle, days", "cycle.won.median_days", good="down"),
            self._tile("Sales velocity, per day", "velocity"),
            self._open_tile(),
            *self._target_tiles(),
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    def _tile(self, label: str, metric: str, *, good: str = "up") -> Tile:
        figure = self.figure(metric)
        note = ""
        if figure.low is not None and metric.startswith("win_rate"):
            note = self.text(
                "95% interval {interval}, of {n:1 decided deal|{n} decided deals}",
                interval=self.write.interval(figure),
                n=self.write.count(figure.n or 0),
            )
        changed = change(self.company, metric, window=self.window)[0]
        return Tile.model_validate(
            {
                "label": self.text(label),
                "number": number(figure, compact=figure.unit.startswith("money")),
                "note": note,
                "note_figures": (figure,) if note else (),
                "change": number(changed) if changed.value is not None else None,
                "change_note": self.language.plural(
                    "on the month before", "on the {n} months before", self.months
                ),
                "good": good,
            }
        )

    def _open_tile(self) -> Tile:
        amount = self.open_now("open.amount")[0]
        count = self.open_now("open.count")[0]
        note = self.text("{n:1 open deal|{n} open deals}", n=self.write.value(count))
        return Tile(
            label=self.text("Open pipeline"),
            number=number(amount, compact=True),
            note=note,
            note_figures=(count,),
        )

    def _target_tiles(self) -> list[Tile]:
        if not self.known("targets"):
            return []
        found = []
        reached = self.figure("attainment")
        if reached.value is not None:
            found.append(Tile(label=self.text("Target attainment"), number=number(reached)))
        cover = self.coverage()
        if cover is not None:
            note = self.text(
                "open and due by {date}, against what is missing to the target",
                date=self.language.date(cover.window[1] - timedelta(days=1))
                if cover.window
                else "",
            )
            found.append(
                Tile(
                    label=self.text("Pipeline coverage"),
                    number=number(cover, kind="times"),
                    note=note,
                )
            )
        return found

    def coverage(self) -> Figure | None:
        """Return the coverage of the quarter of the day after as_of, if it has a target."""
        if not self.known("targets"):
            return None
        day = self.company.as_of + timedelta(days=1)
        period = self.company.calendar.period_of(day, "quarter")
        figure = self.figure("coverage", window=period)
        return figure if figure.value is not None else None

    def open_now(
        self, metric: str, *, by: Sequence[str] = (), overdue: bool = False
    ) -> list[Figure]:
        """Return what is open at as_of; with ``overdue`` only what was due before that day."""
        from spm_lib.metrics import measure

        window = None
        if overdue:
            end = self.company.as_of
            window = Window(end.replace(year=end.year - 20, day=1), end)
        return measure(self.company, metric, by=list(by) or None, window=window).figures()

    def months_won_and_lost(self) -> Section:
        """Return what was won and lost month by month; without deals what was sold."""
        if self.orders_only:
            return self.orders_by_month()
        return self._won_and_lost()

    @needs("Won and lost by month", "opportunities")
    def _won_and_lost(self) -> Section:
        from spm_lib.charts import monthly_chart

        parts = {
            m: self.measured(m, by="month")
            for m in (
                "won.amount",
                "lost.amount",
                "won.count",
                "lost.count",
                "win_rate.closed.count",
            )
        }
        frame = (
            parts["won.amount"]
            .frame.select("month", won="value")
            .with_columns(lost=parts["lost.amount"].frame["value"])
        )
        if self.known("targets"):
            target = self.measured("attainment", by="month").frame
            if "target" in target.columns:
                frame = frame.join(target.select("month", "target"), on="month", how="left")
        title = FunnelFindings(self).months_title(parts["won.amount"])
        drawn = monthly_chart(
            frame, language=self.language, title=title, currency=self.company.currency
        )
        figures = {m: made.figures() for m, made in parts.items()}
        rows = [
            (
                Day(day=month, grain="month"),
                number(figures["won.amount"][i]),
                number(figures["won.count"][i]),
                number(figures["lost.count"][i]),
                number(figures["win_rate.closed.count"][i]),
                number(figures["win_rate.closed.count"][i], part="interval"),
            )
            for i, month in enumerate(frame["month"])
        ]
        table = self.table(
            [
                Column(title="Month", kind="date"),
                Column(title="Won amount", kind="money", decimals=0),
                Column(title="Won deals", kind="count"),
                Column(title="Lost deals", kind="count"),
                *RATE_COLUMNS,
            ],
            rows,
        )
        drawn_figures = [f for m in ("won.amount", "lost.amount") for f in figures[m]]
        plot = plots.won_and_lost(self, target="target" in frame.columns)
        chart = self.chart(drawn, title=title, data=frame, figures=drawn_figures, plot=plot)
        return self.section("Won and lost by month", chart, table)

    @needs("Win rate of the deals created in each month", "opportunities")
    @needs_creation("Win rate of the deals created in each month")
    def cohorts(self) -> Section:
        """Return the win rate of the deals created in each month; young cohorts are marked."""
        from spm_lib.charts import win_rate_chart

        made = self.measured("win_rate.created", by="month")
        title = FunnelFindings(self).cohort_title(made)
        axis = self.text("Share of created deals won so far")
        drawn = win_rate_chart(made.frame, language=self.language, title=title, axis=axis)
        note = (
            "A cohort counts as mature when even its youngest deal is older than the time in which "
            "90% of won deals were won. The rate of a younger cohort will still rise."
        )
        chart = self.chart(
            drawn,
            title=title,
            data=made.frame,
            figures=made.figures(),
            note=note,
            plot=plots.cohort_rates(self, axis=axis),
        )
        return self.section("Win rate of the deals created in each month", chart)
