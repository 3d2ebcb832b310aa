"""Columns that only closed deals have filled: they follow from the outcome and explain nothing."""

from __future__ import annotations

import polars as pl

FILLED_AT_CLOSE = 0.3
FEWEST = 20


def filled_at_close(deals: pl.DataFrame, name: str) -> bool:
    """Say whether closed deals have a column filled far more often than open ones.

    Columns in: ``outcome`` and the column. With fewer than twenty open or closed deals: no.

    Examples
    --------
    >>> deals = pl.DataFrame({"outcome": ["open"] * 20 + ["won"] * 20,
    ...     "why": [None] * 20 + ["price"] * 20})
    >>> filled_at_close(deals, "why")
    True
    """
    is_open = deals["outcome"] == "open"
    open_, closed = deals[name].filter(is_open), deals[name].filter(~is_open)
    if open_.len() < FEWEST or closed.len() < FEWEST:
        return False
    return open_.null_count() / open_.len() - closed.null_count() / closed.len() > FILLED_AT_CLOSE
