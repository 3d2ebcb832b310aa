"""The open pipeline on any day of the past, and month by month, from the stage visits.

A deal stands in a stage on a day if it entered it on or before that day and had not left it by the
day's end. Counts and amounts of many days are made from one pass: what came in is added on the day
it entered and taken off on the day it left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.metrics.definition import EPOCH, day_number, flag
from spm_lib.metrics.dimensions import Dimensions, look_up, read_dimensions, with_deal_columns
from spm_lib.metrics.measure import By, declare_answer, unit_of
from spm_lib.metrics.measured import FIXED, Measured, ordered
from spm_lib.metrics.row_order import in_order
from spm_lib.metrics.stage_times import visits
from spm_lib.metrics.sums import held, size_of_sum
from spm_lib.metrics.windows import GRAINS, WindowLike, read_window
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

NOT_THERE = "not there on that day"
NO_AMOUNT = "no amount"


def pipeline_on(
    company: Company, metric: str, *, days: Sequence[date], by: By = None, grain: str | None = None
) -> Measured:
    """Return the pipeline at the end of each day, by columns of the visits.

    Columns out: the by columns, ``date`` (or, with ``grain``, the first day of the period that
    ends on it), then those of every measured frame; the window is the day.
    """
    if not company.has("stints"):
        raise MetricError(
            f"The metric '{metric}' needs the history of stages.",
            found="no stage_events in this workspace",
            do="Map [tables.stage_events], or ask for open.count and open.amount at as_of",
        )
    asked = [by] if isinstance(by, str) else list(by or [])
    rows = visits(company)
    dimensions = read_dimensions(
        asked, company=company, columns=rows.collect_schema().names(), always=()
    )
    rows = with_deal_columns(rows, dimensions, company)
    deltas = _deltas(rows, dimensions, company, metric=metric)
    nothing = _standing(deltas, EPOCH, dimensions, company).clear()
    counted = pl.concat([nothing, *(_standing(deltas, d, dimensions, company) for d in days)])
    groups = counted.select(*dimensions.names, "_date").unique()
    if not dimensions.names:
        groups = pl.DataFrame({"_date": list(days)}, schema={"_date": pl.Date})
    return _measured(counted, groups, dimensions, company, metric=metric, grain=grain)


def _deltas(
    rows: nw.LazyFrame, dimensions: Dimensions, company: Company, *, metric: str
) -> pl.DataFrame:
    """Count what came in and what left, by day: keys, _kind, _on, _rows, _money, _priced.

    Only money is set aside for want of an amount. What the last question counted, of the other of
    deals and money, is not counted again.
    """
    last: dict[str, pl.DataFrame] = company.once("last deltas", dict)
    asked = repr(dimensions)
    found = last.get(asked)
    if found is None:
        found = _counted(rows, dimensions, company, metric=metric)
        last.clear()
        last[asked] = found
    if metric.endswith("amount"):
        return found
    return found.with_columns(pl.col("_kind").replace(_PRICED_OR_NOT))


_PRICED_OR_NOT = {"unpriced in": "in", "unpriced out": "out"}


def _counted(
    rows: nw.LazyFrame, dimensions: Dimensions, company: Company, *, metric: str
) -> pl.DataFrame:
    good = rows.filter(nw.col("set_aside").is_null())
    left = good.filter(~nw.col("left_day").is_null())
    parts = [
        _side(good, dimensions, kinds=("in", "unpriced in"), day="entered_day"),
        _side(left, dimensions, kinds=("out", "unpriced out"), day="left_day"),
        _side(rows.filter(~nw.col("set_aside").is_null()), dimensions),
    ]
    keys = [*dimensions.engine_keys, "_kind", "_on"]
    counts = ("_rows", "_money", "_priced")
    summed = (
        nw.concat(parts, how="vertical")
        .group_by(*keys)
        .agg(*(nw.col(c).sum().alias(c) for c in counts), size_of_sum("_money"))
    )
    counted = company.counted(summed)
    frame = counted.with_columns(pl.col("_rows", "_priced").cast(pl.Int64))
    return held(frame, ["_money"], metric=metric)


def _side(
    rows: nw.LazyFrame,
    dimensions: Dimensions,
    *,
    kinds: tuple[str, str] | None = None,
    day: str | None = None,
) -> nw.LazyFrame:
    on = nw.col(day) if day else nw.lit(None, dtype=nw.Int64)
    known = ~nw.col("amount").is_null()
    text = nw.col("set_aside")
    if kinds:
        text = nw.when(known).then(nw.lit(kinds[0])).otherwise(nw.lit(kinds[1]))
    return rows.select(
        *(nw.col(name).cast(nw.String).alias(name) for name in dimensions.engine_keys),
        text.cast(nw.String).alias("_kind"),
        on.cast(nw.Int64).alias("_on"),
        nw.lit(1).cast(nw.Int64).alias("_rows"),
        nw.when(known).then(nw.col("amount")).otherwise(nw.lit(0)).cast(nw.Int64).alias("_money"),
        flag(known).alias("_priced"),
    )


def _standing(
    deltas: pl.DataFrame, day: date, dimensions: Dimensions, company: Company
) -> pl.DataFrame:
    """Return what stood at the end of a day, and what is set aside and why, per group."""
    keys, on = dimensions.engine_keys, day_number(day)
    leaving = pl.col("_kind").is_in(["out", "unpriced out"])
    sign = pl.when(leaving).then(-1).otherwise(1)
    signed = deltas.with_columns(pl.col("_rows", "_money", "_priced") * sign)
    moves = pl.col("_on").is_not_null()
    now = signed.filter(moves & (pl.col("_on") <= on))
    ever = signed.filter(moves & ~leaving)
    bare = pl.col("_kind").str.starts_with("unpriced")
    parts = [
        now.filter(~bare).with_columns(_kind=pl.lit(None, dtype=pl.String)),
        now.filter(bare).with_columns(_kind=pl.lit(NO_AMOUNT)),
        ever.with_columns(_kind=pl.lit(NOT_THERE)),
        now.with_columns(-pl.col("_rows", "_money", "_priced"), _kind=pl.lit(NOT_THERE)),
        signed.filter(~moves),
    ]
    cells = pl.concat(p.select(*keys, "_kind", "_rows", "_money", "_priced") for p in parts)
    cells = cells.with_columns(pl.lit(on, dtype=pl.Int64).alias("_day"))
    cells = look_up(cells, dimensions, company).with_columns(pl.lit(day).alias("_date"))
    names = [*dimensions.names, "_date", "_kind"]
    return cells.group_by(names).agg(pl.col("_rows", "_money", "_priced").sum())


def _measured(
    counted: pl.DataFrame,
    groups: pl.DataFrame,
    dimensions: Dimensions,
    company: Company,
    *,
    metric: str,
    grain: str | None,
) -> Measured:
    definition = DEFINITIONS[metric]
    names = [*dimensions.names, "_date"]
    groups = in_order(groups, names, company).with_row_index("_row").cast({"_row": pl.Int64})
    used = counted.filter(pl.col("_kind").is_null()).drop("_kind")
    frame = groups.join(used, on=names, how="left", nulls_equal=True, maintain_order="left")
    aside = counted.filter(pl.col("_kind").is_not_null() & (pl.col("_rows") > 0))
    money = pl.when(pl.col("_priced") > 0).then(pl.col("_money")).alias("amount")
    reasons = groups.join(aside, on=names, how="inner", nulls_equal=True).select(
        pl.col("_row").alias("row"),
        pl.col("_kind").alias("reason"),
        pl.col("_rows").alias("rows"),
        money,
    )
    total = reasons.group_by("row").agg(pl.col("rows").sum().alias("set_aside"))
    frame = frame.join(total, left_on="_row", right_on="row", how="left", maintain_order="left")
    column = "date" if grain is None else grain
    frame = frame.with_columns(_result_columns(company, metric=metric, grain=grain))
    by = [*dimensions.names, column]
    return Measured(
        ordered(frame, by, extras=()),
        metric=definition,
        unit=unit_of(definition.unit, company.currency),
        currency=company.currency,
        by=tuple(by),
        scoped=company.scoped,
        reasons=reasons.sort("row", "reason"),
    )


def _result_columns(company: Company, *, metric: str, grain: str | None) -> list[pl.Expr]:
    day = pl.col("_date")
    nothing = pl.lit(None, dtype=pl.Int64 if metric.endswith("amount") else pl.Float64)
    value = pl.col("_money" if metric.endswith("amount") else "_rows").fill_null(0)
    return [
        (_period_start(company, grain) if grain else day).alias(grain or "date"),
        pl.lit(metric).alias("metric"),
        day.alias("window_start"),
        day.dt.offset_by("1d").alias("window_end"),
        pl.lit(company.as_of).alias("as_of"),
        value.cast(pl.Int64).alias("value"),
        pl.col("_rows").fill_null(0).cast(pl.Int64).alias("n"),
        nothing.alias("low"),
        nothing.alias("high"),
        pl.col("_rows").fill_null(0).cast(pl.Int64).alias("used"),
        pl.col("set_aside").fill_null(0).cast(pl.Int64),
    ]


def _period_start(company: Company, grain: str) -> pl.Expr:
    calendar = company.calendar

    def start(day: pl.Series) -> pl.Series:
        known = {d: calendar.period_of(d, grain).start for d in day.unique()}
        return day.replace_strict(known, return_dtype=pl.Date)

    return pl.col("_date").map_batches(start, return_dtype=pl.Date)


def ends_of(company: Company, grain: str, window: Window) -> list[date]:
    """Return the last day of each period that overlaps the window, none later than as_of."""
    periods = company.calendar.periods(grain, window)
    last = [min(p.end - timedelta(days=1), company.as_of) for p in periods]
    return sorted({day for day in last if day >= window.start})


def answer_pipeline(
    company: Company, metric: str, *, by: By = None, window: WindowLike = None
) -> Measured:
    """Return the pipeline at the end of the window (without one: at as_of), or of its periods."""
    asked = [by] if isinstance(by, str) else list(by or [])
    grain = next((name for name in asked if name in GRAINS), None)
    known = read_window(window, company.calendar)
    if grain is None:
        last = min(known.end - timedelta(days=1), company.as_of) if known else company.as_of
        made = pipeline_on(company, metric, days=[last], by=asked)
        names = tuple(n for n in made.by if n != "date")
        extras = [c for c in made.frame.columns if c not in (*names, *FIXED, "date")]
        return replace(made, frame=ordered(made.frame, names, extras=extras), by=names)
    others = [name for name in asked if name not in GRAINS]
    known = known or _history(company)
    days = ends_of(company, grain, known)
    return pipeline_on(company, metric, days=days, by=others, grain=grain)


def _history(company: Company) -> Window:
    start = company.one("stints", pl.col("entered_on").min()) or company.as_of
    return Window(start, company.as_of + timedelta(days=1))


def _declare(name: str, text: str, formula: str, *, unit: str) -> MetricId:
    return declare_answer(
        MetricId(
            id=name,
            name=text,
            formula=formula,
            numerator=formula,
            denominator="",
            unit=unit,
            date_field="entered_on, left_on",
            null_rule="Never null: on a day without open deals it is 0.",
            table="stints",
            room="metrics",
            reading=(
                "At the end of the day. Amounts are those known when the deal entered the stage; "
                "the owner is the owner then."
            ),
            dimensions=("rep_id", "account_id", "pipeline", "stage"),
        ),
        answer_pipeline,
    )


DEFINITIONS = {
    d.id: d
    for d in (
        _declare(
            "pipeline.count",
            "Deals in the pipeline on a day",
            "Number of deals that stood in an open stage at the end of the day",
            unit="count",
        ),
        _declare(
            "pipeline.amount",
            "Pipeline on a day",
            "Sum of the amounts of deals that stood in an open stage at the end of the day",
            unit="money",
        ),
    )
}
