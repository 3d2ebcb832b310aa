"""How far back a client's data reaches: a time that it holds in part only is not compared with."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company

WON_ONLY = "{span}: {count:1 deal|{count} deals} won; the data has no amounts."
GRACE = 0.1  # of a window's length: what may be missing at its start
MONTH = timedelta(days=31)  # so long nothing may be decided at the start


def first_result(company: Company) -> date | None:
    """Return the first day on which a deal was decided or an order made, as far as is known.

    Earlier days may have had results too; the data does not tell them.
    """
    deals = company.table("opportunities").filter(pl.col("outcome") != "open")
    return _first(deals["closed_on"], company.table("orders")["date"])


def first_day(company: Company) -> date | None:
    """Return the first day on which anything is known to have happened to a deal or an order."""
    deals = company.table("opportunities")
    return _first(deals["created_on"], deals["closed_on"], company.table("orders")["date"])


def _first(*columns: pl.Series) -> date | None:
    days = (column.min() for column in columns)
    return min((day for day in days if isinstance(day, date)), default=None)


def reaches(company: Company, window: Window) -> bool:
    """Say whether the data holds a window whole.

    It begins in the first tenth of its days at the latest, and the first result falls there or in
    the first 31 days.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> first_day(example_company()), first_result(example_company())
    (datetime.date(2026, 1, 5), datetime.date(2026, 1, 15))
    >>> reaches(example_company(), Window(date(2026, 1, 1), date(2026, 4, 1)))
    True
    >>> reaches(example_company(), Window(date(2025, 10, 1), date(2026, 1, 1)))
    False
    """
    first, result = first_day(company), first_result(company)
    grace = timedelta(days=GRACE * (window.end - window.start).days)
    if first is None or result is None:
        return False
    return first <= window.start + grace and result <= window.start + max(grace, MONTH)


def amounts_told(company: Company) -> bool:
    """Say whether any deal has an amount, or there are none that might.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> amounts_told(example_company())
    True
    """
    amounts = company.table("opportunities")["amount"]
    return not amounts.len() or amounts.null_count() < amounts.len()
