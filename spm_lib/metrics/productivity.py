"""What people win in the months in which they are there to win it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.metrics.cost_ratios import SOURCE, SUM_OF_CHANCE
from spm_lib.metrics.deals import NO_AMOUNT, outcome_is
from spm_lib.metrics.definition import EPOCH, Context, Measure, when_first
from spm_lib.metrics.dimensions import DATED, look_up, read_dimensions
from spm_lib.metrics.measure import declare
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.windows import GRAINS
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

_KEYS = ("window_start", "window_end")


def head_months(
    company: Company, windows: pl.DataFrame, *, groups: Sequence[str] = ()
) -> pl.DataFrame:
    """Return in how many months people were there: groups..., window_start, window_end, heads.

    A person counts in each month of a window on whose first day he had been hired and had not left;
    who has no day of hiring counts from the start. Months that begin after as_of do not count.
    Columns in: window_start, window_end (null: no months). Without a table of people: no rows.

    Raises
    ------
    MetricError
        If a group says nothing of people, such as a product.
    """
    people = company.table("reps").select("rep_id", "hired_on", "left_on")
    months = _months(windows, company.as_of)
    there = people.join(months, how="cross").filter(
        (pl.col("hired_on") <= pl.col("month")).fill_null(value=True),
        (pl.col("left_on") > pl.col("month")).fill_null(value=True),
    )
    day = pl.col("month").cast(pl.Int32).cast(pl.Int64).alias("_day")
    try:
        dimensions = read_dimensions(groups, company=company, columns=["rep_id"], always=())
    except MetricError as cause:
        raise MetricError(
            "Months of people are known by person and team, not by such a column.",
            found=", ".join(groups),
            do=f"Break down by rep_id, {', '.join(DATED)} or a column of reps",
        ) from cause
    told = look_up(there.with_columns(day), dimensions, company)
    return told.group_by([*groups, *_KEYS]).agg(pl.len().cast(pl.Int64).alias("heads"))


def _months(windows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the first days of months inside each window."""
    rows = []
    for start, end in windows.select(_KEYS).unique().drop_nulls().iter_rows():
        day = start if start.day == 1 else _next_month(start)
        while day < end and day <= as_of:
            rows.append((start, end, day))
            day = _next_month(day)
    schema = {**dict.fromkeys(_KEYS, pl.Date), "month": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _per_head_month(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    own = (*FIXED, "_row")
    groups = [c for c in frame.columns if c not in own and c not in GRAINS]
    heads = head_months(context.company, frame, groups=groups)
    frame = frame.join(
        heads, on=[*groups, *_KEYS], how="left", nulls_equal=True, maintain_order="left"
    )
    bounds = (pl.col(c) / pl.col("heads") for c in ("value", "low", "high"))
    return frame.with_columns(bounds)


def _won(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first(*outcome_is("won")).alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.col("amount").alias("_numerator"),
        nw.lit(0).alias("_denominator"),
    )


def _whole_months(company: Company) -> Window | None:
    """Return the window from the first month with a close to the end of the last month over."""
    first = company.one("opportunities", pl.col("closed_day").min())
    end = (company.as_of + timedelta(days=1)).replace(day=1)
    if not isinstance(first, int):
        return None
    start = (EPOCH + timedelta(days=first)).replace(day=1)
    return Window(start, end) if start < end else None


PER_HEAD_MONTH = declare(
    Measure(
        MetricId(
            id="won.per_head_month",
            name="Won amount per head-month",
            formula="Won amount / months of people",
            numerator="Sum of the amounts of deals won in the window",
            denominator="Months on whose first day a person was employed, people added up",
            unit="money",
            date_field="closed_on",
            null_rule="Null where no table of people is mapped, or nobody was there.",
            table="opportunities",
            room="metrics",
            source=SOURCE,
            reading=(
                "Months and not heads: who came or left on the way counts for the months he was "
                "there. New people count from their first full month, ramped up or not. Without "
                "a window: the months that are over."
            ),
            dimensions=("rep_id",),
        ),
        SUM_OF_CHANCE,
        _won,
        date="closed_day",
        finish=_per_head_month,
        default_window=_whole_months,
    )
)
