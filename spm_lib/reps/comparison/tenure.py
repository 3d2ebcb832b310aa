"""Tenure: who is still ramping, who has left, and how long each could sell in the window."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company

RAMP_DAYS = 180


def tenure(company: Company, window: Window, *, reps: pl.Series) -> pl.DataFrame:
    """Return tenure and exposure of the people given.

    Columns out: ``rep_id``, ``name`` (the id where there is none), ``since`` (Date: hired, or else
    the first deal seen), ``tenure_days`` (Int64, at the end of the window or as_of), ``ramping``
    (hired less than 180 days before that; null where the hire date is unknown), ``left`` (gone by
    as_of), ``days`` (Int64: days of the window on which the person was there).
    """
    end = min(window.end, company.as_of + timedelta(days=1))
    table = company.table("reps").select("rep_id", "name", "hired_on", "left_on")
    first = _first_seen(company)
    frame = (
        pl.DataFrame({"rep_id": reps})
        .join(table.unique("rep_id", maintain_order=True), on="rep_id", how="left")
        .join(first, on="rep_id", how="left", maintain_order="left")
    )
    since = pl.coalesce("hired_on", "_first")
    start = pl.max_horizontal(pl.col("hired_on"), pl.lit(window.start))
    stop = pl.min_horizontal(pl.col("left_on"), pl.lit(end))
    return frame.select(
        "rep_id",
        name=pl.coalesce("name", "rep_id"),
        since=since,
        tenure_days=(pl.lit(end) - since).dt.total_days(),
        ramping=(pl.lit(end) - pl.col("hired_on")).dt.total_days() < RAMP_DAYS,
        left=(pl.col("left_on") <= company.as_of).fill_null(value=False),
        days=(stop - start).dt.total_days().clip(lower_bound=1),
    )


def _first_seen(company: Company) -> pl.DataFrame:
    seen = pl.min_horizontal("created_on", "closed_on")
    deals = company.table("opportunities").select("rep_id", _first=seen).drop_nulls("rep_id")
    return deals.group_by("rep_id").agg(pl.col("_first").min())
