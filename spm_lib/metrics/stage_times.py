"""Time in stage: how long deals stay, from visits that ended, and with open visits counted too."""

from __future__ import annotations

from dataclasses import replace

import narwhals.stable.v2 as nw

from spm_lib.metrics.cycles import KAPLAN_MEIER, MEDIAN_SOURCE, WEEKENDS, working_days
from spm_lib.metrics.definition import Classify, Context, Measure, flag, when_first
from spm_lib.metrics.durations import censored_quantile, quantile_of
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import Statistic
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

DAYS = ("entered_day", "left_day", "amount")
TEXTS = ("opportunity_id", "rep_id", "pipeline", "stage", "outcome", "next_outcome", "set_aside")


def visits(company: Company) -> nw.LazyFrame:
    """Return the visits to open stages, and the events set aside at intake that name such a stage.

    Columns out: opportunity_id, rep_id (owner then), pipeline, stage, outcome, next_outcome,
    set_aside, entered_day, left_day (null: still there), amount (minor units, on entering).
    """
    return nw.concat([good_visits(company), visits_aside(company)], how="vertical")


def good_visits(company: Company) -> nw.LazyFrame:
    """Return the visits to open stages, in the columns of ``visits``; none is set aside."""
    return _picked(company.rows("stints").filter(nw.col("outcome") == "open"))


def visits_aside(company: Company) -> nw.LazyFrame:
    """Return the events set aside at intake that name an open stage, in the same columns."""
    aside = ~nw.col("set_aside").is_null() & (nw.col("outcome") == "open")
    events = (
        company.rows("stage_events")
        .filter(aside)
        .with_columns(
            nw.lit(None, dtype=nw.String).alias("next_outcome"),
            nw.lit(None, dtype=nw.Int64).alias("left_day"),
        )
    )
    return _picked(events)


def _picked(rows: nw.LazyFrame) -> nw.LazyFrame:
    return rows.select(
        *(nw.col(c).cast(nw.String).alias(c) for c in TEXTS),
        *(nw.col(c).cast(nw.Int64).alias(c) for c in DAYS),
    )


def _ended(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    left = nw.col("left_day")
    days = (left - nw.col("entered_day")).cast(nw.Int64)
    return rows.with_columns(
        when_first(("still in the stage", left.is_null())).alias("_left_out"),
        days.alias("_value"),
        nw.col("entered_day").alias("_from_day"),
        left.alias("_to_day"),
    )


def _all_visits(rows: nw.LazyFrame, context: Context) -> nw.LazyFrame:
    left = nw.col("left_day")
    end = nw.when(left.is_null()).then(nw.lit(context.as_of_day)).otherwise(left)
    return rows.with_columns(
        when_first().alias("_left_out"),
        (end - nw.col("entered_day")).cast(nw.Int64).alias("_value"),
        flag(~left.is_null()).alias("_observed"),
    )


VARIANTS = (
    *("time_in_stage.median_days", "time_in_stage.median_working_days"),
    "time_in_stage.km_median_days",
)
WORKED = "Working days in [entered, left) by the client's week and public holidays"


def _declare(
    name: str, text: str, statistic: Statistic, classify: Classify, *, date: str, **more: str
) -> Measure:
    definition = MetricId(
        id=name,
        name=text,
        formula=more["formula"],
        numerator=more.get("numerator", "Calendar days from entering to leaving, per visit"),
        denominator=more["denominator"],
        unit="days",
        date_field=more["date_field"],
        null_rule=more.get("null_rule", "Null where no visit ended."),
        table="stints",
        room="metrics",
        source=more.get("source", MEDIAN_SOURCE),
        variants=tuple(v for v in VARIANTS if v != name),
        reading=more["reading"],
        dimensions=("rep_id", "account_id", "pipeline"),
    )
    made = Measure(definition, statistic, classify, date=date, rows=visits, always_by=("stage",))
    if definition.numerator == WORKED:
        made = replace(made, read_value=working_days)
    return declare(made)


_ENDED = {"denominator": "Visits that ended in the window", "date_field": "left_on"}
MEDIAN = _declare(
    "time_in_stage.median_days",
    "Median time in stage",
    quantile_of(0.5),
    _ended,
    date="left_day",
    formula="Median of the days from entering a stage to leaving it",
    reading=(
        "Half of the visits that ended took longer. Visits that still go on are not in it, so it "
        "is too short where many deals are stuck: compare the Kaplan-Meier variant."
    ),
    **_ENDED,
)
FIRST_QUARTILE = _declare(
    "time_in_stage.q1_days",
    "Lower quartile of the time in stage",
    quantile_of(0.25),
    _ended,
    date="left_day",
    formula="Lower quartile of the days from entering a stage to leaving it",
    reading="A quarter of the visits that ended took no longer than this.",
    **_ENDED,
)
THIRD_QUARTILE = _declare(
    "time_in_stage.q3_days",
    "Upper quartile of the time in stage",
    quantile_of(0.75),
    _ended,
    date="left_day",
    formula="Upper quartile of the days from entering a stage to leaving it",
    reading="A quarter of the visits that ended took longer than this.",
    **_ENDED,
)
WORKING_MEDIAN = _declare(
    "time_in_stage.median_working_days",
    "Median time in stage in working days",
    quantile_of(0.5),
    _ended,
    date="left_day",
    formula="Median of the working days from entering a stage to leaving it",
    numerator=WORKED,
    reading=WEEKENDS,
    **_ENDED,
)
WORKING_FIRST = _declare(
    "time_in_stage.q1_working_days",
    "Lower quartile of the time in stage in working days",
    quantile_of(0.25),
    _ended,
    date="left_day",
    formula="Lower quartile of the working days from entering a stage to leaving it",
    numerator=WORKED,
    reading=WEEKENDS,
    **_ENDED,
)
WORKING_THIRD = _declare(
    "time_in_stage.q3_working_days",
    "Upper quartile of the time in stage in working days",
    quantile_of(0.75),
    _ended,
    date="left_day",
    formula="Upper quartile of the working days from entering a stage to leaving it",
    numerator=WORKED,
    reading=WEEKENDS,
    **_ENDED,
)
_BEGAN = {
    "denominator": "Visits that began in the window",
    "date_field": "entered_on",
    "source": KAPLAN_MEIER,
    "reading": "Visits that still go on count for as long as they have lasted.",
}
SURVIVAL = _declare(
    "time_in_stage.km_median_days",
    "Median time in stage, open visits counted",
    censored_quantile(0.5),
    _all_visits,
    date="entered_day",
    formula="Kaplan-Meier median of the days from entering a stage to leaving it",
    null_rule="Null where fewer than half of the visits have ended by the longest stay seen.",
    **_BEGAN,
)
FIRST_SURVIVAL = _declare(
    "time_in_stage.km_q1_days",
    "Lower quartile of the time in stage, open visits counted",
    censored_quantile(0.25),
    _all_visits,
    date="entered_day",
    formula="Kaplan-Meier lower quartile of the days from entering a stage to leaving it",
    null_rule="Null where fewer than a quarter of the visits have ended by the longest stay seen.",
    **_BEGAN,
)
THIRD_SURVIVAL = _declare(
    "time_in_stage.km_q3_days",
    "Upper quartile of the time in stage, open visits counted",
    censored_quantile(0.75),
    _all_visits,
    date="entered_day",
    formula="Kaplan-Meier upper quartile of the days from entering a stage to leaving it",
    null_rule=(
        "Null where fewer than three quarters of the visits have ended by the longest stay seen."
    ),
    **_BEGAN,
)
