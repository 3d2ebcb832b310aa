"""Exact arithmetic on whole numbers: rounding, and parts that add up to their whole."""

from __future__ import annotations

from collections.abc import Sequence
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
    over, under = value.numerator, value.denominator
    whole = (2 * abs(over) + under) // (2 * under)
    return whole if over >= 0 else -whole


def parts_of(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Return whole parts near exact ones that add up to ``total``, by largest remainder.

    Each part is rounded down and what is left over goes, one by one, to the largest remainders;
    of equal remainders the earlier one comes first. Where the exact parts do not add up to about
    ``total``, the difference is spread the same way, evenly.

    Examples
    --------
    >>> parts_of(1_000_000, [Fraction(1_000_000, 3)] * 3)
    [333334, 333333, 333333]
    >>> parts_of(-1, [Fraction(-1, 2), Fraction(-1, 2)])
    [-1, 0]
    """
    sign = -1 if total < 0 else 1
    wanted = [sign * part for part in exact]
    parts = [part.numerator // part.denominator for part in wanted]
    if not parts:
        return parts
    left = sign * total - sum(parts)
    each, left = divmod(left, len(parts))
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - wanted[i], i))
    lucky = set(order[:left])
    return [sign * (part + each + (i in lucky)) for i, part in enumerate(parts)]


def scaled_of(value: Fraction, places: int) -> int:
    """Return a fraction x 10 ** places, rounded half up: what ``decimal_from`` takes."""
    over, under = value.numerator * 10**places, value.denominator
    if under == 1:
        return over
    whole = (2 * abs(over) + under) // (2 * under)
    return whole if over >= 0 else -whole


def decimal_of(value: Fraction, places: int = 10) -> Decimal:
    """Return a fraction as a decimal, to be shown; nothing is worked out from it."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def half_up(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return numerator / denominator of Int128 columns, rounded half up (away from 0), Int128."""
    size = (numerator.abs() * 2 + denominator) // (denominator * 2)
    return pl.when(numerator < 0).then(size * -1).otherwise(size)


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
