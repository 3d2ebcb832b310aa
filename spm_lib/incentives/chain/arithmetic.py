"""Exact arithmetic on whole numbers: rounding, and decimals to be shown."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import polars as pl

from spm_lib.incentives.chain.columns import SHARE


def rounded(value: Fraction, mode: str = "half_up") -> int:
    """Return the nearest whole number; of two equally near the one away from 0, or the even one.

    Examples
    --------
    >>> rounded(Fraction(5, 2)), rounded(Fraction(-5, 2)), rounded(Fraction(5, 2), "half_even")
    (3, -3, 2)
    """
    if mode == "half_even":
        return round(value)
    over, under = value.as_integer_ratio()
    return over if under == 1 else _half_up(over, under)


def _half_up(over: int, under: int) -> int:
    whole = (2 * abs(over) + under) // (2 * under)
    return whole if over >= 0 else -whole


def scaled_of(value: Fraction, places: int) -> int:
    """Return a fraction x 10 ** places, rounded half up: what ``decimal_from`` takes."""
    over, under = value.as_integer_ratio()
    return over * 10**places if under == 1 else _half_up(over * 10**places, under)


def decimal_of(value: Fraction, places: int = 10) -> Decimal:
    """Return a fraction as a decimal, to be shown; nothing is worked out from it."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def ratio_of(part: Fraction | int, whole: Fraction | int) -> Decimal | None:
    """Return part / whole as a decimal, to be shown; null where the whole is 0.

    Examples
    --------
    >>> ratio_of(1, 3), ratio_of(1, 0)
    (Decimal('0.3333333333'), None)
    """
    return decimal_of(Fraction(part) / Fraction(whole)) if whole else None


def half_up(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return numerator / denominator of Int128 columns, rounded half up (away from 0), Int128."""
    size = (numerator.abs() * 2 + denominator) // (denominator * 2)
    return pl.when(numerator < 0).then(size * -1).otherwise(size)


def largest_of(column: pl.Series) -> int:
    """Return the largest size of a column of whole numbers; nothing in it: 0.

    Examples
    --------
    >>> largest_of(pl.Series([3, None, -7]))
    7
    """
    low, high = column.min(), column.max()
    return max(*(abs(end) for end in (low, high) if isinstance(end, int)), 0, 0)


def decimal_from(scaled: pl.Expr, scale: int = SHARE.scale) -> pl.Expr:
    """Return whole numbers of 10 ** -scale as decimals."""
    unit = pl.lit(Decimal(1).scaleb(-scale), dtype=pl.Decimal(38, scale))
    return (scaled.cast(pl.Decimal(38, 0)) * unit).cast(pl.Decimal(38, scale))


def shown(minor: Fraction, places: int) -> str:
    """Return minor units as text in major units, rounded half up to the minor unit.

    Examples
    --------
    >>> shown(Fraction(123456), 2)
    '1234.56'
    """
    value = Decimal(rounded(minor)).scaleb(-places)
    return str(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
