"""The usual person of a run: the quota in the middle, and the role that most people have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from spm_lib.core.money import from_minor
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.periods import months_in
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS


def usual_quota(
    run: PayRun, quotas: pl.DataFrame, measure: str, *, start: date, end: date
) -> Decimal | None:
    """Return the median quota of a pay period of those paid, in major units (or units).

    Parameters
    ----------
    run, quotas
        Who is paid, and the quotas of the tables of pay.
    measure
        Whose quota.
    start, end
        The days ``[start, end)`` on which a quota has to be in force.

    Returns
    -------
    Of an even number the higher one in the middle; null where nobody has a quota.
    """
    rule = run.plan.measure(measure)
    rows = quotas.filter(
        (pl.col("quota") == (rule.quota or rule.id))
        & (pl.col("period_start") < end)
        & (pl.col("period_end") > start)
        & pl.col("rep_id").is_in(run.earnings["rep_id"].unique().implode())
    )
    months = PERIOD_MONTHS[run.plan.plan.period]
    values = sorted(
        value * months / months_in(first, last)
        for first, last, value in rows.select("period_start", "period_end", "value").iter_rows()
    )
    if not values:
        return None
    middle = int(values[len(values) // 2])
    return Decimal(middle) if rule.counted else from_minor(middle, run.plan.plan.currency)


def usual_role(run: PayRun) -> str | None:
    """Return the role that most people with pay have; null: none is known."""
    paid = run.earnings["rep_id"].unique().to_list()
    people = run.people.filter(pl.col("rep_id").is_in(paid) & pl.col("role").is_not_null())
    counted = people["role"].value_counts().sort(["count", "role"], descending=[True, False])
    return counted["role"][0] if counted.height else None
