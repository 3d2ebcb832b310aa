"""The open pipeline on any day of the past, and month by month, from the stage visits.

A deal stands in a stage on a day if it entered it on or before that day and had not left it by the
day's end. Counts and amounts of many days are made from one pass: what came in is added on the day
it entered and taken off on the day it left; days between those asked for are as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.metrics.day_blocks import EACH_DAY, DayBlocks, day_blocks
from spm_lib.metrics.definition import day_number
from spm_lib.metrics.dimensions import Dimensions, look_up, read_dimensions, with_deal_columns
from spm_lib.metrics.measure import By, declare_answer, unit_of
from spm_lib.metrics.measured import FIXED, Measured, ordered
from spm_lib.metrics.row_order import in_order
from spm_lib.metrics.stage_times import good_visits, visits_aside
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
    names = good_visits(company).collect_schema().names()
    dimensions = read_dimensions(asked, company=company, columns=names, always=())
    blocks = day_blocks(days, company.as_of) if company.engine == "polars" else EACH_DAY
    deltas = _deltas(dimensions, company, metric=metric, blocks=blocks)
    counted = _standing(deltas, days, dimensions, company)
    groups = counted.select(*dimensions.names, "_date").unique()
    if not dimensions.names:
        groups = pl.DataFrame({"_date": list(days)}, schema={"_date": pl.Date})
    return _measured(counted, groups, dimensions, company, metric=metric, grain=grain)


def _deltas(
    dimensions: Dimensions, company: Company, *, metric: str, blocks: DayBlocks
) -> pl.DataFrame:
    """Count what came in and what left, by day: keys, _kind, _on, _rows, _money, _priced.

    Only money is set aside for want of an amount. What the last question counted, of the other of
    deals and money, is not counted again.
    """
    last: dict[str, pl.DataFrame] = company.once("last deltas", dict)
    asked = repr((dimensions, blocks))
    found = last.get(asked)
    if found is None:
        found = _counted(dimensions, company, metric=metric, blocks=blocks)
        last.clear()
        last[asked] = found
    if metric.endswith("amount"):
        return found
    return found.with_columns(pl.col("_kind").replace(_PRICED_OR_NOT))


_PRICED_OR_NOT = {"unpriced in": "in", "unpriced out": "out"}


def _counted(
    dimensions: Dimensions, company: Company, *, metric: str, blocks: DayBlocks
) -> pl.DataFrame:
    """Count both sides, in one pass where the blocks of days are few; then tell prices apart."""
    aside = _summed(visits_aside(company), nw.col("set_aside"), dimensions, company)
    parts = [
        *_moves(dimensions, company, blocks=blocks),
        aside.rename({_BY: "_kind"}).with_columns(_on=pl.lit(None, dtype=pl.Int64)),
    ]
    frame = held(pl.concat(parts, how="diagonal"), ["_money"], metric=metric)
    moves = pl.col("_on").is_not_null()
    bare = frame.filter(moves & (pl.col("_rows") > pl.col("_priced"))).with_columns(
        _kind="unpriced " + pl.col("_kind"),
        _rows=pl.col("_rows") - pl.col("_priced"),
        _money=pl.lit(0, dtype=pl.Int64),
        _priced=pl.lit(0, dtype=pl.Int64),
    )
    priced = frame.with_columns(_rows=pl.when(moves).then("_priced").otherwise("_rows"))
    return pl.concat([priced, bare.select(priced.columns)])


_BY = "_by"  # the column that counts are made by beside those asked for
_SIDES = {"in": "entered_day", "out": "left_day"}


def _moves(
    dimensions: Dimensions, company: Company, *, blocks: DayBlocks
) -> Iterator[pl.DataFrame]:
    """Yield what came in, and what left, by the last day of the block of days it did so."""
    last = pl.lit(day_number(company.as_of), dtype=pl.Int64)
    for sides in [list(_SIDES)] if blocks.coarse else [[side] for side in _SIDES]:
        number = blocks.number(*(_SIDES[side] for side in sides))
        counted = _summed(good_visits(company), number, dimensions, company)
        for later, side in enumerate(reversed(sides)):
            day = blocks.last_day(_BY, later=later)
            yield (
                counted.with_columns(_on=day)
                .filter(pl.col("_on").is_not_null())
                .group_by(*dimensions.engine_keys, pl.min_horizontal("_on", last))
                .agg(pl.col(*_COUNTED, "_size__money").sum())
                .with_columns(_kind=pl.lit(side))
            )


def _summed(
    rows: nw.LazyFrame, column: nw.Expr, dimensions: Dimensions, company: Company
) -> pl.DataFrame:
    """Return rows, their money and how many have any: by the columns asked for and another one."""
    rows = with_deal_columns(rows, dimensions, company)
    keys = dimensions.engine_keys
    counted = (
        rows.select(
            *(nw.col(name).cast(nw.String).alias(name) for name in keys),
            column.alias(_BY),
            nw.col("amount").alias("_money"),
        )
        .group_by(*keys, _BY)
        .agg(
            nw.len().cast(nw.Int64).alias("_rows"),
            nw.col("_money").sum().alias("_money"),
            nw.col("_money").count().cast(nw.Int64).alias("_priced"),
            size_of_sum("_money"),
        )
    )
    none = pl.col("_money", "_size__money").fill_null(0)  # a sum of nothing known, on DuckDB
    return company.counted(counted).with_columns(none)


_COUNTED = ("_rows", "_money", "_priced")


def _standing(
    deltas: pl.DataFrame, days: Sequence[date], dimensions: Dimensions, company: Company
) -> pl.DataFrame:
    """Return what stood at the end of each day, and what is set aside and why, per group."""
    keys, counted = dimensions.engine_keys, pl.col(*_COUNTED)
    leaving = pl.col("_kind").is_in(["out", "unpriced out"])
    signed = deltas.with_columns(counted * pl.when(leaving).then(-1).otherwise(1))
    moves = pl.col("_on").is_not_null()
    bare = pl.col("_kind").str.starts_with("unpriced")
    reason = pl.when(bare).then(pl.lit(NO_AMOUNT)).alias("_kind")
    asked = pl.DataFrame(
        {"_date": list(days), "_day": [day_number(d) for d in days]},
        schema={"_date": pl.Date, "_day": pl.Int64},
    )
    now = _up_to(signed.filter(moves).with_columns(reason), asked, keys)
    ever = signed.filter(moves & ~leaving).with_columns(_kind=pl.lit(NOT_THERE))
    always = pl.concat([ever, signed.filter(~moves)]).group_by(*keys, "_kind").agg(counted.sum())
    every = always.join(asked, how="cross")
    parts = [now, now.with_columns(-counted, _kind=pl.lit(NOT_THERE)), every]
    cells = pl.concat(p.select(*keys, "_kind", *_COUNTED, "_date", "_day") for p in parts)
    cells = look_up(cells, dimensions, company)
    return cells.group_by(*dimensions.names, "_date", "_kind").agg(counted.sum())


def _up_to(moves: pl.DataFrame, days: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Add up the moves of each group and kind to the end of each day: what came in and left."""
    groups, counted = [*keys, "_kind"], pl.col(*_COUNTED)
    days = days.unique().sort("_day")
    first = days.with_columns(_end="_day").set_sorted("_end")
    placed = moves.sort("_on").join_asof(first, left_on="_on", right_on="_end", strategy="forward")
    summed = placed.drop_nulls("_date").group_by(*groups, "_date", "_day").agg(counted.sum())
    return (
        summed.select(groups)
        .unique()
        .join(days, how="cross")
        .join(summed, on=[*groups, "_date", "_day"], how="left", nulls_equal=True)
        .sort("_day")
        .with_columns(counted.fill_null(0).cum_sum().over(groups))
    )


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
