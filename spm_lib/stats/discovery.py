"""Keeping the share of false finds low among many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Return the adjusted p-values: keep those at most ``q`` to hold the false share at ``q``.

    NaN stays NaN and does not count as a test. Source: Benjamini & Hochberg (1995), JRSS B 57:289.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, float("nan")]).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    given = np.asarray(p, float)
    adjusted = np.full(given.shape, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    steps = given[order] * len(order) / np.arange(1, len(order) + 1)
    smallest = np.minimum.accumulate(steps[::-1])[::-1]
    adjusted[order] = np.minimum(smallest, 1.0)
    return adjusted
