"""Over-assignment: how much the quotas of a level add up to above the level over it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from spm_lib.core.errors import ParameterError

Ratio = int | float | str | Decimal | Fraction


def exact_ratio(value: Ratio) -> Fraction:
    """Return a ratio exactly as it is written: 0.15 is 15/100.

    Raises
    ------
    ParameterError
        If it is not a finite number.
    """
    try:
        return value if isinstance(value, Fraction) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ParameterError(
            "A ratio is not a number.", found=repr(value), do="Write 15 % as 0.15"
        ) from None


def read_over(value: Ratio) -> Fraction:
    """Return an over-assignment as an exact ratio.

    Raises
    ------
    ParameterError
        If it is negative or above 1.
    """
    over = exact_ratio(value)
    if not 0 <= over <= 1:
        raise ParameterError(
            "An over-assignment is a ratio from 0 to 1.",
            found=str(value),
            do="Write 15 % as 0.15; lower the target itself to give out less than it",
        )
    return over


def pool_of(target: int, *, over: Ratio = 0, step: int = 1) -> int:
    """Return what is given out below a target: the target and its over-assignment.

    Rounded half up to a multiple of the step and never below the target. Without over-assignment
    it is the target itself, also where that is no multiple of the step.

    Examples
    --------
    >>> pool_of(1_500_000_000, over="0.15")
    1725000000
    """
    exact = read_over(over)
    if not exact:
        return target
    steps = target * (1 + exact) / step
    return max(int((steps + Fraction(1, 2)) // 1) * step, target)


def multiplied(overs: Sequence[Ratio]) -> Fraction:
    """Return the over-assignment of all levels together: they multiply.

    Examples
    --------
    >>> round(float(multiplied([0.05, 0.08, 0.05])), 4)
    0.1907
    """
    product = Fraction(1)
    for over in overs:
        product *= 1 + read_over(over)
    return product - 1


def needed_attainment(over: Ratio) -> float:
    """Return the average attainment at which the target itself is reached.

    Examples
    --------
    >>> round(needed_attainment(0.15), 3)
    0.87
    """
    return float(1 / (1 + read_over(over)))
