"""Cases: open deals as they stood on given days, with all that a rule may know of them by then."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.metrics.definition import day_number
from spm_lib.metrics.landmarks import KEY, stage_at, standing_at
from spm_lib.metrics.stages import pipeline_of, stage_list
from spm_lib.model import Company
from spm_lib.process.mistakes.needs import known_then
from spm_lib.process.mistakes.touches import deal_touches, lead_responses, with_touches

FIXED = ("account_id", "product_id", "source", "next_step")
EPOCH_DAY = pl.Int64


def past_cases(company: Company, marks: Sequence[int]) -> pl.DataFrame:
    """Return the deals that were open at the end of each day, as they stood then.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    marks
        Epoch days before ``as_of``.

    Returns
    -------
    polars.DataFrame
        One row per deal and day: ``opportunity_id, mark, rep_id, amount, planned, stage`` and what
        ``_facts`` adds. What no history tells is null, and so is what the data tells as it stands
        on the export's day only.
    """
    pairs = _pairs(company, marks)
    stood = standing_at(company, pairs).filter(pl.col("then") == "open")
    told = _first_told(company)
    stood = stood.join(told, on="opportunity_id", how="left", maintain_order="left")
    amount = (pl.col("amount_since") <= pl.col("mark")).fill_null(value=False)
    planned = (pl.col("planned_since") <= pl.col("mark")).fill_null(value=False)
    stood = stood.with_columns(
        amount=pl.when(amount).then("amount_then"),
        planned=pl.when(planned).then("planned_then"),
        amount_told=amount,
        planned_told=planned,
    )
    return _facts(company, stood, fixed=[c for c in FIXED if known_then(company, c)])


def today_cases(company: Company) -> pl.DataFrame:
    """Return the deals that are open at the end of ``as_of``, columns as in ``past_cases``."""
    today = day_number(company.as_of)
    deals = company.table("opportunities").filter(pl.col("outcome") == "open")
    frame = deals.select(
        "opportunity_id", "rep_id", "amount", planned="expected_day", mark=pl.lit(today, EPOCH_DAY)
    )
    moves = standing_at(company, frame).select(*KEY, "pushes", "handovers")
    frame = frame.join(moves, on=KEY, how="left", maintain_order="left").with_columns(
        amount_told=pl.col("amount").is_not_null(),
        planned_told=pl.col("planned").is_not_null(),
        amount_then=pl.col("amount"),
    )
    return _facts(company, frame, fixed=FIXED)


def _pairs(company: Company, marks: Sequence[int]) -> pl.DataFrame:
    """Return deals and days on which they were there and had not ended for good."""
    lives = company.changes.frame.group_by("opportunity_id", maintain_order=True).agg(
        began=pl.col("day").first(), ended=pl.col("day").last(), outcome=pl.col("outcome").last()
    )
    days = pl.DataFrame({"mark": pl.Series(marks, dtype=EPOCH_DAY)})
    there = pl.col("began") <= pl.col("mark")
    alive = (pl.col("outcome") == "open") | (pl.col("mark") < pl.col("ended"))
    return lives.join(days, how="cross").filter(there & alive).select(KEY)


def _first_told(company: Company) -> pl.DataFrame:
    """Return from which day on the history tells a deal's amount and its planned close."""
    events = company.table("stage_events")
    day = pl.col("entered_day")
    return events.group_by("opportunity_id", maintain_order=True).agg(
        amount_since=day.filter(pl.col("amount").is_not_null()).min(),
        planned_since=day.filter(pl.col("expected_day").is_not_null()).min(),
    )


def _facts(company: Company, frame: pl.DataFrame, *, fixed: Sequence[str]) -> pl.DataFrame:
    """Add stage, age, moves, touches, leads, twins and owner to deals as they stood."""
    deals = company.table("opportunities")
    blank = [pl.lit(None, deals.schema[c]).alias(c) for c in FIXED if c not in fixed]
    known = deals.select(
        "opportunity_id", "created_day", *fixed, pipeline=pipeline_of(company)
    ).with_columns(blank)
    frame = frame.join(known, on="opportunity_id", maintain_order="left")
    frame = _with_stages(company, frame)
    mark = pl.col("mark")
    frame = frame.with_columns(
        age=mark - pl.col("created_day"),
        in_stage=mark - pl.col("stage_since"),
        planned_quarter_end=_quarter_end(company, pl.col("planned")),
        cut_late=(pl.col("amount_then") < pl.col("stage_amount")).fill_null(value=False),
    )
    frame = with_touches(frame, deal_touches(company))
    frame = frame.join(
        lead_responses(company), on="opportunity_id", how="left", maintain_order="left"
    ).with_columns(
        response_days=pl.when(pl.col("response_day") <= mark).then("response_days"),
    )
    return _with_twins(_with_leavers(company, frame)).sort("mark", "opportunity_id")


def _with_stages(company: Company, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the stage, and whether a stage was skipped or gone back from by the day.

    A move to another pipeline is neither: stages of two pipelines have no order.
    """
    stages = stage_list(company).filter(pl.col("_rank") == pl.col("_last"))
    last = stages.select(pipeline="_pipe", stage_then="stage", last_stage=pl.lit(value=True))
    step = pl.col("next_rank") - pl.col("stage_rank")
    same = pl.col("pipeline") == pl.col("pipeline").shift(-1).over("opportunity_id")
    moves = (
        company.stints.sort("opportunity_id", "entered_day", "seq")
        .with_columns(pipeline_of(company))
        .filter((pl.col("next_outcome") == "open") & same)
        .group_by("opportunity_id", maintain_order=True)
        .agg(
            back_on=pl.col("left_day").filter(step < 0).min(),
            skipped_on=pl.col("left_day").filter(step > 1).min(),
        )
    )
    frame = frame.join(stage_at(company, frame), on=KEY, how="left", maintain_order="left")
    frame = frame.join(moves, on="opportunity_id", how="left", maintain_order="left")
    frame = frame.join(last, on=["pipeline", "stage_then"], how="left", maintain_order="left")
    return frame.with_columns(
        back=(pl.col("back_on") <= pl.col("mark")).fill_null(value=False),
        skipped=(pl.col("skipped_on") <= pl.col("mark")).fill_null(value=False),
        last_stage=pl.col("last_stage").fill_null(value=False),
    ).rename({"stage_then": "stage"})


def _quarter_end(company: Company, day: pl.Expr) -> pl.Expr:
    """Say whether an epoch day is the last one of a fiscal quarter."""
    date = pl.from_epoch(day, time_unit="d")
    start = company.settings.workspace.fiscal_year_start
    closing = (date.dt.month().cast(pl.Int64) - start) % 3 == 2
    return closing & (date.dt.month_end() == date)


def _with_leavers(company: Company, frame: pl.DataFrame) -> pl.DataFrame:
    """Add whether the owner had left by the day; null where there is no owner."""
    left = company.table("reps").select("rep_id", "left_day").unique("rep_id", maintain_order=True)
    frame = frame.join(left, on="rep_id", how="left", maintain_order="left")
    gone = (pl.col("left_day") <= pl.col("mark")).fill_null(value=False)
    return frame.with_columns(owner_gone=pl.when(pl.col("rep_id").is_not_null()).then(gone))


def _with_twins(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``twin_days``: how long before it another of the same customer and amount was created.

    The younger of two is the twin; of two created on one day, the one whose id comes later.
    """
    same = frame.filter(pl.col("amount_told")).select(
        "mark", "account_id", "amount", "created_day", "opportunity_id"
    ).drop_nulls()  # fmt: skip
    both = same.join(same, on=["mark", "account_id", "amount"], suffix="_other")
    apart = pl.col("created_day") - pl.col("created_day_other")
    by_id = pl.col("opportunity_id_other") < pl.col("opportunity_id")
    older = (apart > 0) | ((apart == 0) & by_id)
    twins = both.filter(older).group_by(KEY).agg(twin_days=apart.min())
    return frame.join(twins, on=KEY, how="left", maintain_order="left")
