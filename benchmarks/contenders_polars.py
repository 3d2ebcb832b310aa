"""The questions answered by hand in lazy polars (streaming), over Parquet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks import questions as q
from benchmarks.scale import LAST_DAY, STAGES

WON = pl.col("outcome") == "won"
LOST = pl.col("outcome") == "lost"
CYCLE = pl.col("closed_day") - pl.col("created_day")


@dataclass(frozen=True)
class Files:
    """The Parquet files, scanned anew by every question."""

    deals: pl.LazyFrame
    stints: pl.LazyFrame
    acts: pl.LazyFrame

    @property
    def closed(self) -> pl.LazyFrame:
        """Deals closed in the window."""
        return self.deals.filter(pl.col("outcome") != "open", _in_window("closed_day"))

    @property
    def won(self) -> pl.LazyFrame:
        """Deals won in the window."""
        return self.deals.filter(WON, _in_window("closed_day"))


def open_files(folder: Path) -> Files:
    names = ("opportunities", "stints", "activities")
    return Files(*(pl.scan_parquet(folder / f"{name}.parquet") for name in names))


def columns(answer: pl.DataFrame) -> q.Columns:
    return answer.to_dict(as_series=False)


def _in_window(day: str) -> pl.Expr:
    return pl.col(day).is_between(q.START, q.END, closed="left")


def _month(day: str) -> pl.Expr:
    return pl.from_epoch(pl.col(day), time_unit="d").dt.truncate("1mo")


def win_rate_count(files: Files) -> pl.LazyFrame:
    return files.closed.group_by("rep_id").agg(value=WON.mean(), n=pl.len()).sort("rep_id")


def win_rate_value(files: Files) -> pl.LazyFrame:
    won = pl.col("amount").filter(WON).sum()
    return (
        files.closed.group_by("rep_id")
        .agg(value=won / pl.col("amount").sum(), n=pl.len())
        .sort("rep_id")
    )


def win_rate_created(files: Files) -> pl.LazyFrame:
    cohorts = files.deals.filter(_in_window("created_day"))
    needed = files.deals.filter(WON).select(needed=CYCLE.quantile(0.9, "linear"))
    age = LAST_DAY + 1 - pl.col("month").dt.offset_by("1mo").cast(pl.Int32)
    return (
        cohorts.group_by(month=_month("created_day"))
        .agg(value=WON.mean(), n=pl.len())
        .join(needed, how="cross")
        .select("month", "value", "n", mature=age >= pl.col("needed"))
        .sort("month")
    )


def stage_conversion(files: Files) -> pl.LazyFrame:
    cohort = files.deals.filter(_in_window("created_day")).select("opportunity_id", "outcome")
    visits = files.stints.select("opportunity_id", "stage_rank")
    furthest = (
        cohort.join(visits, on="opportunity_id")
        .group_by("opportunity_id", "outcome")
        .agg(furthest=pl.col("stage_rank").max())
        .group_by("outcome", "furthest")
        .agg(deals=pl.len())
    )
    stages = pl.LazyFrame({"stage": STAGES, "rank": range(len(STAGES))})
    here = pl.col("furthest") == pl.col("rank")
    deals, still = pl.col("deals"), pl.col("outcome") == "open"
    return (
        furthest.join(stages, how="cross")
        .filter(WON | (pl.col("furthest") >= pl.col("rank")))
        .group_by("rank", "stage")
        .agg(
            entered=deals.sum(),
            lost=deals.filter(LOST & here).sum(),
            still_open=deals.filter(still & here).sum(),
        )
        .with_columns(advanced=pl.col("entered") - pl.col("lost") - pl.col("still_open"))
        .sort("rank")
    )


def time_in_stage(files: Files) -> pl.LazyFrame:
    days = pl.col("left_day") - pl.col("entered_day")
    ended = files.stints.filter(_in_window("left_day"))
    return ended.group_by("stage").agg(value=days.median(), n=pl.len()).sort("stage")


def cycle(files: Files) -> pl.LazyFrame:
    return (
        files.won.group_by("rep_id")
        .agg(
            value=CYCLE.median(),
            q1=CYCLE.quantile(0.25, "linear"),
            q3=CYCLE.quantile(0.75, "linear"),
            n=pl.len(),
        )
        .sort("rep_id")
    )


def velocity(files: Files) -> pl.LazyFrame:
    inside = _in_window("closed_day") & (pl.col("outcome") != "open")
    worked = files.deals.filter(
        pl.col("created_day") < q.END,
        (pl.col("outcome") == "open") | (pl.col("closed_day") >= q.START),
    )
    rate = (inside & WON).sum() / inside.sum()
    mean, days = (c.filter(inside & WON).mean() for c in (pl.col("amount"), CYCLE))
    return (
        worked.group_by("rep_id")
        .agg(value=pl.len() * rate * mean / days, n=pl.len())
        .sort("rep_id")
    )


def average_deal(files: Files) -> pl.LazyFrame:
    return (
        files.won.group_by("rep_id").agg(value=pl.col("amount").mean(), n=pl.len()).sort("rep_id")
    )


def per_customer(files: Files) -> pl.LazyFrame:
    customers = files.won.group_by("segment", "account_id").agg(pl.col("amount").sum())
    return (
        customers.group_by("segment").agg(value=pl.col("amount").mean(), n=pl.len()).sort("segment")
    )


def pipeline(files: Files) -> pl.LazyFrame:
    left = pl.col("left_day")
    standing = files.stints.filter(
        pl.col("entered_day") <= q.PAST_DAY, left.is_null() | (left > q.PAST_DAY)
    )
    return (
        standing.group_by("stage").agg(count=pl.len(), amount=pl.col("amount").sum()).sort("stage")
    )


def activity_ratios(files: Files) -> pl.LazyFrame:
    kinds = {"calls": "call", "meetings": "meeting", "proposals": "proposal"}
    done = files.acts.filter(_in_window("happened_day"))
    counted = done.group_by("rep_id", month=_month("happened_day")).agg(
        (pl.col("kind") == kind).sum().alias(name) for name, kind in kinds.items()
    )
    won = files.won.group_by("rep_id", month=_month("closed_day")).agg(won=pl.len())
    return (
        counted.join(won, on=["rep_id", "month"], how="full", coalesce=True)
        .with_columns(pl.col(*kinds, "won").fill_null(0))
        .with_columns(
            meetings_per_call=_ratio("meetings", "calls"),
            proposals_per_meeting=_ratio("proposals", "meetings"),
            won_per_proposal=_ratio("won", "proposals"),
        )
        .sort("rep_id", "month")
    )


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))


def lost_reasons(files: Files) -> pl.LazyFrame:
    lost = files.deals.filter(LOST, _in_window("closed_day"))
    counted = lost.group_by("lost_reason").agg(deals=pl.len())
    return counted.with_columns(value=pl.col("deals") / pl.col("deals").sum()).sort("lost_reason")


def won_amount(files: Files) -> pl.LazyFrame:
    by_month = files.won.group_by(month=_month("closed_day"))
    return by_month.agg(value=pl.col("amount").sum()).sort("month")


def _collected(made: Callable[[Files], pl.LazyFrame]) -> Callable[[Files], pl.DataFrame]:
    return lambda files: made(files).collect(engine="streaming")


ANSWERS = {
    question: _collected(made)
    for question, made in {
        q.WIN_RATE_COUNT: win_rate_count,
        q.WIN_RATE_VALUE: win_rate_value,
        q.WIN_RATE_CREATED: win_rate_created,
        q.CONVERSION: stage_conversion,
        q.TIME_IN_STAGE: time_in_stage,
        q.CYCLE: cycle,
        q.VELOCITY: velocity,
        q.AVERAGE_DEAL: average_deal,
        q.PER_CUSTOMER: per_customer,
        q.PIPELINE: pipeline,
        q.ACTIVITY_RATIOS: activity_ratios,
        q.LOST_REASONS: lost_reasons,
        q.WON_AMOUNT: won_amount,
    }.items()
}
