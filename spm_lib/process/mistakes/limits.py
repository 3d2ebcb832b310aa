"""What is usual, learned from the company's own won deals, as known on each day it is applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from spm_lib.metrics.landmarks import standing_at
from spm_lib.metrics.stages import pipeline_of
from spm_lib.model import Company
from spm_lib.process.mistakes.rule import Limit, Rule
from spm_lib.process.mistakes.touches import deal_touches, firsts, lead_responses

FEWEST_WON = 20  # won deals from which a quantile is learned
Source = Literal["stage", "all", "stated"]
Stage = tuple[str, str]  # pipeline, and the stage of it
SCHEMA = {
    "rule": pl.String,
    "mark": pl.Int64,
    "pipeline": pl.String,
    "stage": pl.String,
    "limit": pl.Float64,
    "won": pl.Int64,
    "source": pl.String,
}
_MEASURES = {
    "opportunity_id": pl.String,
    "measure": pl.String,
    "pipeline": pl.String,
    "stage": pl.String,
    "closed_day": pl.Int64,
    "value": pl.Float64,
}


def won_measures(company: Company) -> pl.DataFrame:
    """Return what won deals did, as known at ``as_of``: what limits are learned from.

    Columns out: ``opportunity_id, measure, pipeline, stage`` (null: of the deal as a whole),
    ``closed_day, value``. Measures are ``age`` (creation to close), ``in_stage``, ``quiet_days``
    (longest time without a touch in the stage), ``pushes`` (on leaving the stage), ``to_close``
    (entering a stage to the close), ``handovers``, ``response_days``, ``second_gap`` (first to
    second touch), and the days to the first of each kind of touch (see ``firsts``). Days without a
    value do not count.
    """
    deals = company.table("opportunities").filter(
        (pl.col("outcome") == "won") & pl.col("closed_day").is_not_null()
    )
    deals = deals.select(
        "opportunity_id", "created_day", "closed_day", pipeline=pipeline_of(company)
    )
    touches = deal_touches(company).join(
        deals.select("opportunity_id", "closed_day"), on="opportunity_id", maintain_order="left"
    )
    touches = touches.filter(pl.col("day") <= pl.col("closed_day"))
    parts = [_of_deals(company, deals, touches), *_of_stages(company, deals, touches)]
    typed = [pl.col(name).cast(kind) for name, kind in _MEASURES.items()]
    return pl.concat(part.select(typed) for part in parts).drop_nulls("value")


def _of_deals(company: Company, deals: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    moves = standing_at(company, deals.with_columns(mark="closed_day"))
    told = (
        deals.join(firsts(touches), on="opportunity_id", how="left", maintain_order="left")
        .join(lead_responses(company), on="opportunity_id", how="left", maintain_order="left")
        .join(moves.select("opportunity_id", "handovers"), on="opportunity_id", how="left",
              maintain_order="left")
        .with_columns(
            age=pl.col("closed_day") - pl.col("created_day"),
            second_gap=pl.col("second_touch") - pl.col("first_touch"),
        )
    )  # fmt: skip
    keys = ["opportunity_id", "pipeline", "closed_day"]
    return told.drop("created_day", "response_day").unpivot(
        index=keys, variable_name="measure"
    ).with_columns(stage=pl.lit(None, dtype=pl.String))  # fmt: skip


def _of_stages(
    company: Company, deals: pl.DataFrame, touches: pl.DataFrame
) -> tuple[pl.DataFrame, ...]:
    visits = company.stints.filter(pl.col("outcome") == "open").select(
        "opportunity_id", "stage", "entered_day", "left_day", pipeline=pipeline_of(company)
    )
    deals = deals.drop("pipeline")
    visits = visits.join(deals, on="opportunity_id", maintain_order="left").filter(
        pl.col("left_day") <= pl.col("closed_day")
    )
    moves = standing_at(company, visits.select("opportunity_id", mark="left_day").unique())
    told = visits.join(
        moves.select("opportunity_id", "pushes", left_day="mark"),
        on=["opportunity_id", "left_day"], how="left", maintain_order="left",
    ).with_columns(
        in_stage=pl.col("left_day") - pl.col("entered_day"),
        to_close=pl.col("closed_day") - pl.col("entered_day"),
    )  # fmt: skip
    keys = ["opportunity_id", "pipeline", "stage", "closed_day"]
    long = told.select(*keys, "in_stage", "to_close", "pushes").unpivot(
        index=keys, variable_name="measure"
    )
    return long, _quiet(visits, touches)


def _quiet(visits: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Return the longest time without a touch while in each visited stage, touch or leave ends it.

    What began before the stage was entered counts in full: so it looks on the day itself.
    """
    keys = ["opportunity_id", "pipeline", "stage", "closed_day", "entered_day", "left_day"]
    keys = [*keys, "created_day"]
    acts = touches.select("opportunity_id", "day", "before")
    within = visits.join(acts, on="opportunity_id", how="left", maintain_order="left").filter(
        pl.col("day").is_null() | (pl.col("day") <= pl.col("left_day"))
    )
    ended = pl.when(pl.col("day") >= pl.col("entered_day")).then(pl.col("day") - pl.col("before"))
    last = pl.col("day").max().fill_null(pl.col("created_day").first())
    told = within.group_by(keys, maintain_order=True).agg(gap=ended.max(), last=last)
    alone = visits.select(keys).join(told, on=keys, how="left", maintain_order="left")
    since = pl.coalesce("last", "created_day")
    value = pl.max_horizontal("gap", pl.col("left_day") - since)
    return alone.with_columns(value=value, measure=pl.lit("quiet_days"))


def learned_limits(
    company: Company, rules: Sequence[Rule], marks: Sequence[int], *, stages: Sequence[Stage]
) -> pl.DataFrame:
    """Return each rule's limit on each day, learned from the deals won by the end of that day.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    rules
        Those without a limit are passed over.
    marks
        Epoch days.
    stages
        The open stages, each with its pipeline; a stage in which fewer than 20 won deals were seen
        takes the limit of its whole pipeline, and with fewer than 20 won deals there the stated one
        is taken: deals of another pipeline are never learned from.

    Returns
    -------
    polars.DataFrame
        ``rule, mark, pipeline, stage`` (null: the same in all stages of it), ``limit, won`` (won
        deals behind it), ``source`` ("stage", "all" or "stated").
    """
    wanted = [(r.id, r.limit) for r in rules if r.limit]
    if not wanted or not marks:
        return pl.DataFrame(schema=SCHEMA)
    known = company.once("won measures", lambda: won_measures(company))
    days = pl.DataFrame({"mark": pl.Series(sorted(set(marks)), dtype=pl.Int64)})
    found = [_limits(rule, limit, known, days, stages) for rule, limit in wanted]
    return pl.concat(found).select(list(SCHEMA))


def _limits(
    rule: str, limit: Limit, known: pl.DataFrame, days: pl.DataFrame, stages: Sequence[Stage]
) -> pl.DataFrame:
    mine = known.filter(pl.col("measure") == limit.measure)
    seen = days.join_where(mine, pl.col("closed_day") <= pl.col("mark"))
    whole = ["mark", "pipeline"]
    of_all = _quantiles(seen, limit, whole).select(*whole, all="limit", all_won="won")
    schema = {"pipeline": pl.String, "stage": pl.String}
    places = pl.DataFrame(list(stages), schema=schema, orient="row")
    if limit.by_stage:
        keys = [*whole, "stage"]
        frame = days.join(places, how="cross")
        frame = frame.join(_quantiles(seen, limit, keys), on=keys, how="left",
                           maintain_order="left")  # fmt: skip
    else:
        pipelines = places.select(pl.col("pipeline").unique(maintain_order=True))
        frame = days.join(pipelines, how="cross")
        frame = frame.with_columns(stage=pl.lit(None, pl.String), limit=None, won=None)
    frame = frame.join(of_all, on=whole, how="left", maintain_order="left")
    enough = [(pl.col(c) >= FEWEST_WON).fill_null(value=False) for c in ("won", "all_won")]

    def chosen(of_stage: pl.Expr, of_all: pl.Expr, stated: pl.Expr) -> pl.Expr:
        return pl.when(enough[0]).then(of_stage).when(enough[1]).then(of_all).otherwise(stated)

    value = chosen(pl.col("limit").cast(pl.Float64), pl.col("all"), pl.lit(limit.stated))
    return frame.with_columns(
        rule=pl.lit(rule),
        limit=pl.max_horizontal(value, pl.lit(limit.least)),
        won=chosen(pl.col("won").cast(pl.Int64), pl.col("all_won"), pl.lit(0)).cast(pl.Int64),
        source=chosen(pl.lit("stage"), pl.lit("all"), pl.lit("stated")),
    ).select(list(SCHEMA))


def _quantiles(seen: pl.DataFrame, limit: Limit, keys: Sequence[str]) -> pl.DataFrame:
    side = "higher" if limit.quantile > 0.5 else "lower"
    return seen.group_by(keys).agg(
        limit=pl.col("value").quantile(limit.quantile, side),
        won=pl.col("opportunity_id").n_unique().cast(pl.Int64),
    )
