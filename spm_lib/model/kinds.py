"""Values of a source column turned into the type of their canonical column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

import polars as pl

from spm_lib.model.columns import Kind

LARGEST = 2**62
RATE_SCALE = 10
_FLOAT_SCALE = 6


@dataclass(frozen=True)
class Reading:
    """How the text of one source is to be read: dates, money, zone and currency exponent.

    ``exponent`` is the number of decimals of the reporting currency; ``missing`` lists texts that
    stand for no value.
    """

    timezone: str
    exponent: int
    dates: str = "iso"
    decimal: str = "."
    thousands: str | None = None
    scale: int = 1
    missing: tuple[str, ...] = ()
    source_timezone: str | None = None


def read_values(values: pl.Series, *, kind: Kind, reading: Reading) -> pl.Series:
    """Return the values in the type of ``kind``; what cannot be read is null."""
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if kind in ("id", "text"):
        return _text(values, reading=reading)
    if kind == "money":
        return _money(values, reading=reading)
    if kind in ("moment", "day"):
        moments = _moments(values, reading=reading)
        return local_days(moments, reading.timezone) if kind == "day" else moments
    if kind == "rate":
        return _rates(values, reading=reading)
    numbers = _numbers(values, reading=reading)
    return numbers.cast(pl.Int64, strict=False) if kind == "whole" else numbers


def _text(values: pl.Series, *, reading: Reading) -> pl.Series:
    if values.dtype.is_float():
        whole = values.is_null() | (values.is_finite() & (values == values.round(0)))
        values = values.cast(pl.Int64, strict=False) if bool(whole.all()) else values
    text = values.cast(pl.String).str.strip_chars()
    gone = (text == "") | text.is_in(list(reading.missing))
    return _null_where(text, gone)


def _null_where(values: pl.Series, gone: pl.Series) -> pl.Series:
    empty = pl.Series([None], dtype=values.dtype)
    return empty.zip_with(gone.fill_null(value=True), values) if values.len() else values


def rescale(units: pl.Expr, *, scale: int, exponent: int) -> pl.Expr:
    """Return integers at ``10**-scale`` as Int64 at ``10**-exponent``, half up; null on overflow."""
    wide = units.cast(pl.Int128)
    if exponent >= scale:
        minor = wide * pl.lit(10 ** (exponent - scale)).cast(pl.Int128)
    else:
        step = pl.lit(10 ** (scale - exponent)).cast(pl.Int128)
        half = pl.lit(10 ** (scale - exponent) // 2).cast(pl.Int128)
        up = (wide.abs() + half) // step
        minor = pl.when(wide < 0).then(pl.lit(0).cast(pl.Int128) - up).otherwise(up)
    fits = minor.abs() <= pl.lit(LARGEST).cast(pl.Int128)
    return pl.when(fits).then(minor).cast(pl.Int64)


def _money(values: pl.Series, *, reading: Reading) -> pl.Series:
    """Return minor units of amounts given in major units."""
    units, scale = _unscaled(values, reading=reading)
    if reading.scale != 1:
        units = units.cast(pl.Int128) * reading.scale
    name = values.name
    return units.to_frame(name).select(
        rescale(pl.col(name), scale=scale, exponent=reading.exponent).alias(name)
    )[name]


def _unscaled(values: pl.Series, *, reading: Reading) -> tuple[pl.Series, int]:
    if values.dtype == pl.String:
        values = _decimal_text(values, reading=reading)
    if isinstance(values.dtype, pl.Decimal):
        return values.to_physical(), values.dtype.scale
    if values.dtype.is_integer():
        return values, 0
    finite = _null_where(values.cast(pl.Float64), ~values.cast(pl.Float64).is_finite())
    return (finite * 10**_FLOAT_SCALE).round(0).cast(pl.Int128, strict=False), _FLOAT_SCALE


def _decimal_text(values: pl.Series, *, reading: Reading, scale: int = 8) -> pl.Series:
    text = _text(values, reading=reading)
    if reading.thousands:
        text = text.str.replace_all(reading.thousands, "", literal=True)
    if reading.decimal != ".":
        text = text.str.replace(reading.decimal, ".", literal=True)
    return text.cast(pl.Decimal(38, scale), strict=False)


def _numbers(values: pl.Series, *, reading: Reading) -> pl.Series:
    if values.dtype == pl.String:
        return _decimal_text(values, reading=reading).cast(pl.Float64)
    return values.cast(pl.Float64, strict=False)


def _rates(values: pl.Series, *, reading: Reading) -> pl.Series:
    """Return exact decimals with ten places."""
    text = values if values.dtype == pl.String else values.cast(pl.String)
    return _decimal_text(text, reading=reading, scale=RATE_SCALE)


def _moments(values: pl.Series, *, reading: Reading) -> pl.Series:
    if values.dtype == pl.Date:
        return values
    if values.dtype == pl.String:
        values = _parse_moments(values, reading=reading)
    if isinstance(values.dtype, pl.Datetime):
        return _instants(values, zone=reading.source_timezone or reading.timezone)
    return values.cast(pl.Date, strict=False)


def _parse_moments(values: pl.Series, *, reading: Reading) -> pl.Series:
    text = _text(values, reading=reading)
    dates = text.str.to_date("%Y-%m-%d", strict=False)
    if bool((dates.is_null() & text.is_not_null()).any()):
        return text.str.to_datetime(strict=False, time_unit="us")
    return dates


def _instants(values: pl.Series, *, zone: str) -> pl.Series:
    """Return UTC instants; date-only values (all at midnight, without a zone) as dates."""
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return values.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if bool((values.dt.time() == time(0)).all()):
        return values.dt.date()
    return _in_zone(values, zone=zone).dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _in_zone(values: pl.Series, *, zone: str) -> pl.Series:
    """Place wall-clock times in a zone: the earlier of two, one hour on where the clock skipped."""
    placed = values.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = values.dt.offset_by("1h")
    moved = later.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.zip_with(placed.is_not_null(), moved) if values.len() else placed


def local_days(values: pl.Series, timezone: str) -> pl.Series:
    """Return the day of each moment as the calendar on the workspace's wall shows it."""
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.convert_time_zone(timezone).dt.date()
    return values.cast(pl.Date)
