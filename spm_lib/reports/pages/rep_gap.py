"""Why the gap: a person's won amount against the time before, the others, and the target."""

from __future__ import annotations

from collections.abc import Mapping

from spm_lib.core.money import exponent
from spm_lib.model import Figure, Receipt, minor_text
from spm_lib.reports.blocks import Column, Table
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.reach import reaches
from spm_lib.reports.pages.rep_funnel import RepFunnel
from spm_lib.reps.peers import GapPart

AGAINST = {"past": "The time before", "team": "The others", "target": "The target"}
DRAWN = ("past", "team")  # the target's parts are those against the others
TERMS = {
    "target": "The target itself",
    "volume": "Deals in hand",
    "speed": "Share of them closed",
    "win_rate": "Win rate",
    "deal_size": "Deal size",
    "luck": "Luck in the win rate",
}
NOTE = (
    "The parts add up to the gap exactly. Grey: the interval holds 0, so luck alone may do this. "
    "The others: their pace in the own days."
)
BEYOND = "The target itself: how far it lies from that pace."
Gaps = Mapping[str, Mapping[str, GapPart]]


class RepGap(RepFunnel):
    """The part of a person's page that takes a gap apart."""

    def gaps_of(self, rep: str) -> Gaps:
        """Return the parts of a person's gaps by what they are against, and by term."""
        found: dict[str, dict[str, GapPart]] = {}
        for part in self.peers(rep).gaps:
            if part.against != "past" or reaches(self.company, self.window_before):
                found.setdefault(part.against, {})[part.term] = part
        return {against: found[against] for against in AGAINST if against in found}

    def gap_table(self, rep: str) -> Table | None:
        """Return the gaps with their parts, a column each."""
        gaps = self.gaps_of(rep)
        if not gaps:
            return None
        columns = [Column(title="Won amount against")]
        for against in gaps:
            columns.append(Column(title=AGAINST[against], kind="money", decimals=0))
            if against in DRAWN:
                columns.append(Column(title="95% interval", kind="money", decimals=0))
        terms = [term for term in TERMS if any(term in parts for parts in gaps.values())]
        rows = [self._whole(rep, gaps, "reference"), self._whole(rep, gaps, "total")]
        rows += [self._term(rep, gaps, term) for term in terms]
        table = self.table(columns, rows, note=NOTE)
        if table is None or "target" not in terms:
            return table
        return table.model_copy(update={"note": f"{table.note} {self.text(BEYOND)}"})

    def _whole(self, rep: str, gaps: Gaps, name: str) -> list[Cell]:
        label = "Compared with" if name == "reference" else "Gap"
        found: list[Cell] = [words(self.text(label), strong=True)]
        for against, parts in gaps.items():
            first = next(iter(parts.values()))
            value = first.reference if name == "reference" else first.gap
            found.append(number(self.gap_figure(rep, first, name, value)))
            found += [None] if against in DRAWN else []
        return found

    def _term(self, rep: str, gaps: Gaps, term: str) -> list[Cell]:
        found: list[Cell] = [words(self.text(self._term_name(gaps, term)))]
        for against, parts in gaps.items():
            part = parts.get(term)
            cell, interval = (None, None) if part is None else self._cells(rep, part)
            found += [cell, interval] if against in DRAWN else [cell]
        return found

    def _term_name(self, gaps: Gaps, term: str) -> str:
        """Return the name of a term; volume by what it counts (see ``factors_of``)."""
        if term != "volume" or any("speed" in parts for parts in gaps.values()):
            return TERMS[term]
        return "Deals closed" if self.known("opportunities") else "Orders"

    def _cells(self, rep: str, part: GapPart) -> tuple[Cell, Cell]:
        """Return the amount of a part and its interval, grey where luck alone may do this."""
        figure = self.gap_figure(rep, part, part.term, part.amount)
        if part.low is None or part.high is None:
            return number(figure), None
        faint = not part.clear
        interval = Number(figure=figure, part="interval", faint=faint, compact=True)
        return Number(figure=figure, faint=faint), interval

    def gap_figure(self, rep: str, part: GapPart, name: str, value: int) -> Figure:
        """Return one number of a gap as a figure, exact to the minor unit."""
        digits = exponent(self.company.currency)
        own = name == part.term
        return Figure(
            metric=f"gap.{name}",
            as_of=self.company.as_of,
            unit=f"money:{self.company.currency}",
            value=minor_text(value, digits),
            receipt=self._receipt(rep),
            by={"rep_id": rep, "against": part.against},
            window=(self.window.start, self.window.end),
            low=minor_text(part.low, digits) if own else None,
            high=minor_text(part.high, digits) if own else None,
        )

    def _receipt(self, rep: str) -> Receipt:
        metric = "won.amount" if self.known("opportunities") else "orders.amount"
        base = self.numbers.figure(metric, rep)
        return base.receipt if base is not None else Receipt(0)
