"""Values of a source column turned into the type of their canonical column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR
from spm_lib.model.columns import Kind
from spm_lib.sources import (
    Parsed,
    as_texts,
    parse_dates,
    parse_integers,
    parse_money,
    parse_numbers,
    parse_texts,
)

LARGEST = 2**62
RATE_SCALE = 10


_TYPES: dict[str, pl.DataType] = {
    "id": pl.String(),
    "text": pl.String(),
    "money": pl.Int64(),
    "moment": pl.Date(),
    "day": pl.Date(),
    "number": pl.Float64(),
    "share": pl.Float64(),
    "rate": pl.Decimal(38, RATE_SCALE),
    "whole": pl.Int64(),
}


@dataclass(frozen=True)
class Reading:
    """How the text of one source is to be read: dates, money, zone and currency exponent.

    ``timezone`` is the workspace's zone, in which days are cut; ``source_timezone`` that of times
    without one (default: the same). ``exponent`` is the number of decimals of the money read.
    """

    timezone: str
    exponent: int
    currency: str | None = None
    dates: Literal["iso", "day-first", "month-first"] = "iso"
    decimal: Literal[".", ","] = "."
    thousands: str | None = None
    scale: int = 1
    missing: tuple[str, ...] = ("", "-")
    source_timezone: str | None = None


def read_values(
    values: pl.Series, *, kind: Kind, reading: Reading, open_ended: bool = False
) -> Parsed:
    """Return the values in the type of ``kind``, and which of them could not be read.

    Days before 1900 or after 2200 stand for something else (such as 9999-12-31 for never) and are
    unreadable; in a column that is ``open_ended`` they say that there is no such day.
    """
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if kind in ("id", "text"):
        texts = as_texts(values, decimal=reading.decimal)
        texts = parse_texts(texts, missing=reading.missing)
        return Parsed(texts, _none(texts))
    if kind in ("moment", "day"):
        dated = _dated(values, kind=kind, reading=reading)
        return _thinkable(dated, open_ended=open_ended)
    if kind == "money":
        return _money(values, digits=reading.exponent, reading=reading)
    if kind == "rate":
        rates = _money(values, digits=RATE_SCALE, reading=reading)
        return Parsed(_as_decimal(rates.values), rates.unreadable)
    if kind == "whole":
        return parse_integers(
            _unfloated(values),
            decimal=reading.decimal,
            thousands=reading.thousands,
            missing=reading.missing,
        )
    return parse_numbers(
        values, decimal=reading.decimal, thousands=reading.thousands, missing=reading.missing
    )


def empty_column(name: str, *, kind: Kind, height: int) -> pl.Series:
    """Return a column without values in the type of its kind."""
    return pl.Series(name, [None], dtype=_TYPES[kind]).new_from_index(0, height)


def _none(values: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, values.len())


def _thinkable(dated: Parsed, *, open_ended: bool) -> Parsed:
    year = dated.values.dt.year()
    far = (~year.is_between(FIRST_YEAR, LAST_YEAR)).fill_null(value=False)
    if not bool(far.any()):
        return dated
    kept = dated.values.set(far, None)
    return Parsed(kept, dated.unreadable if open_ended else dated.unreadable | far)


def _dated(values: pl.Series, *, kind: Kind, reading: Reading) -> Parsed:
    parsed = parse_dates(
        values,
        order=reading.dates,
        timezone=reading.source_timezone or reading.timezone,
        missing=reading.missing,
    )
    if kind == "moment":
        return parsed
    return Parsed(local_days(parsed.values, reading.timezone), parsed.unreadable)


def _money(values: pl.Series, *, digits: int, reading: Reading) -> Parsed:
    money = digits == reading.exponent
    return parse_money(
        values,
        decimal=reading.decimal,
        thousands=reading.thousands,
        scale=reading.scale if money else 1,
        missing=reading.missing,
        digits=digits,
        currency=reading.currency if money else None,
    )


def _unfloated(values: pl.Series) -> pl.Series:
    """Return whole floats (what pandas makes of integers with gaps) as integers."""
    return parse_texts(values) if values.dtype.is_float() else values


def _as_decimal(units: pl.Series) -> pl.Series:
    digits = pl.col("u").cast(pl.String).str.zfill(RATE_SCALE + 1)
    point = pl.concat_str(digits.str.head(-RATE_SCALE), pl.lit("."), digits.str.tail(RATE_SCALE))
    return units.to_frame("u").select(point.cast(pl.Decimal(38, RATE_SCALE)))["u"]


def rescale(units: pl.Expr, *, scale: int, exponent: int) -> pl.Expr:
    """Return Int64 at ``10**-exponent`` of integers at ``10**-scale``; null on overflow."""
    wide = units.cast(pl.Int128)
    step = pl.lit(10 ** (scale - exponent)).cast(pl.Int128)
    half = pl.lit(10 ** (scale - exponent) // 2).cast(pl.Int128)
    up = (wide.abs() + half) // step
    minor = pl.when(wide < 0).then(pl.lit(0).cast(pl.Int128) - up).otherwise(up)
    fits = up <= pl.lit(LARGEST).cast(pl.Int128)
    return pl.when(fits).then(minor).cast(pl.Int64)


def local_days(values: pl.Series, timezone: str) -> pl.Series:
    """Return the day of each moment as the calendar on the workspace's wall shows it."""
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.convert_time_zone(timezone).dt.date()
    return values.cast(pl.Date)
