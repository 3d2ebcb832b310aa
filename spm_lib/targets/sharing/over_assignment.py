"""Over-assignment: how much the quotas of a level add up to above the level over it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from spm_lib.targets.ratio import Ratio, half_up, share_of_one


def read_over(value: Ratio) -> Fraction:
    """Return an over-assignment as an exact ratio from 0 to 1.

    Raises
    ------
    ParameterError
        If it is negative or above 1.
    """
    return share_of_one(value, "An over-assignment")


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
    return max(half_up(target * (1 + exact) / step) * step, target)


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
