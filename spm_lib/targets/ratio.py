"""Ratios exactly as people write them: 0.15 is 15/100, not the nearest binary number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from spm_lib.core.errors import ParameterError

Ratio = int | float | str | Decimal | Fraction


def exact_ratio(value: Ratio) -> Fraction:
    """Return a ratio exactly as it is written.

    Raises
    ------
    ParameterError
        If it is not a finite number.

    Examples
    --------
    >>> exact_ratio(0.15), exact_ratio("0.15")
    (Fraction(3, 20), Fraction(3, 20))
    """
    try:
        return value if isinstance(value, Fraction) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ParameterError(
            "A ratio is not a number.", found=repr(value), do="Write 15 % as 0.15"
        ) from None


def share_of_one(value: Ratio, what: str) -> Fraction:
    """Return a ratio from 0 to 1 exactly as it is written; ``what`` names it in the refusal.

    Raises
    ------
    ParameterError
        If it is no number from 0 to 1.
    """
    exact = exact_ratio(value)
    if not 0 <= exact <= 1:
        raise ParameterError(
            f"{what} is a ratio from 0 to 1.", found=str(value), do="Write 15 % as 0.15"
        )
    return exact


def half_up(value: Fraction) -> int:
    """Return the nearest whole number, halves up.

    Examples
    --------
    >>> half_up(Fraction(5, 2)), half_up(Fraction(12, 5))
    (3, 2)
    """
    return (value + Fraction(1, 2)).__floor__()
