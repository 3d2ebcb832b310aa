"""In how many months a new customer pays what winning him cost."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.core.money import exponent
from spm_lib.metrics import measure
from spm_lib.metrics.returns import payback_months
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, declaring, of_all

MONTH = 365.25 / 12  # days
ID = "cac.payback_months"


def customer_payback(company: Company, *, window: Any = None) -> Figure | None:
    """Return CAC over a customer's gross profit per month; null where the data does not tell it.

    A customer's gross profit per month is that of all order lines of the window over the customers
    who bought in it and its months. The interval is that of the CAC.

    Parameters
    ----------
    company
        Whose costs, won deals and order lines with their cost and customer are needed.
    window
        As for any metric; default: that of the company.
    """
    if not all(company.has("orders", c) for c in ("account_id", "cost")) or not company.has(
        "costs"
    ):
        return None
    span = read_window(window, company.calendar) or company.default_window()
    try:
        cac = measure(company, "cac", window=span).figures()[0]
    except MetricError:
        return None
    profit = measure(company, "orders.gross_profit", window=span).frame["value"][0]
    bought = pl.col("date").is_between(span.start, span.end, closed="left")
    customers = company.table("orders").filter(bought)["account_id"].drop_nulls().n_unique()
    if cac.value is None or profit is None or not customers:
        return None
    months = (span.end - span.start).days / MONTH
    major = float(profit) / 10 ** exponent(company.currency) / customers / months
    ends = [_months(end, major) for end in (cac.value, cac.low, cac.high)]
    return Figure(ID, unit="number", value=ends[0], low=ends[1], high=ends[2], n=cac.n,
                  as_of=cac.as_of, window=cac.window, receipt=cac.receipt)  # fmt: skip


def _months(cost: str | None, monthly: float) -> str | None:
    found = None if cost is None else payback_months(cost, monthly, 1)
    return None if found is None else f"{float(found):.6f}"


def _all(company: Company, window: Any) -> list[Figure]:
    found = customer_payback(company, window=window)
    return [found] if found is not None else []


def declare_payback_id() -> None:
    """Put the id of the payback of a new customer into the registry."""
    declaring("segments", compute=of_all(_all), table="costs+opportunities")(
        ID,
        "Months until a new customer has paid what winning him cost",
        "cost of winning a customer / (gross profit of the orders per customer and month)",
        unit="number",
        date_field="closed_on, period_start, date",
        null_rule="Null without costs, won customers, or order lines with customer and cost.",
        reading="The interval is that of the cost of winning a customer.",
    )
