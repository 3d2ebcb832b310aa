"""Visits to open stages that ended: went forward or was lost, and in whose hands."""

from __future__ import annotations

import polars as pl

from spm_lib.model import Company


def ended_visits(company: Company, start: int, end: int) -> pl.DataFrame:
    """Return the visits that ended on the epoch days from ``start`` to before ``end``.

    A visit ends by going to a later stage (or won), or by being lost; going back is neither. It
    counts for who owned the deal when it ended. Without a history of stages there are none.

    Columns out: ``opportunity_id, stage, stage_rank, ender`` (rep; null: nobody), ``left_day,
    entered_day`` (epoch days), ``went`` (Boolean: forward).
    """
    if not company.has("stints"):
        return pl.DataFrame(schema=_SCHEMA)
    visits = company.stints.lazy().with_columns(
        ender=pl.when(~pl.col("is_last")).then(pl.col("rep_id").shift(-1))
    )
    forward = (pl.col("next_outcome") == "won") | (
        (pl.col("next_outcome") == "open") & (pl.col("next_rank") > pl.col("stage_rank"))
    )
    lost = pl.col("next_outcome") == "lost"
    inside = (pl.col("left_day") >= start) & (pl.col("left_day") < end)
    ended = visits.filter((pl.col("outcome") == "open") & inside & (forward | lost)).select(
        "opportunity_id", "stage", "stage_rank", "ender", "left_day", "entered_day", went=forward
    )
    return ended.collect()


_SCHEMA = {
    "opportunity_id": pl.String,
    "stage": pl.String,
    "stage_rank": pl.Int64,
    "ender": pl.String,
    "left_day": pl.Int64,
    "entered_day": pl.Int64,
    "went": pl.Boolean,
}
