"""The one aggregation behind every metric: rows are classified, counted by reason, and added up.

The engine (polars streaming, DuckDB) runs a single ``group_by`` over conditional columns; what
comes back is small and is finished in polars. Few rows come back as they are classified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from spm_lib.core.calendar import WorkCalendar
from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.definition import EPOCH, Context, Measure, flag
from spm_lib.metrics.dimensions import Dimensions, look_up, with_deal_columns
from spm_lib.metrics.few_rows import cells_of_rows
from spm_lib.metrics.folding import TIMES, folded
from spm_lib.metrics.statistic import SQUARES
from spm_lib.metrics.sums import held, refuse_large, size_of_sum
from spm_lib.model.columns import TABLES

OUTSIDE = "outside the window"
UNDATED = "no date"
PERSON = "rep_id"


@dataclass(frozen=True)
class Cells:
    """Counted rows: one row per group, period, reason and key of the statistic.

    ``frame`` has the dimensions, ``_reason`` (null = used), ``_inside`` (in the window and not left
    out by the definition), ``_rows``, ``_amount``, ``_priced`` (rows with an amount), the sums and
    ``_idle``; ``used`` has those of its rows that are not idle, which come first: they count in a
    group and period of the result.
    """

    frame: pl.DataFrame
    used: pl.DataFrame
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
        found = _counted(measure, context, dimensions)
        last.clear()
        last[asked] = found
    return found


def _counted(measure: Measure, context: Context, dimensions: Dimensions) -> Cells:
    """Return the cells of a window: cut from what was counted, grouped as asked."""
    cells = _cells_of(measure, context, dimensions)
    cut, names = _cut(cells, measure, context, dimensions), cells.columns
    if dimensions.looked_up or dimensions.dated or dimensions.period or measure.read_value:
        frame = look_up(in_one_go(cut), dimensions, context.company)
        if dimensions.period:
            frame = frame.with_columns(_period_starts(frame, context, grain=dimensions.period))
        if measure.read_value:
            frame = measure.read_value(frame, context)
        cut, names = frame.lazy(), frame.columns
    return _regrouped(cut, names, measure, dimensions)


def _cells_of(measure: Measure, context: Context, dimensions: Dimensions) -> pl.DataFrame:
    """Return what is counted, by ``_early``: the reason before any window is looked at.

    Of few rows the cells of all days and people are kept: every window is cut from them, and what
    is asked by team or person too.
    """
    company = context.company
    if not company.few:
        return _by_engine(measure, context, dimensions)
    statistic = measure.statistic
    parts = (measure.classify, measure.rows, measure.lean_rows)  # kept, so that no id is used again
    told = (*map(id, parts), measure.definition.table, measure.date, bool(measure.read_value))
    told = (*told, statistic.sums, statistic.keys, statistic.squares, statistic.counts)
    told = (*told, [k for k in dimensions.engine_keys if k != PERSON], dimensions.of_deal)
    by_window = measure.windowed or not measure.date
    told = (*told, by_window and bool(dimensions.dated), measure.windowed and context.window)
    return company.once(
        f"cells {told!r}", lambda: (parts, _one_by_one(measure, context, dimensions))
    )[1]


def _by_engine(measure: Measure, context: Context, dimensions: Dimensions) -> pl.DataFrame:
    """Classify the rows, and count and add them up on the company's engine."""
    company = context.company
    rows, names = _classified(measure, context, dimensions)
    folds = TIMES in names
    priced = folds or _priced(measure, names)
    early = nw.coalesce("set_aside", "_left_out").alias("_early")
    rows = rows.with_columns(early, *(_money_columns() if priced and not folds else ()))
    keys = _engine_keys(names, dimensions)
    keys, columns = _keyed(measure, context, dimensions, keys=keys)
    rows = _with(rows, columns)
    exact = company.engine == "polars"  # a sum too large for DuckDB is an error of its own
    size = nw.Int128 if exact else nw.Float64
    number = nw.col(TIMES).sum() if folds else nw.len()
    summed = _summed(rows, keys, measure, number=number, priced=priced, size=size)
    return _held(company.counted(summed), measure, priced=priced)


def _one_by_one(measure: Measure, context: Context, dimensions: Dimensions) -> pl.DataFrame:
    """Classify few rows on the company's engine; each is a cell of its own."""
    rows, names = _classified(measure, context, dimensions)
    keys = _engine_keys(names, dimensions)
    keys += [PERSON] if PERSON in names and PERSON not in keys else []
    counted_by, priced = _key_columns(measure), _priced(measure, names)
    asked = [*keys, "set_aside", "_left_out", *counted_by, *measure.statistic.sums]
    asked += ["amount"] if priced else []
    day = None
    if _has_day(measure, context, dimensions):
        day = pl.col(measure.date) if measure.date else pl.lit(None)
        asked += [measure.date] if measure.date else []
    plan = context.company.few_rows(rows.select(*dict.fromkeys(asked)))
    cells = cells_of_rows(
        plan, measure.statistic, keys=keys, day=day, counted_by=counted_by, priced=priced
    )
    refuse_large(cells, _checked(measure, priced=priced), metric=measure.id)
    return cells


def _classified(
    measure: Measure, context: Context, dimensions: Dimensions
) -> tuple[nw.LazyFrame, list[str]]:
    """Return the classified rows with what they are broken down by, and the names of their own."""
    rows = measure.classify(_rows_of(measure, context, dimensions), context)
    names = rows.collect_schema().names()
    return with_deal_columns(rows, dimensions, context.company), names


def _engine_keys(names: Sequence[str], dimensions: Dimensions) -> list[str]:
    return [*(["_missing"] if "_missing" in names else []), *dimensions.engine_keys]


def _rows_of(measure: Measure, context: Context, dimensions: Dimensions) -> nw.LazyFrame:
    """Return the measure's rows; of many rows those that are alike as one, where it can be."""
    company, by = context.company, dimensions.engine_keys
    fold, on = measure.fold, measure.date
    if fold is None or on is None or company.few or not fold.fits(company):
        return measure.read(company, by=by)
    if dimensions.of_deal or on in by or "amount" in by:
        return measure.read(company, by=by)
    day = _event_day(measure, context, dimensions)
    return folded(fold, company, by=by, date=on, day=day, metric=measure.id)


def _cut(
    cells: pl.DataFrame, measure: Measure, context: Context, dimensions: Dimensions
) -> pl.LazyFrame:
    """Give the cells their final ``_reason``, and ``_inside``; those set aside add up to nothing.

    The reasons in turn: intake, definition, date, window, missing.
    """
    reasons = [pl.col("_early")]
    day = pl.col("_day")
    windowed = measure.date and not measure.windowed
    if windowed and (context.window or dimensions.period):
        reasons.append(pl.when(day.is_null()).then(pl.lit(UNDATED)))
        if context.window:
            out = (day < context.start) | (day >= context.end)
            reasons.append(pl.when(out).then(pl.lit(OUTSIDE)))
    reason = pl.coalesce(reasons)
    last = pl.coalesce(reason, "_missing") if "_missing" in cells.columns else reason
    used = pl.col("_reason").is_null()
    nothing = {c: pl.when(used).then(pl.col(c)).otherwise(0) for c in _sum_names(measure)}
    keys = {c: pl.when(used).then(pl.col(c)) for c in cells.columns if c.startswith("_key_")}
    cut = cells.lazy().with_columns(_reason=last, _inside=reason.is_null().cast(pl.Int64))
    if len(reasons) > 1:
        cut = cut.with_columns(**nothing, **keys)
    return cut


def _with(rows: nw.LazyFrame, columns: list[nw.Expr]) -> nw.LazyFrame:
    return rows.with_columns(*columns) if columns else rows


def _summed(
    rows: nw.LazyFrame,
    keys: list[str],
    measure: Measure,
    *,
    number: nw.Expr,
    priced: bool,
    size: Size,
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
            number.cast(nw.Int64).alias("_rows"),
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


def _keyed(
    measure: Measure, context: Context, dimensions: Dimensions, *, keys: list[str]
) -> tuple[list[str], list[nw.Expr]]:
    """Return what cells are counted by, and the columns to add for it.

    These are the event day where it is needed, and of rows that count the keys and sums.
    """
    used = nw.col("_early").is_null()
    if "_missing" in keys:
        used = used & nw.col("_missing").is_null()
    keys = [*keys, "_early"]
    columns = []
    day = _event_day(measure, context, dimensions)
    if day is not None:
        columns.append(day.cast(nw.Int64).alias("_day"))
        keys.append("_day")
    counted_by = _key_columns(measure)
    columns += [nw.when(used).then(nw.col(k)).alias(f"_key_{k}") for k in counted_by]
    keys += [f"_key_{k}" for k in counted_by]
    for name in measure.statistic.sums:
        held_back = nw.when(used).then(nw.col(name)).otherwise(nw.lit(0))
        columns.append(held_back.cast(nw.Int64).alias(name))
    return keys, columns


def _key_columns(measure: Measure) -> tuple[str, ...]:
    """Return the columns that the statistic wants of each row, or what they are read from."""
    keys = measure.statistic.keys
    return VALUE_DAYS if keys and measure.read_value else keys


def _has_day(measure: Measure, context: Context, dimensions: Dimensions) -> bool:
    """Say whether cells have the day of their event; those of few rows do for every window."""
    if dimensions.dated or measure.date is None:
        return bool(dimensions.dated)
    windowed = bool(context.window or context.company.few) and not measure.windowed
    return windowed or bool(dimensions.period)


def _event_day(measure: Measure, context: Context, dimensions: Dimensions) -> nw.Expr | None:
    """Return the day that many rows are counted by; only as much of it as is asked for."""
    if not _has_day(measure, context, dimensions):
        return None
    if measure.date is None:
        return nw.lit(None, dtype=nw.Int64)
    day = nw.col(measure.date)
    if dimensions.dated or dimensions.period:
        return day
    before, after = nw.lit(context.start - 1), nw.lit(context.end)
    late = nw.when(day >= context.end).then(after).otherwise(nw.lit(context.start))
    known = nw.when(day < context.start).then(before).otherwise(late)
    return nw.when(~day.is_null()).then(known)


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
    days = frame["_day"].to_numpy()  # floats where one is null
    inside = (frame["_inside"].to_numpy() == 1) & ~np.isnan(days)
    known, places = np.unique(days[inside].astype(np.int64), return_inverse=True)
    starts = _starts(known.tolist(), context.company.calendar, grain)
    found = np.full(frame.height, np.datetime64("NaT"), dtype="datetime64[D]")
    found[inside] = np.array(starts, dtype="datetime64[D]")[places]
    return pl.Series(grain, found)


def _starts(days: list[int], calendar: WorkCalendar, grain: str) -> list[date]:
    """Return the first day of the period of each day; the days are in order."""
    starts: list[date] = []
    start = end = date.min
    for number in days:
        day = _date(number)
        if day >= end:
            period = calendar.period_of(day, grain)
            start, end = period.start, period.end
        starts.append(start)
    return starts


def _date(day: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + day)


def _regrouped(
    frame: pl.LazyFrame, columns: Sequence[str], measure: Measure, dimensions: Dimensions
) -> Cells:
    """Merge cells that fell together once windows, teams, attributes and periods were looked up."""
    keyed = {c: c.removeprefix("_key_") for c in columns if c.startswith("_key_")}
    twice = [c for c, name in keyed.items() if name in columns]
    named = {c: n for c, n in keyed.items() if c not in twice}
    keys = list(dict.fromkeys([*dimensions.names, "_reason", "_inside", *measure.statistic.keys]))
    values = ["_rows", "_amount", "_priced", *_sum_names(measure)]
    idle = pl.col("_reason").is_not_null()
    if dimensions.period:
        idle |= pl.col(dimensions.period).is_null()
    merged = in_one_go(
        frame.drop(twice)
        .rename(named)
        .group_by(keys)
        .agg(pl.col(values).sum())
        .with_columns(_idle=idle)
        .sort("_idle", *keys, nulls_last=True)
    )
    number = merged.height - merged["_idle"].sum()
    return Cells(merged, merged[:number], dimensions)
