"""Round numbers that still add up: largest remainder in a chosen step, inside the limits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from spm_lib.targets.sharing.limits import Limits


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
    down = [max(int(s // step) * step, limit.low) for s, limit in zip(shares, limits, strict=True)]
    left = int(sum(shares)) - sum(down)
    for i in sorted(range(len(down)), key=lambda i: (down[i] - shares[i], keys[i])):
        if left <= 0:
            break
        high = limits[i].high
        below = int(shares[i] // step) * step
        up = below + step if high is None else min(below + step, high)
        given = min(max(up - down[i], 0), left)
        down[i] += given
        left -= given
    return down
