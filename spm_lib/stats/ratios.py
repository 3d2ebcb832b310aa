"""The ratio of two sums, with its interval over the units that were summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spm_lib.core import special

FEWEST = 4  # units from which on an interval is told


@dataclass(frozen=True)
class Ratio:
    """A ratio of sums: ``value``, its interval, ``n`` units, ``p`` of the value 0.

    ``value`` is None where the lower sum is not above 0; interval and ``p`` where there are fewer
    than four units.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    p: float | None


def ratio_of_sums(parts: ArrayLike, wholes: ArrayLike, *, level: float = 0.95) -> Ratio:
    """Return sum(parts) / sum(wholes) over independent units, with a t interval.

    The error of a ratio comes from what each unit's part differs from ratio x whole: few large
    units count for what they are. Source: Cochran (1977), Sampling Techniques, section 6.3.

    Examples
    --------
    >>> made = ratio_of_sums([1, 2, 3, 2], [10, 20, 30, 20])
    >>> made.value, made.low, made.n
    (0.1, 0.1, 4)
    >>> ratio_of_sums([1], [0]).value is None
    True
    """
    part, whole = np.asarray(parts, float), np.asarray(wholes, float)
    n, total = part.size, float(whole.sum())
    if not total > 0:
        return Ratio(None, None, None, n, None)
    value = float(part.sum() / total)
    if n < FEWEST:
        return Ratio(value, None, None, n, None)
    rest = part - value * whole
    error = float(np.sqrt(n / (n - 1) * (rest**2).sum()) / total)
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * error
    p = 2 * float(special.stdtr(n - 1, -abs(value) / error)) if error > 0 else float(value == 0)
    return Ratio(value, value - half, value + half, n, p)
