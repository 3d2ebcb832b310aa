"""The report of tactical mistakes: rules, what goes with breaking them, and the deals by name."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import polars as pl

from spm_lib.process.mistakes.stalls import stalls_of
from spm_lib.reports.blocks import Column, Section, Summary, Tile, Tiles
from spm_lib.reports.cells import Cell, Day, Number, words
from spm_lib.reports.pages.mistakes_rules import MistakesRules
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.page import number

DEALS = "Deals with mistakes"
REST = "Deals at rest for a reason"
SHOWN, FEWEST = 30, 2  # deals, and mistakes of each, that are named
PRICES = ("mistake.win_rate_gap", "mistake.count", "mistake.exposed_amount", "mistake.cost")


class MistakesPage(MistakesRules):
    """Tactical mistakes of a client's open deals; each method is one part of the report."""

    title: ClassVar[str] = "Tactical mistakes"

    def summary(self) -> Summary:
        """Return the first page: the dearest mistakes, what they rest on, what to do."""
        if self.orders_only:
            return self.orders_summary()
        if not self.known("opportunities"):
            needed = self.say("There are no deals.")
            return Summary(edition=self.edition, happened=(needed,))
        parts = {
            kind: self.spoken([s for s in self.made.statements if s.kind == kind], *PRICES)
            for kind in ("happened", "why", "note", "todo")
        }
        return Summary(
            edition=self.edition,
            happened=parts["happened"],
            why=(*parts["why"], *parts["note"]),
            todo=parts["todo"],
        )

    def key_figures(self) -> Tiles:
        """Return how many deals have a mistake, what they are worth, how many rules were tried."""
        if self.orders_only:
            return self.order_tiles()
        shown = (
            ("Deals with a mistake", "mistake.count"),
            ("Their amount", "mistake.exposed_amount"),
            ("Deals at rest for a reason", "mistake.snoozed"),
            ("Rules compared", "mistake.tried"),
        )
        tiles = [
            Tile(label=self.text(label), number=Number(figure=figure, compact=True), good="neither")
            for label, metric in shown
            if (figure := self.told(metric)) is not None
        ]
        return self.kept(Tiles(edition=self.edition, tiles=tuple(tiles)))

    @needs(DEALS, "opportunities")
    def deals(self) -> Section:
        """Return the open deals by name: those with the dearest mistakes, then the largest."""
        frame = self._by_deal()
        columns = [
            Column(title="Deal"),
            Column(title="Person"),
            Column(title="Stage"),
            Column(title="Amount", kind="money"),
            Column(title="Mistakes"),
        ]
        rows = [self._deal(row) for row in frame.head(SHOWN).iter_rows(named=True)]
        first = self.say(
            "The first {shown} of {n} rows.",
            shown=self.write.count(SHOWN),
            n=self.write.count(frame.height),
        )
        nothing = self.say("No deal breaks any rule that the data can judge.")
        told = [nothing] if not rows else [first] if frame.height > SHOWN else []
        note = "In bold: deals with a mistake that is clearly associated with losing."
        return self.section(
            DEALS, self.paragraph(*told), self.table(columns, rows, note=note if rows else "")
        )

    def _by_deal(self) -> pl.DataFrame:
        """Return open deals that break a rule and do not rest, with their rules."""
        found = [v.rule.id for v in self.made.found]
        ended = [v.rule.id for v in self.made.verdicts if v.rule.ended]
        broken = self.made.broken.filter(~pl.col("snoozed") & ~pl.col("rule").is_in(ended))
        return (
            broken.with_columns(dear=pl.col("rule").is_in(found))
            .group_by("opportunity_id", "rep_id", "stage", "amount", maintain_order=True)
            .agg("rule", dear=pl.col("dear").sum())
            .sort("dear", "amount", "opportunity_id", descending=[True, True, False],
                  nulls_last=True)
        )  # fmt: skip

    def _deal(self, row: dict) -> tuple[Cell, ...]:
        found = [v.rule.id for v in self.made.found]
        rules = sorted(row["rule"], key=lambda r: found.index(r) if r in found else len(found))
        told = max(row["dear"], FEWEST)
        names = [self.named(self.made.verdict(rule)) for rule in rules[:told]]
        more = len(rules) - told
        names += [self.text("{n} more", n=self.write.count(more))] if more > 0 else []
        amount = self.amounts.get(row["opportunity_id"]) if row["amount"] is not None else None
        return (
            words(row["opportunity_id"], strong=row["dear"] > 0),
            words(self.name_of(row["rep_id"])),
            words(row["stage"]),
            number(amount, compact=True),
            words("; ".join(names)),
        )

    @needs(REST, "opportunities")
    def at_rest(self) -> Section:
        """Return the deals that rest for a reason, and when they are to resume."""
        today = self.company.as_of
        there = self.company.table("opportunities").filter(pl.col("outcome") == "open")
        stalls = stalls_of(self.company).filter(
            (pl.col("since") <= today) & (pl.col("resume") > today)
        )
        both = stalls.join(there.select("opportunity_id", "rep_id"), on="opportunity_id",
                           maintain_order="left").sort("resume", "opportunity_id")  # fmt: skip
        columns = [
            Column(title="Deal"),
            Column(title="Person"),
            Column(title="Why"),
            Column(title="Resumes", kind="date"),
        ]
        rows = [self._rest(row) for row in both.iter_rows(named=True)]
        nothing = self.say(
            "No open deal is named in stall.toml with a reason and a day on which it resumes."
        )
        return self.section(
            REST, None if rows else self.paragraph(nothing), self.table(columns, rows)
        )

    def _rest(self, row: dict) -> tuple[Cell, ...]:
        resume: date = row["resume"]
        return (
            words(row["opportunity_id"]),
            words(self.name_of(row["rep_id"])),
            words(row["reason"]),
            Day(day=resume),
        )
