"""The segments report: which segments differ, whom to look for, who buys again, what it returns."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.reports.blocks import Block, Column, Section, Sentence, Summary, Tile, Tiles
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages import plots
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.segments_customers import SegmentsCustomers
from spm_lib.reports.pages.segments_returns import TIMES, SegmentsReturns
from spm_lib.segments import SegmentComparison
from spm_lib.stats.letters import told_apart

DIFFER, SIDE, IDEAL = "Which segments differ", "Segments side by side", "Whom to look for"
TESTS = ("segment.tried", "segment.found", "segment.q", "segment.held_out_p", "segment.difference")
WORTH = ("segment.difference", "segment.per_deal", "segment.per_activity")
STANDINGS = {
    "differs": "goes with winning, on later deals too",
    "did not hold": "did not hold on later deals",
    "not shown": "no difference that luck does not explain",
}
ALONE = "cannot be compared: people, or years, have one value each"
UNUSED = {
    "filled at close": "filled in mostly when a deal closes",
    "tells the outcome": "known only once the deal is decided",
    "same as another": "parts the deals as another column does",
    "values": "one value, or too many",
}
MOST_NAMED = 3
READINGS = {"more": "more", "less": "less", "alike": "cannot be told apart"}


class SegmentsPage(SegmentsCustomers, SegmentsReturns):
    """The segments of a client's deals; each method is one part of the report.

    Parameters
    ----------
    by
        Columns to show side by side, apart by blanks; a pair joined by a plus, such as
        "Segment source+Region". Empty: those that differ.
    """

    title: ClassVar[str] = "Segments and returns"

    def __init__(self, workspace: str, *, by: str = "", **options: Any) -> None:
        super().__init__(workspace, **options)
        self.by = tuple(by.split())

    def summary(self) -> Summary:
        """Return the first page: with whom the company wins, why that may be said, what to do."""
        parts: dict[str, list[Sentence]] = {"happened": [], "why": [], "todo": []}
        if self.orders_only:
            told = self.orders_summary()
            parts |= {"happened": list(told.happened), "todo": list(told.todo)}
        sources: list[tuple[Any, tuple[str, ...]]] = [
            (self.discovery, TESTS),
            (self.ideal, WORTH),
            (self.repeat, ("customer.came_back",)),
            (self.white, ("whitespace.share", "whitespace.without", "whitespace.amount")),
        ]
        for found, metrics in sources:
            for kind, kept in parts.items():
                if isinstance(found, DataError):
                    continue
                most = 2 if kind == "happened" else 3
                chosen: list[Statement] = [s for s in found.statements if s.kind == kind][:most]
                kept += self.spoken(chosen, *metrics)
        parts["happened"] += self.return_told()
        if not parts["happened"]:
            parts["happened"] = [self.say("There is too little data to tell segments apart.")]
        return Summary(
            edition=self.edition,
            happened=tuple(parts["happened"]),
            why=tuple(parts["why"]),
            todo=tuple(parts["todo"]),
        )

    def key_figures(self) -> Tiles:
        """Return the report in key figures."""
        shown = (
            ("Columns looked at", self.told("segment.tried")),
            ("Columns that differ", self.told("segment.found")),
            ("Came back within a year", self.told("customer.came_back")),
            *self.return_tiles(),
        )
        first = self.order_tiles().tiles if self.orders_only else ()
        tiles = [
            *first,
            *(
                Tile(
                    label=self.text(label),
                    number=Number(figure=figure, kind=TIMES.get(figure.metric)),
                    good="neither",
                )
                for label, figure in shown
                if figure is not None and figure.value is not None
            ),
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    @needs(DIFFER, "opportunities")
    def differences(self) -> Section:
        """Return every column looked at, and what was found of it."""
        if isinstance(self.discovery, DataError):
            return self.untold(DIFFER, self.discovery)
        found = self.discovery
        rows = [
            (
                words(self.heading(row["column"])),
                words(self.text(STANDINGS[row["standing"]] if row["p"] is not None else ALONE)),
                number(self.told("segment.q", column=row["column"])),
                number(self.told("segment.held_out_p", column=row["column"])),
            )
            for row in found.tests.iter_rows(named=True)
        ]
        rows += [
            (words(self.heading(c.column)), words(self.text(UNUSED[c.use])), None, None)
            for c in found.columns
            if c.use != "segment"
        ]
        columns = [
            Column(title="Column"),
            Column(title="Finding"),
            Column(title="False find", kind="ratio", decimals=1,
                   help="Chance that it is a false find, all columns looked at allowed for"),
            Column(title="On later deals", kind="ratio", decimals=1,
                   help="Chance of such wins on later deals, if there were no difference"),
        ]  # fmt: skip
        text = self.paragraph(*self.spoken(found.statements, *TESTS))
        return self.section(DIFFER, text, self.table(columns, rows))

    @needs(SIDE, "opportunities")
    def side_by_side(self) -> Section:
        """Return the segments beside each other, a chart and a table for each column."""
        if not self.known("opportunities"):
            return self.lacking(SIDE, "opportunities")
        inner: list[Block | None] = []
        for part in self.compared:
            inner += [self._chart(part), self._rates(part), self._worth(part), self._time(part)]
        if not inner:
            none = self.say("No column parts the deals, or none was decided in the window.")
            inner = [self.paragraph(none, tone="missing")]
        return self.section(SIDE, *inner)

    def _label(self, row: dict[str, Any], part: SegmentComparison) -> str:
        return " · ".join(self.value(row[name], name) for name in part.by)

    def _chart(self, part: SegmentComparison) -> Block:
        from spm_lib.charts import caterpillar_chart

        rows = part.table.rows(named=True)
        frame = part.table.select("n", raw="rate", value="shrunk", low="low", high="high")
        labels = pl.Series("label", [self._label(row, part) for row in rows], dtype=pl.String)
        frame = frame.insert_column(0, labels)
        whole = self.figure("win_rate.closed.count")
        mean, title = float(whole.value or 0), self._title(part, labels.to_list())
        drawn = caterpillar_chart(frame, language=self.language, title=title, mean=mean)
        figures = [whole, *self.of("segment.win_rate.shrunk")]
        return self.chart(
            drawn,
            title=title,
            data=frame.with_columns(mean=pl.lit(mean)),
            figures=figures,
            plot=plots.person_rates(self),
        )

    def _title(self, part: SegmentComparison, labels: list[str]) -> str:
        column = self.language.list([self.heading(name) for name in part.by])
        if not part.ranked or not self._below_the_first(part, labels):
            return self.text(
                "{column}: these win rates cannot be told apart, luck alone explains the spread",
                column=column,
            )
        below = self._below_the_first(part, labels)
        return self.text(
            "{column}: the win rate of {first} is above that of {below}",
            column=column,
            first=labels[0],
            below=self.language.list(below[-MOST_NAMED:]),
        )

    def _below_the_first(self, part: SegmentComparison, labels: list[str]) -> list[str]:
        """Return the segments that can be told from the first one."""
        groups = part.table["group"].to_list()
        others = zip(labels, groups, strict=True)
        return [name for name, group in others if told_apart(groups[0], group)]

    def _rates(self, part: SegmentComparison) -> Block | None:
        columns = [
            Column(title="Segment"),
            Column(title="Decided", kind="count", help="Deals won or lost in the window"),
            Column(title="Win rate", kind="ratio", decimals=0),
            Column(title="Best guess", kind="ratio", decimals=0, help="Partially pooled win rate"),
            Column(title="95% interval", kind="ratio"),
            Column(title="Group"),
        ]
        note = (
            "Two segments that share a letter cannot be told apart."
            if part.ranked
            else "Segments are in the order of their names: the data gives no reason to rank them."
        )
        rows = [self._rate(row, part) for row in part.table.iter_rows(named=True)]
        return self.table(columns, rows, note=note)

    def _rate(self, row: dict[str, Any], part: SegmentComparison) -> tuple[Cell, ...]:
        by = {name: row[name] or "" for name in part.by}
        rate = self.told("win_rate.closed.count", **by)
        guess = self.told("segment.win_rate.shrunk", **by)
        return (
            words(self._label(row, part)),
            number(rate, part="n"),
            number(rate),
            number(guess),
            number(guess, part="interval"),
            words(row["group"]) if part.ranked else None,
        )

    def _worth(self, part: SegmentComparison) -> Block | None:
        columns = [
            Column(title="Segment"),
            Column(title="Average deal", kind="money", decimals=0),
            Column(title="95% interval", kind="money"),
            Column(title="Sales velocity", kind="money", decimals=0),
            Column(title="95% interval", kind="money"),
        ]
        metrics = ("deal.mean_amount", "velocity")
        rows = [self._value(row, part, metrics) for row in part.table.iter_rows(named=True)]
        return self.table(columns, rows)

    def _time(self, part: SegmentComparison) -> Block | None:
        columns = [
            Column(title="Segment"),
            Column(title="Won cycle, days", kind="days", decimals=0),
            Column(title="95% interval", kind="days"),
            Column(title="Share of the activities", kind="ratio", decimals=0),
            Column(title="95% interval", kind="ratio"),
        ]
        metrics = ("cycle.won.median_days", "segment.activity_share")
        rows = [self._value(row, part, metrics) for row in part.table.iter_rows(named=True)]
        return self.table(columns, rows)

    def _value(
        self, row: dict[str, Any], part: SegmentComparison, metrics: tuple[str, ...]
    ) -> tuple[Cell, ...]:
        """Return a segment's numbers, each with its interval; none of activities not known."""
        by = {name: row[name] or "" for name in part.by}
        cells: list[Cell] = [words(self._label(row, part))]
        for metric in metrics:
            told = self.told(metric, **by)
            if metric == "segment.activity_share" and told is not None and told.value is None:
                told = None
            money = told is not None and told.unit.startswith("money")
            cells += [number(told, compact=money), number(told, part="interval", compact=money)]
        return tuple(cells)

    @needs(IDEAL, "opportunities")
    def profile(self) -> Section:
        """Return whom to look for: who wins more, holds up, and is worth the effort."""
        if isinstance(self.ideal, DataError):
            return self.untold(IDEAL, self.ideal)
        rows = [self._wanted(row) for row in self.ideal.table.iter_rows(named=True)]
        if not rows:
            none = self.say("No segment is won more often for sure: look for all of them.")
            return self.section(IDEAL, self.paragraph(none))
        columns = [
            Column(title="Segment"),
            Column(title="Won"),
            Column(title="Difference", kind="points", help="Share won against other deals of the "
                   "same people and year, on later deals"),
            Column(title="95% interval", kind="points"),
            Column(title="Worth"),
            Column(title="Per decided deal", kind="money", decimals=0),
            Column(title="Per activity", kind="money", decimals=0),
            Column(title="95% interval", kind="money"),
        ]  # fmt: skip
        told = [s for s in self.ideal.statements if s.kind == "todo"]
        note = (
            "Worth is the won amount per activity where activities are known, else per decided "
            "deal. What goes with winning need not be its cause."
        )
        text = self.paragraph(*self.spoken(told, *WORTH))
        return self.section(IDEAL, text, self.table(columns, rows, note=note))

    def _wanted(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        by = {"column": row["column"], "value": row["value"]}
        gap, deal = self.told("segment.difference", **by), self.told("segment.per_deal", **by)
        effort = self.told("segment.per_activity", **by)
        shown = effort if effort is not None and effort.value is not None else deal
        label = f"{self.value(row['value'], row['column'])} · {self.heading(row['column'])}"
        return (
            words(label),
            words(self.text(READINGS[row["wins"]])),
            number(gap),
            number(gap, part="interval"),
            words(self.text(READINGS[row["worth"]])),
            number(deal),
            number(effort) if shown is effort else None,
            number(shown, part="interval"),
        )
