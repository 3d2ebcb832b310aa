"""The straight-line schedule of contract costs, month by month, and its roll-forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.core.money import parts_of
from spm_lib.core.months import months_after

CLASSES = ("contract_term", "benefit_period", "at_once")
SCHEDULE_COLUMNS: dict[str, Any] = {
    "contract_id": pl.String(),
    "month": pl.Date(),
    "kind": pl.String(),
    "amount": pl.Int64(),
}
ROLL_COLUMNS = (
    "month", "opening", "capitalised", "amortised", "written_off", "clawed_back", "closing",
    "expensed_at_once",
)  # fmt: skip
_AT_ONCE = 12


@dataclass(frozen=True)
class CostPolicy:
    """How contract costs are written off; the company's auditors decide, not this table.

    Attributes
    ----------
    benefit_months
        The benefit period of costs of that class (renewals at a lower rate stretch it to the
        customer's life).
    expedient
        Whether costs of a period of twelve months or less are expensed at once.
    """

    benefit_months: int = 36
    expedient: bool = False


def cost_schedule(costs: pl.DataFrame, policy: CostPolicy | None = None) -> pl.DataFrame:
    """Return the months over which each contract's cost is expensed; they add up to it exactly.

    The month in which a contract starts counts whole. Months are equal parts by largest
    remainder. In the month in which a contract ends early what is left is written off, less what
    of the commission is clawed back; a clawback above what is left lowers that month's expense.

    Parameters
    ----------
    costs
        contract_id, start (Date), amount (Int64 minor units, not negative), class ("contract_term",
        "benefit_period", "at_once"), term_months (Int64; null but for "contract_term"); optional:
        ended_on (Date) and clawback (Int64, not negative), both null where it runs to its end.
    policy
        Benefit period, and whether short costs are expensed at once; null: 36 months, no.

    Returns
    -------
    polars.DataFrame
        contract_id, month (Date, its first day), kind ("amortised", "written_off", "clawed_back",
        "at_once"), amount (Int64). Expense is the sum but for "clawed_back", which is recovered.

    Raises
    ------
    PayError
        If a class is unknown, a term is missing, or an amount is negative.

    Examples
    --------
    >>> costs = pl.DataFrame({"contract_id": ["C1"], "start": [date(2026, 1, 15)],
    ...     "amount": [100_00], "class": ["contract_term"], "term_months": [3]})
    >>> cost_schedule(costs)["amount"].to_list()
    [3334, 3333, 3333]
    """
    policy = policy or CostPolicy()
    _check(costs)
    rows = [
        (row["contract_id"], *part)
        for row in costs.sort("contract_id").iter_rows(named=True)
        for part in _of_contract(row, policy)
    ]
    return pl.DataFrame(rows, schema=SCHEDULE_COLUMNS, orient="row")


def _of_contract(row: dict[str, Any], policy: CostPolicy) -> Iterator[tuple[date, str, int]]:
    first, amount = row["start"].replace(day=1), row["amount"]
    term = row["term_months"] if row["class"] == "contract_term" else policy.benefit_months
    back = row.get("clawback") or 0
    last = row["ended_on"].replace(day=1) if row.get("ended_on") else None
    if row["class"] == "at_once" or (policy.expedient and term <= _AT_ONCE):
        yield first, "at_once", amount
        if back and last:
            yield last, "at_once", -back
        return
    left = amount
    for number, part in enumerate(parts_of(amount, [Fraction(amount, term)] * term)):
        month = months_after(first, number)
        if last is not None and month >= last:
            break
        left -= part
        yield month, "amortised", part
    if last is not None and (left or back):
        yield max(first, last), "written_off", left - back
        if back:
            yield max(first, last), "clawed_back", back


def roll_forward(schedule: pl.DataFrame) -> pl.DataFrame:
    """Return the asset month by month: opening + capitalised - expensed - recovered = closing.

    Columns out: month, opening, capitalised, amortised, written_off, clawed_back, closing,
    expensed_at_once (beside the asset); Int64 minor units, every month from the first to the last.
    A contract is capitalised in its first month, at all that it is amortised, written off and
    recovered later; nothing stays: the last closing is 0.
    """
    asset = schedule.filter(pl.col("kind") != "at_once")
    began = asset.group_by("contract_id").agg(
        pl.col("month").min(), pl.col("amount").sum().alias("amount")
    )
    frames = [
        began.select("month", pl.lit("capitalised").alias("kind"), "amount"),
        schedule.select("month", "kind", "amount"),
    ]
    sums = {
        (month, kind): amount
        for month, kind, amount in pl.concat(frames)
        .group_by("month", "kind")
        .agg(pl.col("amount").sum())
        .iter_rows()
    }
    rows, opening = [], 0
    month, last = schedule["month"].min(), schedule["month"].max()
    while isinstance(month, date) and isinstance(last, date) and month <= last:
        kinds = ("capitalised", "amortised", "written_off", "clawed_back", "at_once")
        capitalised, amortised, off, back, at_once = (sums.get((month, k), 0) for k in kinds)
        closing = opening + capitalised - amortised - off - back
        rows.append((month, opening, capitalised, amortised, off, back, closing, at_once))
        month, opening = months_after(month, 1), closing
    schema = {name: pl.Date if name == "month" else pl.Int64 for name in ROLL_COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _check(costs: pl.DataFrame) -> None:
    faults = []
    for row in costs.iter_rows(named=True):
        name, term = row["contract_id"], row["term_months"]
        if row["class"] not in CLASSES:
            faults.append(f"{name}: class '{row['class']}'")
        elif row["class"] == "contract_term" and (term is None or term < 1):
            faults.append(f"{name}: no term_months")
        if row["amount"] < 0 or (row.get("clawback") or 0) < 0:
            faults.append(f"{name}: a negative amount")
        if row.get("clawback") and not row.get("ended_on"):
            faults.append(f"{name}: a clawback without ended_on")
        ended = row.get("ended_on")
        if ended and ended < row["start"]:
            faults.append(f"{name}: it ends before it starts")
    if faults:
        raise PayError(
            "Contract costs cannot be scheduled.",
            found="; ".join(faults[:12]),
            do=f"Mend these rows; a class is one of {', '.join(CLASSES)}",
        )
