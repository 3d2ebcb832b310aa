"""The targets of the past year, and how much of them each person reached."""

from __future__ import annotations

import polars as pl

from spm_lib.metrics import measure
from spm_lib.model import Company

_REACHED = {"won.amount": "attainment", "orders.amount": "attainment.orders"}
_PAST = {"rep_id": pl.String, "last_target": pl.Int64, "attainment": pl.Float64}


def past_targets(company: Company, metric: str) -> pl.DataFrame:
    """Return the past year's targets: ``rep_id, last_target, attainment``.

    ``last_target`` adds up the targets whose periods lie in the last twelve whole months; null
    where they are not of the whole year. Without targets of the metric nobody is in it.
    """
    year = company.default_window()
    inside = (pl.col("period_start") >= year.start) & (pl.col("period_end") <= year.end)
    own = company.table("targets").filter(
        pl.col("rep_id").is_not_null() & pl.col("metric").fill_null("won.amount").eq(metric), inside
    )
    if own.is_empty():
        return pl.DataFrame(schema=_PAST)
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    sums = own.group_by("rep_id").agg(pl.col("value").sum(), days=days.sum())
    whole = pl.when(pl.col("days") == year.days).then("value")
    told = sums.select("rep_id", last_target=whole)
    reached = _REACHED.get(metric)
    if reached is None:
        return told.with_columns(attainment=pl.lit(None, pl.Float64)).select(list(_PAST))
    found = measure(company, reached, by="rep_id", window=year).frame
    values = found.select("rep_id", attainment=pl.col("value").cast(pl.Float64))
    return told.join(values, on="rep_id", how="left").select(list(_PAST))
