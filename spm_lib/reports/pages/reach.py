"""How far back a client's data reaches: a time that it holds in part only is not compared with."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company

GRACE = 0.1  # of a window's length: what may be missing at its start


def first_result(company: Company) -> date | None:
    """Return the first day on which a deal was decided or an order made, as far as is known.

    Earlier days may have had results too; the data does not tell them.
    """
    deals = company.table("opportunities").filter(pl.col("outcome") != "open")
    days = [*deals["closed_on"].drop_nulls(), *company.table("orders")["date"].drop_nulls()]
    return min(days, default=None)


def reaches(company: Company, window: Window) -> bool:
    """Say whether the data holds a window whole, but for the first tenth of its days.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> first_result(example_company())
    datetime.date(2026, 1, 15)
    >>> reaches(example_company(), Window(date(2026, 1, 10), date(2026, 4, 1)))
    True
    >>> reaches(example_company(), Window(date(2025, 10, 1), date(2026, 1, 1)))
    False
    """
    first = first_result(company)
    grace = timedelta(days=GRACE * (window.end - window.start).days)
    return first is not None and first <= window.start + grace
