"""Why the gap: a person's won amount against the time before, the others, and the target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from spm_lib.core.money import exponent, to_minor
from spm_lib.model import Figure, minor_text
from spm_lib.reports.blocks import Column, Table
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.pages.gap_parts import FACTORS, Product, gap_parts
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.reach import reaches
from spm_lib.reports.pages.rep_funnel import RepFunnel

AGAINST = {
    "before": "The time before",
    "others": "The others, typically",
    "target": "The target of this time",
}
NOTE = (
    "Won amount = closed deals x win rate x average won deal; the parts add up to the gap exactly. "
    "Grey: a win rate that luck alone would move as far."
)
BEYOND = "The target's own part: how far it lies from what it is compared with above."


@dataclass(frozen=True)
class Gap:
    """A gap in minor units and its parts; ``beyond`` is what a target asked beyond its reference.

    ``lucky``: the reference's win rate lies within the interval of the person's own.
    """

    against: str
    reference: int
    gap: int
    parts: dict[str, int]
    beyond: int | None
    lucky: bool


class RepGap(RepFunnel):
    """The part of a person's page that takes a gap apart."""

    def gaps_of(self, rep: str) -> list[Gap]:
        """Return the gaps of a person that the data can tell of."""
        won, now = self.numbers.figure("won.amount", rep), self._product(rep)
        if won is None or now is None:
            return []
        amount = to_minor(Decimal(won.value or "0"), self.company.currency)
        references = {
            "before": self._product(rep, before=True),
            "others": self._of_the_others(rep),
        }
        found = []
        for against, then in references.items():
            if then is not None:
                reference = round(then.amount)
                parts = gap_parts(now, then, gap=amount - reference)
                found.append(self._gap(rep, against, reference, amount, parts, then))
        target, base = self._target(rep), references["before"] or references["others"]
        if target is not None and base is not None:
            asked = round(base.amount) - target
            parts = gap_parts(now, base, gap=amount - round(base.amount))
            made = self._gap(rep, "target", target, amount, parts, base)
            found.append(replace(made, beyond=asked))
        return found

    def _gap(
        self,
        rep: str,
        against: str,
        reference: int,
        amount: int,
        parts: dict[str, int],
        then: Product,
    ) -> Gap:
        rate = self.numbers.figure("win_rate.closed.count", rep)
        lucky = (
            rate is not None
            and rate.low is not None
            and rate.high is not None
            and float(rate.low) <= then.win_rate <= float(rate.high)
        )
        return Gap(against, reference, amount - reference, parts, None, lucky)

    def _product(self, rep: str, *, before: bool = False) -> Product | None:
        """Return the three factors of a person's won amount; None where the time is not held."""
        window = self.window_before if before else self.window
        if before and not reaches(self.company, window):
            return None
        rate = self.numbers.figure("win_rate.closed.count", rep, window=window)
        won = self.numbers.figure("won.amount", rep, window=window)
        count = self.numbers.figure("won.count", rep, window=window)
        if rate is None or won is None or count is None or (before and not rate.n):
            return None
        amount = to_minor(Decimal(won.value or "0"), self.company.currency)
        deals = int(count.value or 0)
        size = amount / deals if deals else 0.0
        closed = rate.n or 0
        return Product(closed, deals / closed if closed else 0.0, size)

    def _of_the_others(self, rep: str) -> Product | None:
        """Return the typical factors of the others; None where they are withheld."""
        peers = self.peers(rep)
        names = ("peers.closed.count", "peers.win_rate", "peers.deal.amount")
        found = [peers.value(name) for name in names]
        if any(value is None for value in found):
            return None
        return Product(*(value.value for value in found if value is not None))

    def _target(self, rep: str) -> int | None:
        """Return the target of the window, in minor units; None where it does not cover it."""
        if not self.numbers.targets or not self.numbers.covered(rep, self.window):
            return None
        frame = self.numbers.measured(self.numbers.reached).frame.filter(pl.col("rep_id") == rep)
        return int(frame["target"][0]) if frame.height and frame["target"][0] else None

    def gap_table(self, rep: str) -> Table | None:
        """Return the gaps with their parts."""
        gaps = self.gaps_of(rep)
        columns = [
            Column(title="Against"),
            Column(title="Reference", kind="money", decimals=0),
            Column(title="Gap", kind="money", decimals=0),
            Column(title="By closed deals", kind="money", decimals=0),
            Column(title="By win rate", kind="money", decimals=0),
            Column(title="By deal size", kind="money", decimals=0),
            Column(title="By the target itself", kind="money", decimals=0),
        ]
        rows = [self._gap_row(rep, gap) for gap in gaps]
        table = self.table(columns, rows, note=NOTE)
        if table is None or all(gap.beyond is None for gap in gaps):
            return table
        return table.model_copy(update={"note": f"{table.note} {self.text(BEYOND)}"})

    def _gap_row(self, rep: str, gap: Gap) -> list[Cell]:
        made = {name: self.gap_figure(rep, gap, name) for name in ("reference", "total", *FACTORS)}
        beyond = None if gap.beyond is None else self.gap_figure(rep, gap, "target_setting")
        return [
            words(self.text(AGAINST[gap.against])),
            number(made["reference"]),
            number(made["total"]),
            number(made["volume"]),
            Number(figure=made["win_rate"], faint=gap.lucky),
            number(made["deal_size"]),
            number(beyond),
        ]

    def gap_figure(self, rep: str, gap: Gap, name: str) -> Figure:
        """Return one number of a gap as a figure, exact to the minor unit."""
        values = {
            "reference": gap.reference,
            "total": gap.gap,
            "target_setting": gap.beyond or 0,
            **gap.parts,
        }
        base = self.numbers.figure("won.amount", rep)
        assert base is not None
        text = minor_text(values[name], exponent(self.company.currency))
        by = {"rep_id": rep, "against": gap.against}
        return replace(base, metric=f"gap.{name}", value=text, by=by, n=None)
