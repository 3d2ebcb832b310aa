"""A person's statement of a period: its sections as tables, each adding up to the payment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.explain.explain import explain


@dataclass(frozen=True, eq=False)
class PayStatement:
    """The sections of a statement; money in minor units of ``currency``.

    Attributes
    ----------
    rep, name, period, plan, plan_hash
        Whose statement of which period, by which plan; the hash tells the plan's version.
    status
        "closed" where the period is closed, else as it was given.
    final_pay
        What is paid: the sum of ``lines``.
    lines
        line, kind, component, tag, amount, reason: they add up to ``final_pay``.
    components
        component, name, tag, base, quota, attainment, raw, gate, multiplier, withheld, amount:
        how each rule came to its earnings.
    credited
        line, component, transaction_id, date, credited, amount: the deals behind each line.
    rates
        transaction_id, currency, rate: the exchange rates used; none: empty.
    balances
        kind, amount: carried, owed, above the cap after the period.
    waiting
        component, transaction_id, amount: earned and not paid by the last period worked out.
    """

    rep: str
    name: str
    period: str
    plan: str
    plan_hash: str
    currency: str
    status: str
    final_pay: int
    lines: pl.DataFrame = field(repr=False)
    components: pl.DataFrame = field(repr=False)
    credited: pl.DataFrame = field(repr=False)
    rates: pl.DataFrame = field(repr=False)
    balances: pl.DataFrame = field(repr=False)
    waiting: pl.DataFrame = field(repr=False)


def pay_statement(
    run: PayRun, rep: str, period: str, *, status: str = "calculated"
) -> PayStatement:
    """Return the sections of a person's statement.

    Raises
    ------
    PayError
        If the person or the period is not in the run.
    """
    opened = explain(run, rep, period)
    own = (pl.col("rep_id") == rep) & (pl.col("period") == period)
    tags = {component.id: component.tag for component in run.plan.components}
    names = {component.id: component.name for component in run.plan.components}
    tag = pl.col("component").replace_strict(tags, default=None, return_dtype=pl.String)
    lines = opened.table.filter(pl.col("level") == "line").with_columns(tag=tag)
    components = run.earnings.filter(own).with_columns(
        name=pl.col("component").replace_strict(names, return_dtype=pl.String)
    )
    credited = opened.table.filter(pl.col("level") == "deal")
    return PayStatement(
        rep=rep,
        name=opened.name,
        period=period,
        plan=run.plan.plan.name,
        plan_hash=run.plan.hash,
        currency=opened.currency,
        status=status,
        final_pay=opened.amount,
        lines=lines.select("line", "kind", "component", "tag", "amount", "reason"),
        components=components.select(_COMPONENTS),
        credited=credited.select(_CREDITED),
        rates=_rates(run, credited),
        balances=run.balances.filter(own).select("kind", "amount"),
        waiting=run.waiting.filter(pl.col("rep_id") == rep).drop("rep_id"),
    )


_COMPONENTS = ["component", "name", "tag", "base", "quota", "attainment", "raw", "gate"]
_COMPONENTS += ["multiplier", "withheld", "amount"]
_CREDITED = ["line", "component", "transaction_id", "date", "credited", "amount", "reason"]


def _rates(run: PayRun, credited: pl.DataFrame) -> pl.DataFrame:
    deals: Any = credited["transaction_id"].drop_nulls().unique().implode()
    used = run.transactions.filter(pl.col("rate").is_not_null())
    return used.filter(pl.col("transaction_id").is_in(deals)).select(
        "transaction_id", "currency", "rate"
    )
