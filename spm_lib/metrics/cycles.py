"""The sales cycle: days from created to close, in calendar and working days, open deals too."""

from __future__ import annotations

from datetime import timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.deals import OPPORTUNITY_DIMENSIONS, outcome_is
from spm_lib.metrics.definition import EPOCH, Context, Measure, flag, when_first
from spm_lib.metrics.durations import censored_quantile, quantile_of
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import MEAN, Statistic
from spm_lib.model.registry import MetricId

UNCREATED = "no created date"
UNCLOSED = "no close date"
BACKWARDS = "closed before created"
WEEKENDS = "Weekends and public holidays do not count."
KAPLAN_MEIER = "Kaplan and Meier 1958; log-log bounds (Kalbfleisch and Prentice 2002)."
MEDIAN_SOURCE = "Interval by order statistics (Conover 1999); none below 6 deals."


def _won_cycle(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    created, closed = nw.col("created_day"), nw.col("closed_day")
    days = (closed - created).cast(nw.Int64)
    return rows.with_columns(
        when_first(*outcome_is("won")).alias("_left_out"),
        when_first(
            (UNCREATED, created.is_null()),
            (UNCLOSED, closed.is_null()),
            (BACKWARDS, closed < created),
        ).alias("_missing"),
        days.alias("_value"),
        days.alias("_numerator"),
        nw.lit(1).alias("_denominator"),
        created.alias("_from_day"),
        closed.alias("_to_day"),
    )


def _all_deals(rows: nw.LazyFrame, context: Context) -> nw.LazyFrame:
    closed = nw.col("outcome") != "open"
    end = nw.when(closed).then(nw.col("closed_day")).otherwise(nw.lit(context.as_of_day))
    days = (end - nw.col("created_day")).cast(nw.Int64)
    return rows.with_columns(
        when_first((UNCREATED, nw.col("created_day").is_null())).alias("_left_out"),
        when_first(
            (UNCLOSED, closed & nw.col("closed_day").is_null()), (BACKWARDS, days < 0)
        ).alias("_missing"),
        days.alias("_value"),
        flag(closed).alias("_observed"),
    )


def working_days(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Add ``_value``: working days in [from, to) of the workspace's calendar.

    Columns in: ``_key__from_day``, ``_key__to_day`` (epoch days; null where the row is set aside).
    """
    first, last = frame["_key__from_day"].min(), frame["_key__to_day"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("_value"))
    calendar = context.company.calendar
    days = calendar.frame(EPOCH + timedelta(first), EPOCH + timedelta(last + 1))
    worked = days.select("day", "working_index")
    for name in ("from", "to"):
        renamed = worked.rename({"day": f"_key__{name}_day", "working_index": f"_{name}"})
        frame = frame.join(renamed, on=f"_key__{name}_day", how="left")
    return frame.with_columns((pl.col("_to") - pl.col("_from")).alias("_value")).drop(
        "_from", "_to"
    )


VARIANTS = (
    *("cycle.won.median_days", "cycle.won.mean_days", "cycle.won.median_working_days"),
    "cycle.closed.km_median_days",
)


def _others(name: str) -> tuple[str, ...]:
    return tuple(variant for variant in VARIANTS if variant != name)


def _declare(
    name: str,
    text: str,
    statistic: Statistic,
    *,
    formula: str,
    reading: str,
    source: str = MEDIAN_SOURCE,
    working: bool = False,
) -> Measure:
    calendar_days = "Calendar days from created to won, per won deal"
    worked = "Working days in [created, won) by the client's week and public holidays"
    definition = MetricId(
        id=name,
        name=text,
        formula=formula,
        numerator=worked if working else calendar_days,
        denominator="Deals won in the window that have both dates",
        unit="days",
        date_field="closed_on",
        null_rule="Null where no deal with both dates was won.",
        table="opportunities",
        room="metrics",
        source=source,
        variants=_others(name),
        reading=reading,
        dimensions=OPPORTUNITY_DIMENSIONS,
    )
    counted = working_days if working else None
    made = Measure(definition, statistic, _won_cycle, date="closed_day", read_value=counted)
    return declare(made)


WON_MEDIAN = _declare(
    "cycle.won.median_days",
    "Median won cycle",
    quantile_of(0.5),
    formula="Median of the days from created to won",
    reading=(
        "Half of the won deals took longer. Deals closed before they were created are set aside."
    ),
)
WON_FIRST_QUARTILE = _declare(
    "cycle.won.q1_days",
    "Lower quartile of the won cycle",
    quantile_of(0.25),
    formula="Lower quartile of the days from created to won",
    reading="A quarter of the won deals took no longer than this.",
)
WON_THIRD_QUARTILE = _declare(
    "cycle.won.q3_days",
    "Upper quartile of the won cycle",
    quantile_of(0.75),
    formula="Upper quartile of the days from created to won",
    reading="A quarter of the won deals took longer than this.",
)
WON_MEAN = _declare(
    "cycle.won.mean_days",
    "Mean won cycle",
    MEAN,
    formula="Mean of the days from created to won",
    source="Mean with a t interval (Cochran 1977); no interval without a spread.",
    reading="A few very long deals pull the mean up; the median says what is usual.",
)
WON_WORKING = _declare(
    "cycle.won.median_working_days",
    "Median won cycle in working days",
    quantile_of(0.5),
    formula="Median of the working days from created to won",
    reading=WEEKENDS,
    working=True,
)
WON_FIRST_WORKING = _declare(
    "cycle.won.q1_working_days",
    "Lower quartile of the won cycle in working days",
    quantile_of(0.25),
    formula="Lower quartile of the working days from created to won",
    reading=WEEKENDS,
    working=True,
)
WON_THIRD_WORKING = _declare(
    "cycle.won.q3_working_days",
    "Upper quartile of the won cycle in working days",
    quantile_of(0.75),
    formula="Upper quartile of the working days from created to won",
    reading=WEEKENDS,
    working=True,
)


def _declare_survival(name: str, text: str, quantile: float, *, formula: str, rule: str) -> Measure:
    return declare(
        Measure(
            MetricId(
                id=name,
                name=text,
                formula=formula,
                numerator="Days from created to the decision, or to as_of while open",
                denominator="Deals created in the window",
                unit="days",
                date_field="created_on",
                null_rule=rule,
                table="opportunities",
                room="metrics",
                source=KAPLAN_MEIER,
                variants=_others(name),
                reading=(
                    "Open deals count for as long as they have been open, so that slow deals "
                    "are not left out."
                ),
                dimensions=OPPORTUNITY_DIMENSIONS,
            ),
            censored_quantile(quantile),
            _all_deals,
            date="created_day",
        )
    )


CLOSED_SURVIVAL = _declare_survival(
    "cycle.closed.km_median_days",
    "Median time to a decision, open deals counted",
    0.5,
    formula="Kaplan-Meier median of the days from created to won or lost",
    rule="Null where fewer than half of the deals are decided by the longest age seen.",
)
CLOSED_FIRST_SURVIVAL = _declare_survival(
    "cycle.closed.km_q1_days",
    "Lower quartile of the time to a decision, open deals counted",
    0.25,
    formula="Kaplan-Meier lower quartile of the days from created to won or lost",
    rule="Null where fewer than a quarter of the deals are decided by the longest age seen.",
)
CLOSED_THIRD_SURVIVAL = _declare_survival(
    "cycle.closed.km_q3_days",
    "Upper quartile of the time to a decision, open deals counted",
    0.75,
    formula="Kaplan-Meier upper quartile of the days from created to won or lost",
    rule="Null where fewer than three quarters of the deals are decided by the longest age seen.",
)
