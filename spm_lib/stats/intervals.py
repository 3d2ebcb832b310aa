"""Intervals for a share, a median, and anything that can be resampled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.core.errors import DataError

Floats = NDArray[np.float64]


@overload
def wilson(
    successes: int, n: int, level: float = 0.95
) -> tuple[float, float] | tuple[None, None]: ...
@overload
def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Any, Any]: ...
def wilson(successes: Any, n: Any, level: float = 0.95) -> tuple[Any, Any]:
    """Return the Wilson score interval of a share.

    Without trials there is no interval: None for numbers, NaN for arrays.

    Source: Wilson (1927), JASA 22:209; method 3 of Newcombe (1998), Statistics in Medicine 17:857.

    Raises
    ------
    DataError
        If there are more successes than trials, or a negative count.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    >>> wilson(0, 0)
    (None, None)
    """
    low, high = _wilson(np.asarray(successes, float), np.asarray(n, float), level)
    if low.ndim:
        return low, high
    return (None, None) if np.isnan(low) else (float(low), float(high))


def _wilson(k: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    if np.any((k < 0) | (k > n)):
        raise DataError(
            "A share needs 0 <= successes <= trials.",
            found=f"{int(np.sum((k < 0) | (k > n)))} pair(s) outside",
            do="Count both on the same rows",
        )
    z = special.ndtri((1 + level) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (k + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)
    low = np.where(k == 0, 0.0, centre - half) + 0 * half
    high = np.where(k == n, 1.0, centre + half) + 0 * half
    return low, high


def median_interval(
    values: ArrayLike, level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """Return the median and an interval for it that assumes no distribution.

    The bounds are order statistics whose exact binomial coverage is at least ``level``. With fewer
    than six values (at 95 %) no such interval exists: the bounds are None. NaN is refused.

    Source: Conover (1999), Practical Nonparametric Statistics, section 3.2.

    Examples
    --------
    >>> median_interval([7, 1, 3, 9, 5, 11])
    (6.0, 1.0, 11.0)
    >>> median_interval([])
    (None, None, None)
    """
    ordered = np.sort(np.asarray(values, float))
    size = ordered.size
    if size == 0:
        return None, None, None
    if np.isnan(ordered[-1]):
        raise DataError("A median of missing values.", do="Set missing values aside first")
    middle = float(np.median(ordered))
    below = int(np.sum(special.bdtr(np.arange(size), size, 0.5) <= (1 - level) / 2))
    if below == 0:
        return middle, None, None
    return middle, float(ordered[below - 1]), float(ordered[size - below])


def bootstrap(
    rows: ArrayLike,
    *,
    statistic: Callable[[Floats], float],
    rng: np.random.Generator,
    draws: int = 1000,
    level: float = 0.95,
    block: int = 1,
) -> tuple[float | None, float | None]:
    """Return the percentile interval of a statistic over rows drawn with replacement.

    ``block`` draws runs of that many neighbouring rows, for rows that depend on those before
    (moving blocks, Künsch 1989). Fewer than two rows have no interval.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> low, high = bootstrap(np.arange(101.0), statistic=np.mean, rng=rng)
    >>> 43 < low < 46 and 54 < high < 57
    True
    """
    data = np.asarray(rows, float)
    size = len(data)
    if size < max(2, block):
        return None, None
    runs = -(-size // block)
    starts = rng.integers(0, size - block + 1, size=(draws, runs))
    picks = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :size]
    found = [float(statistic(data[pick])) for pick in picks]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
