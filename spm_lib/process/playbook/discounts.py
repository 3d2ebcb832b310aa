"""When discounts come: in which stage amounts are lowered, and how long after entering it."""

from __future__ import annotations

import polars as pl

from spm_lib.metrics.stages import pipeline_of
from spm_lib.model import Company

STAY = ("opportunity_id", "pipeline", "stage", "entered_day")


def discounts(company: Company) -> pl.DataFrame:
    """Return every time the amount of a deal was lowered, with the stage it was in until then.

    An amount that is lower with a move to another stage, or with the close, was lowered in the
    stage that the deal left: what was granted there is written down with the move. An amount of 0
    is no price, and what is written down with a loss was granted to nobody: neither counts.

    Columns out: ``opportunity_id, pipeline, stage, entered_day`` (of the visit), ``day``, ``cut``
    (share of the amount before). No rows where no history of amounts is told.
    """
    return company.once("amounts lowered", lambda: _lowered(company))


def _lowered(company: Company) -> pl.DataFrame:
    same = pl.col("opportunity_id") == pl.col("opportunity_id").shift(1)
    before = pl.col("amount").shift(1)
    falls = company.changes.frame.with_columns(cut=1 - pl.col("amount") / before).filter(
        same
        & (pl.col("amount") < before)
        & (pl.col("amount") > 0)
        & (pl.col("outcome").is_in(["open", "won"]))
    )
    visits = company.stints.filter(pl.col("outcome") == "open").select(
        "opportunity_id", pipeline_of(company), "stage", "entered_day", "seq"
    )
    both = (
        falls.select("opportunity_id", "day", "cut")
        .with_row_index("_at")
        .join(visits, on="opportunity_id")
        .filter(pl.col("entered_day") <= pl.col("day"))
    )
    earlier = pl.col("entered_day") < pl.col("day")
    # entered on that very day: only where the deal had been in no stage before
    ordered = both.sort("_at", earlier, "entered_day", "seq")
    return ordered.group_by("_at", maintain_order=True).last().select(*STAY, "day", "cut")


def ended_visits(company: Company, pipeline: str, stage: str, *, since: int) -> pl.DataFrame:
    """Return the ended visits to a stage that began on an epoch day or after it.

    Columns out: ``opportunity_id, rep_id, entered_day``, ``lowered`` (Float64, 1: the amount was
    lowered in it), ``waited`` (days from entering to the first time; null: it was not).
    """
    visits = company.stints.filter(
        (pl.col("stage") == stage)
        & (pl.col("outcome") == "open")
        & (pipeline_of(company) == pipeline)
        & (pl.col("entered_day") >= since)
        & pl.col("left_day").is_not_null()
    ).select("opportunity_id", "rep_id", "entered_day")
    mine = discounts(company).filter(pipeline=pipeline, stage=stage)
    first = mine.group_by("opportunity_id", "entered_day").agg(
        waited=(pl.col("day") - pl.col("entered_day")).min()
    )
    told = visits.join(first, on=["opportunity_id", "entered_day"], how="left",
                       maintain_order="left")  # fmt: skip
    return told.with_columns(lowered=pl.col("waited").is_not_null().cast(pl.Float64))
