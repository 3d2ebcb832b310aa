"""The whole chain in one call: a plan and tables in, the five tables of pay out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.crediting import credit_table
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.ledger import Books, Ledger
from spm_lib.incentives.chain.lines import Lines, earned_by_all
from spm_lib.incentives.chain.measuring import Measuring, cuts_of
from spm_lib.incentives.chain.paying import Payer
from spm_lib.incentives.chain.paying_out import paid_out
from spm_lib.incentives.chain.periods import PayPeriod, interval_of, period_named, periods_until
from spm_lib.incentives.chain.releasing import Releaser
from spm_lib.incentives.chain.set_aside import receipts_of
from spm_lib.incentives.chain.transactions import transaction_table
from spm_lib.incentives.plan.plan import Plan
from spm_lib.model import Receipt
from spm_lib.store import frame_hash, sha256_json

CORRECTION_COLUMNS: dict[str, Any] = {
    "rep_id": pl.String(),
    "period": pl.String(),
    "of_period": pl.String(),
    "component": pl.String(),
    "original": pl.Int64(),
    "corrected": pl.Int64(),
    "difference": pl.Int64(),
    "reason": pl.String(),
}


@dataclass(frozen=True, eq=False)
class PayRun:
    """What a plan pays: the five tables, and what is carried, owed or waits after each period.

    Attributes
    ----------
    plan, through
        The plan, and the last period that was worked out.
    transactions, credits, measures, earnings, payments
        The chain; see each step's function for the columns. Money is Int64 minor units.
    balances
        rep_id, period, kind (carried, above the cap, owed), amount after the period.
    people, lines
        The people, and the lines of the earnings as exact fractions, worked out when asked for.
    corrections
        What changed in closed periods and is brought forward: the period that brings it, the one
        it is of, original, corrected, difference (minor units) and the reason.
    waiting
        rep_id, component, transaction_id, amount: earned, and not paid by the last period.
    receipts
        By table: rows used, and rows set aside by reason with their money, such as cancellations
        of unknown deals; see ``receipts_of``.
    data
        What was known of the tables.
    """

    plan: Plan
    through: PayPeriod
    transactions: pl.DataFrame = field(repr=False)
    credits: pl.DataFrame = field(repr=False)
    measures: pl.DataFrame = field(repr=False)
    earnings: pl.DataFrame = field(repr=False)
    payments: pl.DataFrame = field(repr=False)
    balances: pl.DataFrame = field(repr=False)
    waiting: pl.DataFrame = field(repr=False)
    people: pl.DataFrame = field(repr=False)
    lines: Lines = field(repr=False)
    data_hash: str
    receipts: dict[str, Receipt] = field(repr=False)
    data: PayData = field(repr=False)
    corrections: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=CORRECTION_COLUMNS), repr=False
    )

    @property
    def pay_periods(self) -> list[PayPeriod]:
        """The periods that were worked out, in order."""
        return periods_until(self.plan, self.through.end)

    @property
    def periods(self) -> list[str]:
        """Their labels."""
        return [period.label for period in self.pay_periods]

    @property
    def totals(self) -> pl.DataFrame:
        """What each person is paid in each period: rep_id, period, period_start, amount."""
        keys = ["rep_id", "period", "period_start"]
        return self.payments.group_by(keys).agg(pl.col("amount").sum()).sort(keys)

    def payouts(self, period: str) -> pl.DataFrame:
        """Return what people are paid in another currency than the plan's; see ``paid_out``.

        Raises
        ------
        PayError
            If an exchange rate is missing.
        """
        (asked,) = (p for p in self.pay_periods if p.label == period)
        totals = self.totals.filter(pl.col("period") == period)
        return paid_out(self.plan, self.data, asked, totals.select("rep_id", "amount"))

    def lines_of(self, rep: str, period: str) -> list[Line]:
        """Return a person's lines of a period, in the order of the plan's components."""
        return [line for line in self.lines.of(rep) if line.period.label == period]

    @cached_property
    def hash(self) -> str:
        """The fingerprint of plan, data and result; the same in, the same out."""
        tables = {name: frame_hash(getattr(self, name)) for name in ("earnings", "payments")}
        return sha256_json({"plan": self.plan.hash, "data": self.data_hash, **tables})

    def paid(self, rep: str, period: str) -> int:
        """Return what a person is paid in a period, in minor units; nothing: 0."""
        own = (pl.col("rep_id") == rep) & (pl.col("period") == period)
        return int(self.payments.filter(own)["amount"].sum())


def work_out(plan: Plan, data: PayData, *, through: str | None = None) -> PayRun:
    """Work out pay without asking the linter; else as ``calculate``, which people call.

    Raises
    ------
    PayError
        As ``calculate``.
    """
    last = period_named(plan, through) if through else _last(plan, data)
    known = known_by(data, last.end)
    made = chained(plan, known, last.end)
    return PayRun(
        plan=plan,
        through=last,
        transactions=made.transactions,
        credits=made.credits,
        measures=made.measuring.table(),
        earnings=made.earnings,
        payments=made.payments,
        balances=made.balances,
        waiting=made.waiting,
        people=known.people,
        lines=made.lines,
        data_hash=known.hash,
        receipts=receipts_of(plan, known, made.transactions),
        data=known,
    )


@dataclass(frozen=True, eq=False)
class Chained:
    """What the steps of the chain give, before it is told as tables: see ``PayRun``."""

    transactions: pl.DataFrame
    credits: pl.DataFrame
    measuring: Measuring
    lines: Lines
    earnings: pl.DataFrame
    payments: pl.DataFrame
    balances: pl.DataFrame
    waiting: pl.DataFrame


def chained(plan: Plan, known: PayData, end: date, books: Books | None = None) -> Chained:
    """Take the steps of the chain, one after the other, up to a day (left out).

    Parameters
    ----------
    known
        What is known by that day; see ``known_by``.
    books
        Of the same plan, people and quotas, where they are replayed on other deals; null: none.

    Raises
    ------
    PayError
        As ``work_out``.
    """
    transactions = transaction_table(plan, known)
    credited = credit_table(plan, known, transactions)
    measuring = Measuring(plan, transactions, credited, cuts_of(plan, known.people))
    ledger = Ledger(plan, known, measuring, books)
    periods = periods_until(plan, end)
    lines, releaser = Lines(ledger, periods), Releaser(plan, known, periods)
    earned = earned_by_all(lines, releaser)
    paid = Payer(ledger, known, periods).pay(earned, releaser)
    return Chained(transactions, credited, measuring, lines, earned.table, *paid)


def _last(plan: Plan, data: PayData) -> PayPeriod:
    head = plan.plan
    days = data.transactions["date"].filter(data.transactions["date"] < head.valid_to)
    day = days.max()
    if not isinstance(day, date) or day < head.valid_from:
        raise PayError(
            f"No transaction falls into the plan '{head.id}'.",
            found=f"{head.valid_from} to {head.valid_to}",
            do="Check the days of the plan, or say through which period to work out pay",
        )
    return interval_of(day, head.period, head.fiscal_year_start)


def known_by(data: PayData, end: date) -> PayData:
    """Return what happened before a day; people, quotas, splits and rates stay as they are."""
    dated = ("transactions", "receipts", "cancellations", "adjustments")
    return replace(
        data, **{name: getattr(data, name).filter(pl.col("date") < end) for name in dated}
    )
