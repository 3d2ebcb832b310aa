"""Trailing averages per tag over worked months: what Israeli rules ask to be shown.

Not legal advice: which part of pay counts for what is decided by law and by courts, not here.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.periods import interval_of
from spm_lib.incentives.chain.quotas import months_after

NOT_LEGAL_ADVICE = "Not legal advice."
MONTHS = 12


def worked_months_average(
    run: PayRun, period: str, *, absent: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return each person's mean monthly pay by tag over the last 12 worked months.

    Counted are the 12 calendar months that end with ``period``; months before somebody was hired
    and whole months of leave (``absent``) are left out of both sides. Lines without a component,
    such as draws and adjustments, have the tag null.

    Parameters
    ----------
    absent
        rep_id and month (Date, its first day): months not worked.

    Returns
    -------
    rep_id, tag, amount (Int64 minor units paid in these months), months (worked), average (Int64
    minor units, rounded half up; null where no month was worked). A period that is not in the run
    gives an empty table.
    """
    found = [p for p in run.pay_periods if p.label == period]
    if not found:
        return pl.DataFrame(schema=_COLUMNS)
    first = months_after(found[0].end, -MONTHS)
    away = set(absent.select("rep_id", "month").iter_rows()) if absent is not None else set()
    worked = {
        rep: [m for m in _months(first, found[0].end) if (rep, m) not in away and m >= begun]
        for rep, begun in _begun(run).items()
    }
    tags = {component.id: component.tag for component in run.plan.components}
    tag = pl.col("component").replace_strict(tags, default=None, return_dtype=pl.String)
    within = (pl.col("period_start") >= first) & (pl.col("period_start") < found[0].end)
    paid = run.payments.filter(within).with_columns(tag=tag, month=pl.col("period_start"))
    sums: dict[tuple[str, str | None], int] = {}
    for rep, of, month, amount in paid.select("rep_id", "tag", "month", "amount").iter_rows():
        if month in worked[rep]:
            sums[rep, of] = sums.get((rep, of), 0) + amount
    rows = [_row(rep, of, amount, len(worked[rep])) for (rep, of), amount in sums.items()]
    made = pl.DataFrame(rows, schema=_COLUMNS, orient="row")
    return made.sort("rep_id", "tag", nulls_last=True)


_COLUMNS = {
    "rep_id": pl.String,
    "tag": pl.String,
    "amount": pl.Int64,
    "months": pl.Int64,
    "average": pl.Int64,
}


def _row(rep: str, tag: str | None, amount: int, months: int) -> tuple[object, ...]:
    average = rounded(Fraction(amount, months)) if months else None
    return rep, tag, amount, months, average


def _months(first: date, end: date) -> list[date]:
    return [months_after(first, k) for k in range(MONTHS) if months_after(first, k) < end]


def _begun(run: PayRun) -> dict[str, date]:
    """Return the first month of each person: of hiring, else of the plan."""
    start = run.plan.plan.valid_from
    rows = run.people.group_by("rep_id").agg(pl.col("hired_on").min(), pl.col("valid_from").min())
    found = {}
    for rep, hired, valid in rows.iter_rows():
        begun = max(day for day in (hired, valid, start) if day is not None)
        month = interval_of(begun, "month").start
        found[rep] = month
    return found
