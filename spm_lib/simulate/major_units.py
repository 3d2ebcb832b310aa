"""Money as clients write it: decimal major units instead of integer minor ones."""

from __future__ import annotations

import polars as pl

MONEY = {
    "opportunities": "amount",
    "stage_events": "amount",
    "targets": "value",
    "costs": "amount",
    "forecast_calls": "amount",
    "products": "price",
}


def in_major_units(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return frames with their money as Decimal in ILS, as `company_from_frames` takes it.

    Examples
    --------
    >>> table = pl.DataFrame({"period_start": ["2026-01-01"], "amount": [123_45]})
    >>> in_major_units({"costs": table})["costs"]["amount"].to_list()
    [Decimal('123.45')]
    """
    return {name: _major(name, frame) for name, frame in frames.items()}


def _major(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    if name not in MONEY:
        return frame
    amount = pl.col(MONEY[name]).cast(pl.Decimal(20, 2)) / 100
    return frame.with_columns(amount.cast(pl.Decimal(20, 2)).alias(MONEY[name]))
