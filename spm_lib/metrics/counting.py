"""The one aggregation behind every metric: rows are classified, counted by reason, and added up.

The engine (polars streaming, DuckDB) runs a single ``group_by`` over conditional columns; what
comes back is small and is finished in polars.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.definition import EPOCH, Context, Measure, flag
from spm_lib.metrics.dimensions import Dimensions, look_up, with_deal_columns
from spm_lib.metrics.statistic import SQUARES
from spm_lib.metrics.sums import held, size_of_sum
from spm_lib.model.columns import TABLES

OUTSIDE = "outside the window"
UNDATED = "no date"


@dataclass(frozen=True)
class Cells:
    """Counted rows: one row per group, period, reason and key of the statistic.

    ``frame`` has the dimensions, ``_reason`` (null = used), ``_inside`` (in the window and not left
    out by the definition), ``_rows``, ``_amount``, ``_priced`` (rows with an amount) and the sums.
    """

    frame: pl.DataFrame
    dimensions: Dimensions


def count_cells(measure: Measure, context: Context, dimensions: Dimensions) -> Cells:
    """Classify the rows and count them on the company's engine.

    What the last question counted is not counted again: a median and its quartiles count the same.
    """
    last: dict[tuple, Cells] = context.company.once("last cells", dict)
    statistic = measure.statistic
    asked = (
        *(measure.classify, measure.rows, measure.read_value, measure.date, measure.windowed),
        *(measure.definition.table, statistic.sums, statistic.keys, statistic.squares),
        *(repr(dimensions), context.window),
    )
    found = last.get(asked)
    if found is None:
        found = Cells(_counted(measure, context, dimensions), dimensions)
        last.clear()
        last[asked] = found
    return found


def _counted(measure: Measure, context: Context, dimensions: Dimensions) -> pl.DataFrame:
    rows = _known_reasons(measure, context, dimensions)
    priced = _priced(measure, rows.collect_schema().names())
    rows = with_deal_columns(rows, dimensions, context.company)
    keys, columns = _keyed(measure, dimensions)
    rows = _with(rows, [*columns, *(_money_columns() if priced else ())])
    exact = context.company.engine == "polars"  # a sum too large for DuckDB is an error of its own
    size = nw.Int128 if exact else nw.Float64
    counted = context.company.counted(_summed(rows, keys, measure, priced=priced, size=size))
    frame = _held(counted, measure, priced=priced)
    frame = look_up(frame, dimensions, context.company)
    if dimensions.period:
        frame = frame.with_columns(_period_starts(frame, context, grain=dimensions.period))
    if measure.read_value:
        frame = measure.read_value(frame, context)
    return _regrouped(frame, measure, dimensions)


def _known_reasons(measure: Measure, context: Context, dimensions: Dimensions) -> nw.LazyFrame:
    """Return the classified rows, kept for measures that read and classify alike."""
    dated = bool(context.window or dimensions.period)
    read = measure.read(context.company, by=dimensions.engine_keys)
    parts = (read, measure.classify)  # kept with the rows, so that no id is used again
    key = f"classified {[*map(id, parts)]} {measure.definition.table} {measure.date} "
    key += f"{measure.windowed} {dated} {context.window!r}"
    kept = context.company.once(
        key, lambda: (parts, _classified(read, measure, context, dated=dated))
    )
    return kept[1]


def _with(rows: nw.LazyFrame, columns: list[nw.Expr]) -> nw.LazyFrame:
    return rows.with_columns(*columns) if columns else rows


def _summed(
    rows: nw.LazyFrame, keys: list[str], measure: Measure, *, priced: bool, size: Size
) -> nw.LazyFrame:
    """Return the sums by keys as the engine makes them, with the sizes of those to be checked.

    Squares are added up as ``size``: whole numbers add up to the same in whatever order they come,
    and where they are too many for 128 bits the sum itself is refused.
    """
    squares = SQUARES if measure.statistic.squares else ()
    return (
        _with(rows, _squares(size) if squares else [])
        .group_by(*keys)
        .agg(
            nw.len().cast(nw.Int64).alias("_rows"),
            *(nw.col(name).sum().alias(name) for name in _whole(measure, priced=priced)),
            *map(size_of_sum, _checked(measure, priced=priced)),
            *(nw.col(name).sum().alias(name) for name in squares),
        )
    )


def _whole(measure: Measure, *, priced: bool) -> list[str]:
    return [*(["_amount", "_priced"] if priced else []), *measure.statistic.sums]


def _checked(measure: Measure, *, priced: bool) -> list[str]:
    """Return the sums that may be too large."""
    return [
        *(["_amount"] if priced else []),
        *(() if measure.statistic.counts else measure.statistic.sums),
    ]


def _held(counted: pl.DataFrame, measure: Measure, *, priced: bool) -> pl.DataFrame:
    """Return the sums as whole numbers, those that may be too large checked."""
    frame = held(counted, _checked(measure, priced=priced), metric=measure.id)
    whole = [*_whole(measure, priced=priced), *(["_below"] if measure.statistic.squares else [])]
    other = [c for c in whole if frame.schema[c] != pl.Int64]
    frame = frame.cast(dict.fromkeys(other, pl.Int64)) if other else frame
    nothing = pl.lit(0).cast(pl.Int64)
    return frame if priced else frame.with_columns(_amount=nothing, _priced=nothing)


def _classified(
    read: nw.LazyFrame, measure: Measure, context: Context, *, dated: bool
) -> nw.LazyFrame:
    """Return the rows with the final ``_reason``: intake, definition, date, window, missing."""
    rows = measure.classify(read, context)
    reasons = [nw.col("set_aside"), nw.col("_left_out")]
    if measure.date and dated and not measure.windowed:
        day = nw.col(measure.date)
        reasons.append(nw.when(day.is_null()).then(nw.lit(UNDATED)))
        if context.window:
            out = (day < context.start) | (day >= context.end)
            reasons.append(nw.when(out).then(nw.lit(OUTSIDE)))
    rows = rows.with_columns(nw.coalesce(*reasons).alias("_reason"))
    inside = flag(nw.col("_reason").is_null()).alias("_inside")
    if "_missing" not in rows.collect_schema().names():
        return rows.with_columns(inside)
    return rows.with_columns(inside, nw.coalesce("_reason", "_missing").alias("_reason"))


def _keyed(measure: Measure, dimensions: Dimensions) -> tuple[list[str], list[nw.Expr]]:
    """Return what cells are counted by, and the columns to add for it.

    These are the event day where it is needed, and of used rows the keys and sums.
    """
    used = nw.col("_reason").is_null()
    keys = [*dimensions.engine_keys, "_reason", "_inside"]
    columns = []
    if dimensions.dated or (measure.date and dimensions.period):
        day = nw.col(measure.date) if measure.date else nw.lit(None, dtype=nw.Int64)
        if not dimensions.dated:
            day = nw.when(nw.col("_inside") == 1).then(day)
        columns.append(day.cast(nw.Int64).alias("_day"))
        keys.append("_day")
    wanted = measure.statistic.keys
    if wanted and measure.read_value:
        wanted = VALUE_DAYS
    columns += [nw.when(used).then(nw.col(k)).alias(f"_key_{k}") for k in wanted]
    keys += [f"_key_{k}" for k in wanted]
    for name in measure.statistic.sums:
        held_back = nw.when(used).then(nw.col(name)).otherwise(nw.lit(0))
        columns.append(held_back.cast(nw.Int64).alias(name))
    return keys, columns


Size = type[nw.Int128] | type[nw.Float64]
VALUE_DAYS = ("_from_day", "_to_day")


def _squares(size: Size) -> list[nw.Expr]:
    top, bottom = nw.col("_numerator").cast(size), nw.col("_denominator").cast(size)
    return [
        (top * top).alias("_nn"),
        (top * bottom).alias("_nd"),
        (bottom * bottom).alias("_dd"),
        flag(nw.col("_numerator") < 0).alias("_below"),
    ]


def _sum_names(measure: Measure) -> list[str]:
    return [*measure.statistic.sums, *(SQUARES if measure.statistic.squares else ())]


def _priced(measure: Measure, names: list[str]) -> bool:
    """Say whether the rows carry money: a table read has an amount, by its definition."""
    read = measure.definition.table.split("+")
    known = any(t not in TABLES or TABLES[t].column("amount") is not None for t in read)
    return known and "amount" in names


def _money_columns() -> list[nw.Expr]:
    gone = nw.col("amount").is_null()
    return [
        nw.when(gone).then(nw.lit(0)).otherwise(nw.col("amount")).cast(nw.Int64).alias("_amount"),
        flag(~gone).alias("_priced"),
    ]


def _period_starts(frame: pl.DataFrame, context: Context, *, grain: str) -> pl.Series:
    """Return the first day of the period of each row inside the window, null for the others."""
    calendar = context.company.calendar
    inside = frame.select(pl.when(pl.col("_inside") == 1).then(pl.col("_day")).alias("d"))["d"]
    days = inside.unique().drop_nulls()
    starts = {d: calendar.period_of(_date(d), grain).start for d in days}
    return inside.replace_strict(starts, default=None, return_dtype=pl.Date).alias(grain)


def _date(day: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + day)


def _regrouped(frame: pl.DataFrame, measure: Measure, dimensions: Dimensions) -> pl.DataFrame:
    """Merge cells that fell together once teams, attributes and periods were looked up."""
    keyed = {c: c.removeprefix("_key_") for c in frame.columns if c.startswith("_key_")}
    twice = [c for c, name in keyed.items() if name in frame.columns]
    named = {c: n for c, n in keyed.items() if c not in twice}
    keys = list(dict.fromkeys([*dimensions.names, "_reason", "_inside", *measure.statistic.keys]))
    values = ["_rows", "_amount", "_priced", *_sum_names(measure)]
    return (
        frame.lazy()
        .drop(twice)
        .rename(named)
        .group_by(keys)
        .agg(pl.col(values).sum())
        .sort(keys, nulls_last=True)
        .collect(engine="in-memory")
    )
