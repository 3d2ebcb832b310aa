"""Whether one thing goes with another over people, by their order, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

_FEWEST = 8  # people under which a correlation is not told
_VARIANCE = 1.06  # of Fisher's z of a rank correlation, times n - 3


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation: None under eight people, or where one side is all equal.

    ``low`` and ``high`` are its 95 % interval; ``n`` the people of whom both are known.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


def rank_correlation(left: Sequence[float | None], right: Sequence[float | None]) -> Correlation:
    """Return Spearman's correlation with the interval of Fieller, Hartley & Pearson (1957).

    Pairs of which one is null are left out; ties have their mean rank.

    Examples
    --------
    >>> rank_correlation([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 8, 7]).value
    0.9761904761904763
    >>> rank_correlation([1, 2, 3], [1, 2, 3]).value is None
    True
    """
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
    if len(pairs) < _FEWEST:
        return Correlation(None, None, None, len(pairs))
    first, second = (
        pl.Series([float(pair[side]) for pair in pairs]).rank("average").to_numpy()
        for side in (0, 1)
    )
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return Correlation(None, None, None, len(pairs))
    value = float(np.clip(np.corrcoef(first, second)[0, 1], -1, 1))
    if abs(value) >= 1:
        return Correlation(value, value, value, len(pairs))
    half = 1.959964 * np.sqrt(_VARIANCE / (len(pairs) - 3))
    low, high = (float(np.tanh(np.arctanh(value) + side * half)) for side in (-1, 1))
    return Correlation(value, low, high, len(pairs))
