"""Why a result is what it is: the numbers it is the product of, against before and the others."""

from __future__ import annotations

from spm_lib.model import Figure
from spm_lib.reports.blocks import Column, Section, Table, Tile
from spm_lib.reports.cells import Cell, words
from spm_lib.reports.pages.gap_drawn import GapDrawn
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.reach import reaches

WHY = "Why"
NO_AMOUNTS = "The data has no amounts, so no gap of the won amount is told."
SHOWN = (
    ("won.amount", "Won amount", "peers.won.amount"),
    ("won.count", "Won deals", "peers.won.count"),
    ("win_rate.closed.count", "Win rate", "peers.win_rate"),
    ("deal.mean_amount", "Average deal", "peers.deal.amount"),
    ("cycle.won.median_days", "Median won cycle, days", "peers.cycle.days"),
)


class RepWhy(GapDrawn):
    """The part of a person's page that explains the result."""

    def _tile(self, label: str, figure: Figure | None, note: str = "") -> Tile | None:
        if figure is None or figure.value is None:
            return None
        shown = number(figure, compact=figure.unit.startswith("money"))
        return Tile(label=self.text(label), number=shown, note=note)

    def _to_date_span(self) -> str:
        window = self.numbers.so_far
        return "" if window is None else self.months_of(window)

    def why_of(self, rep: str) -> Section:
        """Return a person's gaps with their parts, and the numbers they are made of."""
        told = self.reach_told()
        reach = None if told is None else self.paragraph(told, tone="missing")
        if self.no_amounts:
            unknown = self.paragraph(self.say(NO_AMOUNTS), tone="missing")
            return self.section(WHY, reach, unknown, self.side_by_side(rep))
        return self.section(
            WHY, reach, self.gap_drawn(rep), self.gap_table(rep), self.side_by_side(rep)
        )

    def side_by_side(self, rep: str) -> Table | None:
        """Return the numbers of a person beside those of the time before and of the others."""
        columns = [
            Column(title="Number"),
            Column(title="This time", kind="number"),
            Column(title="95% interval", kind="number"),
            Column(title="The time before", kind="number"),
            Column(title="The others, typically", kind="number"),
        ]
        rows = [self._compared_row(rep, *names) for names in SHOWN]
        return self.table(columns, [row for row in rows if row is not None])

    def _compared_row(self, rep: str, metric: str, label: str, peer: str) -> list[Cell] | None:
        if metric == "won.amount" and self.no_amounts:
            return None
        own = self.numbers.figure(metric, rep)
        before = None
        if reaches(self.company, self.window_before):
            before = self.numbers.figure(metric, rep, window=self.window_before)
        if _nothing(own) and _nothing(before):
            return None
        interval = number(own, part="interval") if own is not None and own.low else None
        return [
            words(self.text(label)),
            _compact(own),
            interval,
            _compact(before),
            _compact(self.peer_figure(rep, peer)),
        ]


def _nothing(figure: Figure | None) -> bool:
    return figure is None or figure.value is None


def _compact(figure: Figure | None) -> Cell:
    if figure is None:
        return None
    from spm_lib.reports.writing import kind_of

    money = figure.unit.startswith("money")
    return number(figure, compact=money, kind=kind_of(figure.unit))
