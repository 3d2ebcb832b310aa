"""The three questions in lazy polars (streaming) by hand: on the raw events, and on the stints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.ahead.asked import FUNNEL, MAP, SNAPSHOTS, Rows, month_ends
from benchmarks.ahead.files import EVENTS, stint_files
from benchmarks.questions import END, START
from benchmarks.span import STAGES

RANK = {stage: rank for rank, stage in enumerate(STAGES)}
COUNTS = ("entered", "advanced", "lost", "still_open", "middle")


@dataclass(frozen=True)
class Read:
    """Visits to open stages (opportunity_id, stage, day, left_day, amount, next_stage), lazily.

    ``cohort`` are the deals created in the window: opportunity_id, outcome, furthest.
    """

    visits: pl.LazyFrame
    cohort: pl.LazyFrame


def of_events(folder: Path) -> Read:
    events = pl.scan_parquet(folder / EVENTS)
    one = {"partition_by": "opportunity_id", "order_by": ["day", "seq"]}
    visits = events.with_columns(
        next_stage=pl.col("stage").shift(-1).over(**one),
        left_day=pl.col("day").shift(-1).over(**one),
    ).filter(pl.col("stage").is_in(STAGES))
    stage = pl.col("stage")
    rank = stage.replace_strict(RANK, default=None, return_dtype=pl.Int64)
    deals = (
        events.group_by("opportunity_id")
        .agg(
            created=pl.col("day").min(),
            furthest=rank.max(),
            won=(stage == "Won").any(),
            lost=(stage == "Lost").any(),
        )
        .filter(_in_window("created"))
    )
    outcome = pl.when("won").then(pl.lit("won")).when("lost").then(pl.lit("lost"))
    return Read(visits, deals.with_columns(outcome=outcome.otherwise(pl.lit("open"))))


def of_stints(folder: Path) -> Read:
    files = stint_files(folder)
    stints = pl.scan_parquet(files["stints"]).filter(pl.col("outcome") == "open")
    good = pl.scan_parquet(files["opportunities"]).filter(
        pl.col("set_aside").is_null(), _in_window("created_day")
    )
    reached = (
        good.select("opportunity_id", deal="outcome")
        .join(stints.select("opportunity_id", "stage_rank"), on="opportunity_id")
        .group_by("opportunity_id", outcome="deal")
        .agg(furthest=pl.col("stage_rank").max())
    )
    return Read(stints.rename({"entered_day": "day"}), reached)


def _in_window(day: str) -> pl.Expr:
    return pl.col(day).is_between(START, END, closed="left")


def funnel(read: Read) -> Rows:
    stages = pl.LazyFrame({"stage": STAGES, "rank": range(len(STAGES))})
    won, here = pl.col("outcome") == "won", pl.col("furthest") == pl.col("rank")
    number = pl.col("number")
    counted = read.cohort.group_by("outcome", "furthest").agg(number=pl.len().cast(pl.Int64))
    flow = (
        counted.join(stages, how="cross")
        .filter(won | (pl.col("furthest") >= pl.col("rank")))
        .group_by("rank", "stage")
        .agg(
            entered=number.sum(),
            lost=number.filter((pl.col("outcome") == "lost") & here).sum(),
            still_open=number.filter((pl.col("outcome") == "open") & here).sum(),
        )
        .with_columns(advanced=pl.col("entered") - pl.col("lost") - pl.col("still_open"))
    )
    waited = read.visits.filter(_in_window("left_day")).group_by("stage")
    days = waited.agg(middle=(pl.col("left_day") - pl.col("day")).median())
    return flow.join(days, on="stage").select("stage", *COUNTS).collect(engine="streaming").rows()


def snapshots(read: Read) -> Rows:
    one = pl.lit(1, pl.Int64)
    came = read.visits.select("stage", "day", "amount", number=one)
    gone = read.visits.filter(pl.col("left_day").is_not_null())
    gone = gone.select("stage", -pl.col("amount"), day="left_day", number=-one)
    columns = ("stage", "day", "amount", "number")
    changes = pl.concat([came.select(columns), gone.select(columns)])
    by_day = changes.group_by("stage", "day").agg(pl.col("number", "amount").sum())
    ends = pl.LazyFrame(list(month_ends().items()), schema=["month", "last"], orient="row")
    return (
        by_day.join(ends, how="cross")
        .filter(pl.col("day") <= pl.col("last"))
        .group_by("month", "stage")
        .agg(pl.col("number", "amount").sum())
        .collect(engine="streaming")
        .rows()
    )


def moves(read: Read) -> Rows:
    days = pl.col("left_day") - pl.col("day")
    known = read.visits.filter(pl.col("next_stage").is_not_null())
    found = known.group_by("stage", "next_stage").agg(moves=pl.len(), middle=days.median())
    return found.collect(engine="streaming").rows()


ANSWERS: dict[str, Callable[[Read], Rows]] = {FUNNEL: funnel, SNAPSHOTS: snapshots, MAP: moves}
ON_EVENTS = (of_events, ANSWERS)
ON_STINTS = (of_stints, ANSWERS)
