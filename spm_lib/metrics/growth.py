"""The magic number: how much more is won a year for what was spent a period before."""

from __future__ import annotations

from datetime import timedelta

import narwhals.stable.v2 as nw

from spm_lib.core.calendar import Window, window_before
from spm_lib.metrics.cost_ratios import BROUGHT_OVER_COST, SOURCE, beside_costs
from spm_lib.metrics.definition import Context, Measure, day_number, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.returns import won_money
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

NEITHER = "neither in the window nor in the one before"
MONTHS_A_YEAR = 12


def _months(window: Window) -> int | None:
    if window.start.day != 1 or window.end.day != 1:
        return None
    years = window.end.year - window.start.year
    return years * MONTHS_A_YEAR + window.end.month - window.start.month or None


def _a_year(window: Window) -> int:
    """Return how many times a window fits into a year, at least once."""
    months = _months(window)
    if months:
        return max(round(MONTHS_A_YEAR / months), 1)
    return max(round(365 / max(window.days, 1)), 1)


def _two_windows(rows: nw.LazyFrame, context: Context) -> nw.LazyFrame:
    window = context.window or _last_quarter(context.company)
    before, day = window_before(window), nw.col("_event_day")
    now = (day >= day_number(window.start)) & (day < day_number(window.end))
    then = (day >= day_number(before.start)) & (day < day_number(before.end))
    spent = nw.col("_brought") == 0
    counts = (spent & then) | (~spent & (now | then))
    times = _a_year(window)
    grown = nw.when(now).then(nw.col("_numerator") * times).otherwise(nw.col("_numerator") * -times)
    return rows.with_columns(
        nw.coalesce("_left_out", when_first((NEITHER, ~counts | day.is_null())), "_missing").alias(
            "_left_out"
        ),
        grown.cast(nw.Int64).alias("_numerator"),
    )


def _last_quarter(company: Company) -> Window:
    """Return the last quarter of the fiscal year that is over at as_of."""
    today = company.calendar.period_of(company.as_of + timedelta(days=1), "quarter")
    last = company.calendar.period_of(today.start - timedelta(days=1), "quarter")
    return Window(last.start, last.end)


MAGIC = declare(
    Measure(
        MetricId(
            id="magic_number",
            name="Magic number",
            formula="(Won amount - won amount of the window before) x windows a year / cost before",
            numerator="Growth of the won amount over the window before, for a year",
            denominator="All costs whose period starts in the window before",
            unit="ratio",
            date_field="closed_on, period_start",
            null_rule="Null where no cost was booked in the window before.",
            table="costs+opportunities",
            room="metrics",
            source=SOURCE,
            reading=(
                "Cost comes a window earlier than what it brings. Meant for revenue that comes "
                "again each period; of single sales it tells growth, not return. Without a window: "
                "the last quarter that is over."
            ),
            dimensions=("rep_id",),
        ),
        BROUGHT_OVER_COST,
        _two_windows,
        date="_event_day",
        rows=beside_costs(won_money),
        windowed=True,
        default_window=_last_quarter,
    )
)
