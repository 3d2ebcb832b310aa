"""Everybody's sales scaled to an attainment: what a plan costs from 0 to 150 % of quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.arithmetic import half_up, ratio_of
from spm_lib.incentives.chain.calculate import PayRun, work_out
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.earning import Line
from spm_lib.incentives.chain.transactions import money_columns
from spm_lib.incentives.lint.checked import calculate
from spm_lib.incentives.plan.plan import Plan

STEPS = tuple(Decimal(n) / 10 for n in range(16))
BUDGET_STEPS = (Decimal("0.8"), Decimal(1), Decimal("1.2"))
COST_COLUMNS = {
    "attainment": pl.Decimal(38, 4),
    "sales": pl.Int64,
    "pay": pl.Int64,
    "cost_rate": pl.Decimal(38, 10),
}


def scaled_sales(plan: Plan, data: PayData, factor: Fraction) -> PayData:
    """Return the same deals, all money and units of them times a factor, rounded half up.

    Counts of deals stay as they are, and so do money received and what was decided by hand.
    """
    columns = money_columns(plan) | {m.base for m in plan.measures if m.base != "count"}
    present = sorted(columns & set(data.transactions.columns))
    up, down = (pl.lit(n, dtype=pl.Int128) for n in (factor.numerator, factor.denominator))
    values = [
        half_up(pl.col(c).cast(pl.Int128) * up, down).cast(pl.Int64).alias(c) for c in present
    ]
    return replace(data, transactions=data.transactions.with_columns(values))


def cost_by_attainment(
    plan: Plan,
    data: PayData,
    *,
    measure: str,
    through: str,
    steps: Sequence[Decimal] = STEPS,
    whole: bool = True,
) -> pl.DataFrame:
    """Return what a plan costs where all together reach these shares of their quotas.

    Everybody's deals are scaled alike, so that who sells more than whom stays as it was. At 0
    nothing is sold and what is paid is paid regardless.

    Parameters
    ----------
    measure
        The measure whose quota is to be reached.
    steps
        Shares of quota; default 0 to 1.5 by tenths (``BUDGET_STEPS``: 80, 100 and 120 %).
    whole
        False: the plan was cut to some of its components, and their weights need not add up to 1.

    Returns
    -------
    attainment (Decimal), sales and pay (Int64 minor units), cost_rate (Decimal, pay / sales; null
    where nothing is sold).

    Raises
    ------
    PayError
        If nobody has a quota of the measure, or nothing was sold.
    """
    worked = calculate if whole else work_out
    base = worked(plan, data, through=through)
    reached = team_attainment(base, measure)
    rows = []
    for step in steps:
        run = worked(plan, scaled_sales(plan, data, Fraction(step) / reached), through=through)
        sold = int(run.measures.filter(pl.col("measure") == measure)["pay"].sum())
        pay = int(run.payments["amount"].sum())
        rows.append((step, sold, pay))
    return cost_table(rows)


def cost_table(rows: Iterable[tuple[Decimal, int, int]]) -> pl.DataFrame:
    """Return attainment, sales and pay with cost_rate; see ``cost_by_attainment``."""
    told = [(step, sold, pay, ratio_of(pay, sold)) for step, sold, pay in rows]
    return pl.DataFrame(told, schema=COST_COLUMNS, orient="row")


def team_attainment(run: PayRun, measure: str) -> Fraction:
    """Return what all people with a quota of a measure reached of it, over the run's days.

    Raises
    ------
    PayError
        If no rule looks at the measure, nobody has a quota, or nothing counts for it.
    """
    reached = attained(run.lines, measure)
    counted = sum((c for c, _ in reached.values()), Fraction(0))
    quota = sum((q for _, q in reached.values()), Fraction(0))
    if quota <= 0 or counted <= 0:
        raise PayError(
            "Nothing was sold against a quota.", found=measure, do="Choose other periods"
        )
    return counted / quota


def attained(lines: Iterable[Line], measure: str) -> dict[str, tuple[Fraction, Fraction]]:
    """Return what counts for each person's quota of a measure, and the quota, over all days.

    People without a quota, and people whom no rule pays by the measure, are left out.
    """
    own: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.component.measure == measure:
            own[line.rep].append(line)
    found = {}
    for rep, mine in own.items():
        ledger = mine[0].earned.asked.ledger
        span = (min(ln.own for ln in mine), max(ln.earned.asked.end for ln in mine))
        quota = ledger.known_quota(rep, measure, *span)
        if quota is not None:
            found[rep] = (Fraction(ledger.counted(rep, measure, *span)), quota)
    return found
