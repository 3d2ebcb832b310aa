"""Round numbers that still add up: largest remainder in a chosen step, inside the limits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from spm_lib.targets.sharing.limits import Limits, whole_parts


def in_steps(
    shares: Sequence[Fraction], *, keys: Sequence[str], limits: Sequence[Limits], step: int
) -> list[int]:
    """Return the shares as multiples of a step that sum to the same whole number.

    All are rounded down, and the steps left over go to the largest remainders; of equal
    remainders the first key in alphabetical order comes first (Hamilton's method). Who is held
    at a limit keeps it though it be no multiple; where the total is none either, the last one to
    be rounded up takes what is left of a step.

    Examples
    --------
    >>> thirds = [Fraction(100, 3)] * 3
    >>> in_steps(thirds, keys=["a", "b", "c"], limits=[Limits()] * 3, step=10)
    [40, 30, 30]
    """
    parts, common = whole_parts(shares)
    return _in_steps(parts, common, keys, limits, step)


def split_in_steps(
    total: int, weights: Sequence[int], *, keys: Sequence[str], step: int
) -> list[int]:
    """Return a total split by whole weights, not all 0, as ``in_steps`` does without limits.

    Examples
    --------
    >>> split_in_steps(100, [3, 2, 2], keys=["a", "b", "c"], step=1)
    [43, 29, 28]
    """
    parts = [total * weight for weight in weights]
    return _in_steps(parts, sum(weights), keys, [Limits()] * len(parts), step)


def _in_steps(
    parts: Sequence[int],
    common: int,
    keys: Sequence[str],
    limits: Sequence[Limits],
    step: int,
) -> list[int]:
    """Round parts / common, all in whole numbers."""
    below = [part // (common * step) * step for part in parts]
    given = [max(low, limit.low) for low, limit in zip(below, limits, strict=True)]
    left = sum(parts) // common - sum(given)
    for i in sorted(range(len(given)), key=lambda i: (given[i] * common - parts[i], keys[i])):
        if left <= 0:
            break
        high = limits[i].high
        up = below[i] + step if high is None else min(below[i] + step, high)
        more = min(max(up - given[i], 0), left)
        given[i] += more
        left -= more
    return given
