"""What one more deal pays a person, and what is missing to the next band: one run of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from spm_lib.core.errors import ParameterError, PayError, SpmError
from spm_lib.core.money import exponent
from spm_lib.dashboards.pay.own_data import OwnTables, own_tables
from spm_lib.dashboards.pay.plan_desk import plan_names
from spm_lib.incentives import (
    Explanation,
    NextBand,
    PayRun,
    Plan,
    calculate,
    explain,
    load_plan,
    missing_to_bands,
    next_bands,
    read_decided,
)
from spm_lib.incentives.border.decided import withheld
from spm_lib.incentives.chain.periods import PayPeriod, interval_of
from spm_lib.model import Company
from spm_lib.store import ClientFolder

_BY = ["kind", "component"]


@dataclass(frozen=True, eq=False)
class DealPay:
    """What a deal pays if it is won on the day.

    Attributes
    ----------
    deal, amount
        Its id, and its amount in minor units.
    paid, later
        What it adds to the payment of the period, and what is released later.
    lines
        kind, component, before, after, change (minor units): they add up to ``paid``.
    opened
        The whole payment of the period with the deal in it, explained.
    missing
        What is then missing to the next band, by component; null: no band is above.
    """

    deal: str
    amount: int
    paid: int
    later: int
    lines: pl.DataFrame = field(repr=False)
    opened: Explanation = field(repr=False)
    missing: dict[str, int | None]


@dataclass(frozen=True, eq=False)
class OwnPay:
    """A person's pay so far, and with one more deal.

    Attributes
    ----------
    plan
        The plan as its file says.
    tables
        What it is worked out from.
    run
        The pay so far.
    rep, day
        Whose, and as of which day: the day on which the further deal is taken to be won.
    deals
        The person's open deals: a row of the model each.
    """

    plan: Plan
    tables: OwnTables = field(repr=False)
    run: PayRun = field(repr=False)
    rep: str
    day: date
    deals: pl.DataFrame = field(repr=False)

    @classmethod
    def of(cls, own: Company, rep: str, plan: Plan, folder: ClientFolder) -> OwnPay:
        """Work out the pay so far, from a person's rows alone.

        Raises
        ------
        SpmError
            If the plan does not run on them; of a file of everybody no row is named.
        """
        try:
            decided = read_decided(plan, folder.plans)
        except PayError as error:
            raise withheld(error) from None
        tables = own_tables(plan, own, rep, decided)
        period = _period(plan, own.as_of)
        run = calculate(tables.plan, tables.data, through=period.label)
        deals = own.table("opportunities").filter(
            (pl.col("outcome") == "open") & (pl.col("rep_id") == rep)
        )
        order = ["amount", "opportunity_id"]
        deals = deals.sort(order, descending=[True, False], nulls_last=True)
        return cls(plan, tables, run, rep, own.as_of, deals)

    @property
    def period(self) -> PayPeriod:
        """The pay period of the day."""
        return _period(self.plan, self.day)

    @property
    def currency(self) -> str:
        """The plan's currency."""
        return self.plan.plan.currency

    @cached_property
    def so_far(self) -> dict[str, int]:
        """What is paid in the pay period so far, and in the quarter and the year around it."""
        totals, head = self.run.totals.filter(pl.col("rep_id") == self.rep), self.plan.plan
        found = {"period": self.run.paid(self.rep, self.period.label)}
        for grain in ("quarter", "year"):
            around = interval_of(self.day, grain, head.fiscal_year_start)
            if around.end - around.start > self.period.end - self.period.start:
                inside = pl.col("period_start").is_between(around.start, around.end, closed="left")
                found[grain] = int(totals.filter(inside)["amount"].sum())
        return found

    @cached_property
    def attainments(self) -> list[tuple[str, int, int]]:
        """Return name, what counts and quota (minor units) of each rule held against a quota."""
        names = {c.id: c.name for c in self.plan.components if not self._counted(c.id)}
        rows = self.run.earnings.filter(
            (pl.col("rep_id") == self.rep)
            & (pl.col("period") == self.period.label)
            & pl.col("quota").is_not_null()
            & pl.col("component").is_in(list(names))
        )
        return [
            (names[c], base, int(quota))
            for c, base, quota in rows.select("component", "base", "quota").iter_rows()
        ]

    @cached_property
    def bands(self) -> list[NextBand]:
        """The next band of each rule that has one above, with what each 1,000 around it pays."""
        thousand = 1_000 * 10 ** exponent(self.currency)
        return next_bands(self.run, self.rep, self.period.label, self._worth, step=thousand)

    def with_deal(self, amount: int, deal: str = "", *, named: str = "+") -> DealPay:
        """Return what a deal of an amount (minor units) pays if it is won on the day.

        Parameters
        ----------
        deal
            Id of an open deal of the person, whose other columns count; empty: of none.
        named
            What a deal of no id is called.

        Raises
        ------
        ParameterError
            If there is no such open deal, or the amount is not above 0.
        SpmError
            If the plan does not run with it.
        """
        if amount <= 0:
            raise ParameterError("A deal's amount is above 0.", do="Write it in digits")
        run = self._run_with(amount, deal, named)
        before, after = (explain(one, self.rep, self.period.label) for one in (self.run, run))
        return DealPay(
            deal=deal or named,
            amount=amount,
            paid=after.amount - before.amount,
            later=_waiting(run, self.rep) - _waiting(self.run, self.rep),
            lines=_changes(before.table, after.table),
            opened=after,
            missing=missing_to_bands(run, self.rep, self.period.label),
        )

    def _run_with(self, amount: int, deal: str, named: str) -> PayRun:
        data = self.tables.data
        row = dict.fromkeys(data.transactions.columns)
        if deal:
            found = self.deals.filter(pl.col("opportunity_id") == deal)
            if found.is_empty():
                raise ParameterError("There is no open deal of that id.", do="Choose one")
            row |= {k: v for k, v in found.row(0, named=True).items() if k in row}
        row |= {"transaction_id": deal or named, "date": self.day, "amount": amount}
        row |= {"rep_id": self.rep, "currency": None}
        further = pl.DataFrame([row], schema=data.transactions.schema, orient="row")
        both = replace(data, transactions=pl.concat([data.transactions, further]))
        return calculate(self.tables.plan, both, through=self.period.label)

    def _worth(self, amount: int) -> int:
        """Return all that is paid or waits to be paid with a further deal of an amount; 0: none."""
        run = self._run_with(amount, "", "+") if amount else self.run
        return run.paid(self.rep, self.period.label) + _waiting(run, self.rep)

    def _counted(self, component: str) -> bool:
        measure = next(c.measure for c in self.plan.components if c.id == component)
        return measure is not None and self.plan.measure(measure).counted


def plan_of(folder: ClientFolder, own: Company, rep: str, wanted: str = "") -> Plan:
    """Return the plan that pays a person on the company's day.

    Plans that have paid already go before those that have not, which may be drafts.

    Parameters
    ----------
    wanted
        Name of one of several; empty: the only one.

    Raises
    ------
    PayError
        If none pays the person, or several do and none is named.
    """
    role = next(iter(own.table("reps").filter(pl.col("rep_id") == rep)["role"].to_list()), None)
    found = {
        name: plan
        for name, plan in _in_force(folder, own.as_of)
        if any(plan.pays_role(component, role) for component in plan.components)
    }
    paid = {name: plan for name, plan in found.items() if (folder.pay / plan.plan.id).is_dir()}
    found = paid or found
    if wanted in found:
        return found[wanted]
    if len(found) == 1 and not wanted:
        return next(iter(found.values()))
    if found and not wanted:
        do = "Open the page with one of their names: ?plan=NAME"
        raise PayError("Several pay plans are in force.", found=", ".join(found), do=do)
    raise PayError(
        "No pay plan pays this person on this day.",
        found=f"{rep}, {own.as_of}",
        do="Ask whoever looks after pay plans",
    )


def _in_force(folder: ClientFolder, day: date) -> Sequence[tuple[str, Plan]]:
    found = []
    for name in plan_names(folder):
        with suppress(SpmError):  # a plan that cannot be read pays nobody
            plan = load_plan(folder.plans / f"{name}.toml")
            if plan.plan.valid_from <= day < plan.plan.valid_to:
                found.append((name, plan))
    return found


def _period(plan: Plan, day: date) -> PayPeriod:
    return interval_of(day, plan.plan.period, plan.plan.fiscal_year_start)


def _waiting(run: PayRun, rep: str) -> int:
    return int(run.waiting.filter(pl.col("rep_id") == rep)["amount"].sum())


def _changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    sides = []
    for name, table in (("before", before), ("after", after)):
        lines = table.filter(pl.col("level") == "line")
        sides.append(
            lines.group_by(_BY, maintain_order=True).agg(pl.col("amount").sum().alias(name))
        )
    both = sides[1].join(sides[0], on=_BY, how="full", coalesce=True, nulls_equal=True,
                         maintain_order="left_right")  # fmt: skip
    both = both.with_columns(pl.col("before", "after").fill_null(0))
    return both.select(*_BY, "before", "after", change=pl.col("after") - pl.col("before"))
