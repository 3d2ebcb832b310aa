"""The deals a comparison of people rests on: closed in the window, credited to an owner."""

from __future__ import annotations

from datetime import date

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company

EPOCH = date(1970, 1, 1)
NO_OWNER = "no owner"


def closed_deals(company: Company, window: Window) -> pl.DataFrame:
    """Return the good closed deals of a window with their owner at the close.

    Columns out: ``opportunity_id, rep_id, won`` (Int64: 1 won, 0 lost), ``amount`` (minor units,
    null: none), ``cycle_days`` (Int64, won deals with both dates, else null), and every other
    column of the deals. Made once per view of the company and window.
    """
    key = f"closed deals {window.start} to {window.end}"
    return company.once(key, lambda: _closed_deals(company, window))


def _closed_deals(company: Company, window: Window) -> pl.DataFrame:
    day = pl.col("closed_day")
    inside = (day >= (window.start - EPOCH).days) & (day < (window.end - EPOCH).days)
    deals = company.table("opportunities")
    closed = deals.filter(
        pl.col("outcome").is_in(["won", "lost"]) & inside & pl.col("rep_id").is_not_null()
    )
    cycle = pl.col("closed_day") - pl.col("created_day")
    won = pl.col("outcome") == "won"
    return closed.with_columns(
        won=won.cast(pl.Int64), cycle_days=pl.when(won & (cycle >= 0)).then(cycle)
    ).sort("rep_id", "opportunity_id")


def counts_by_rep(deals: pl.DataFrame) -> pl.DataFrame:
    """Return ``rep_id, won, lost, n`` (Int64), sorted by rep."""
    return (
        deals.group_by("rep_id")
        .agg(won=pl.col("won").sum(), n=pl.len().cast(pl.Int64))
        .with_columns(lost=pl.col("n") - pl.col("won"))
        .select("rep_id", "won", "lost", "n")
        .sort("rep_id")
    )
