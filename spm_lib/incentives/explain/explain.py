"""Any payment opened down to the deals: a table whose lines add up, and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from spm_lib.core.language import Language
from spm_lib.core.money import exponent
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.parts import deal_parts
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.explain.words import (
    CHANGED,
    KINDS,
    NO_DEAL,
    TRUE_UP,
    period_told,
    reason_told,
)

COLUMNS: dict[str, Any] = {
    "level": pl.String,
    "line": pl.Int64,
    "kind": pl.String,
    "component": pl.String,
    "rule_version": pl.String,
    "transaction_id": pl.String,
    "date": pl.Date,
    "credited": pl.Int64,
    "attainment": pl.Decimal(38, 10),
    "amount": pl.Int64,
    "reason": pl.String,
}


@dataclass(frozen=True, eq=False)
class Explanation:
    """A payment opened: who, when, how much, and where every minor unit of it comes from.

    Attributes
    ----------
    rep, name, period, amount
        Whose payment of which period; ``amount`` in minor units of ``currency``.
    table
        Rows of level "line" (they add up to the payment) and, under each line that comes from
        deals, rows of level "deal" (they add up to the line).
    """

    rep: str
    name: str
    period: str
    currency: str
    amount: int
    table: pl.DataFrame = field(repr=False)
    _names: dict[str, str] = field(repr=False)

    def tell(self, language: Language) -> list[str]:
        """Return the payment in sentences: the whole, then one per line."""
        lines = self.table.filter(pl.col("level") == "line")
        head = language.text(
            "{name} is paid {amount} for {period}, in {n:1 line|{n} lines}.",
            name=self.name,
            amount=self._money(self.amount, language),
            period=period_told(self.period, language),
            n=lines.height,
        )
        return [head, *(self._line(row, language) for row in lines.iter_rows(named=True))]

    def _line(self, row: dict[str, Any], language: Language) -> str:
        what = language.text(KINDS[row["kind"]])
        if row["component"] is not None:
            component = self._names.get(row["component"], row["component"])
            what = language.text("{component} ({kind})", component=component, kind=what)
        told = language.text(
            "{what}: {amount}.", what=what, amount=self._money(row["amount"], language)
        )
        parts = [told, *self._of_deals(row, language)]
        if row["reason"]:
            parts.append(
                language.text("Reason: {reason}.", reason=reason_told(row["reason"], language))
            )
        return " ".join(parts)

    def _of_deals(self, row: dict[str, Any], language: Language) -> Iterator[str]:
        under = (pl.col("level") == "deal") & (pl.col("line") == row["line"])
        named = pl.col("transaction_id").is_not_null()
        deals = self.table.filter(under & named)
        if row["attainment"] is not None:
            yield language.text(
                "Attainment is {attainment}.", attainment=language.percent(row["attainment"], 2)
            )
        if deals.is_empty():
            if row["transaction_id"] is not None:
                yield language.text("Deal: {deal}.", deal=row["transaction_id"])
            return
        yield self._most(deals, language)
        for rest in self.table.filter(under & ~named).iter_rows(named=True):
            what, amount = (
                reason_told(rest["reason"], language),
                self._money(rest["amount"], language),
            )
            yield language.text("{what}: {amount}.", what=what, amount=amount)

    def _most(self, deals: pl.DataFrame, language: Language) -> str:
        largest = deals.sort(pl.col("amount").abs(), descending=True, maintain_order=True)
        first = largest.row(0, named=True)
        if deals.height == 1:
            return language.text(
                "It comes from the deal {deal}: {amount}.",
                deal=first["transaction_id"],
                amount=self._money(first["amount"], language),
            )
        return language.text(
            "It comes from {n:1 deal|{n} deals}, most of all {deal}: {amount}.",
            n=deals.height,
            deal=first["transaction_id"],
            amount=self._money(first["amount"], language),
        )

    def _money(self, minor: int, language: Language) -> str:
        return language.money(minor, self.currency, decimals=exponent(self.currency))


def explain(run: PayRun, rep: str, period: str) -> Explanation:
    """Open a person's payment of a period down to the deals.

    Lines add up to the payment and deals to their line, to the last minor unit. What a true-up of
    earlier deals, a cap or a score brings is a row without a deal; so is what changed after a
    period was closed, beside the deals as they are now.

    Raises
    ------
    PayError
        If the person or the period is not in the run.
    """
    names = dict(run.people.select("rep_id", "name").iter_rows())
    if rep not in names:
        raise refused("Nobody of that id is paid.", [rep], do=f"One of: {', '.join(names)[:200]}")
    periods = run.periods
    if period not in periods:
        raise refused("The run has no such period.", [period], do=f"One of: {', '.join(periods)}")
    own = run.payments.filter((pl.col("rep_id") == rep) & (pl.col("period") == period))
    opener = _Opener(run, rep, period)
    rows = [row for payment in own.iter_rows(named=True) for row in opener.rows(payment)]
    table = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    told = {component.id: component.name for component in run.plan.components}
    amount = int(own["amount"].sum())
    return Explanation(rep, names[rep], period, run.plan.plan.currency, amount, table, told)


class _Opener:
    """Opens the lines of a payment, each line of the run once."""

    def __init__(self, run: PayRun, rep: str, period: str) -> None:
        self._lines = run.lines_of(rep, period)
        own = (pl.col("rep_id") == rep) & (pl.col("of_period") == period)
        rows = run.corrections.filter(own).select("component", "reason").iter_rows()
        self._changed: dict[str | None, str] = dict(rows)
        self._plainly = run.plan.clawback is None

    def rows(self, payment: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Return a line of the payment, and the deals that it comes from."""
        line = self._line_of(payment)
        told = {c: payment.get(c) for c in COLUMNS}
        yield {**told, "level": "line", "attainment": line and _attainment(line)}
        if line is None:
            return
        told |= {"level": "deal", "attainment": None}
        for part in deal_parts(line):
            deal = part.deal
            yield {
                **told,
                "transaction_id": deal and deal.transaction_id,
                "date": deal and deal.day,
                "credited": deal and deal.pay,
                "amount": part.amount,
                "reason": "" if deal else TRUE_UP if line.before else NO_DEAL,
            }
        if payment["amount"] != line.amount:
            why = self._changed.get(payment["component"])
            told["reason"] = f"{CHANGED}: {why}" if why else CHANGED
            yield {**told, "amount": payment["amount"] - line.amount}

    def _line_of(self, payment: dict[str, Any]) -> Line | None:
        """Return the line that a payment is of; null: none, or it is opened already.

        Of a closed period that has changed since it is the line as it is now: what changed is a
        row of its own.
        """
        if payment["kind"] != "earning" or payment["transaction_id"] is not None:
            return None
        named = [ln for ln in self._lines if ln.component.id == payment["component"]]
        same = [
            line
            for line in named
            if line.component.version == payment["rule_version"]
            and line.amount == payment["amount"]
        ]
        closed = payment["component"] in self._changed or self._plainly
        found = same or [ln for ln in named if closed and ln.component.release is None]
        if not found:
            return None
        self._lines.remove(found[0])
        return found[0]


def _attainment(line: Line) -> Decimal | None:
    from spm_lib.incentives.chain.arithmetic import ratio_of

    asked = line.earned.asked
    if line.component.measure is None:
        return None
    span = (asked.rep, asked.measure, asked.start)
    quota = asked.ledger.known_quota(*span, asked.whole)
    return None if quota is None else ratio_of(asked.ledger.counted(*span, asked.end), quota)
