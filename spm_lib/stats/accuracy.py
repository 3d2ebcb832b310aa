"""Scores of forecasts against what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wape(forecast: ArrayLike, actual: ArrayLike) -> float | None:
    """Return sum |f - a| / sum |a|, pooled; None where nothing happened.

    Source: Kolassa & Schütz (2007), Foresight 6:40 (the MAD/Mean ratio).

    Examples
    --------
    >>> wape([8, 14], [10, 10])
    0.3
    """
    f, a = np.asarray(forecast, float), np.asarray(actual, float)
    return _ratio(np.abs(f - a).sum(), np.abs(a).sum())


def bias(forecast: ArrayLike, actual: ArrayLike) -> float | None:
    """Return sum (f - a) / sum |a|: above zero is too high; None where nothing happened.

    Examples
    --------
    >>> bias([8, 14], [10, 10])
    0.1
    """
    f, a = np.asarray(forecast, float), np.asarray(actual, float)
    return _ratio((f - a).sum(), np.abs(a).sum())


def crps(samples: ArrayLike, actual: ArrayLike) -> Floats:
    """Return the fair continuous ranked probability score of samples along the last axis.

    E|X - a| - E|X - X'| / 2 with the unbiased n(n-1) denominator: in the unit of the forecast, and
    equal to the absolute error for a single sample.

    Source: Gneiting & Raftery (2007), JASA 102:359; fair version: Ferro (2014), QJRMS 140:1917.

    Examples
    --------
    >>> float(crps([1.0, 3.0], 2.0))
    0.0
    >>> crps([[1.0, 3.0], [5.0, 5.0]], [2.0, 2.0]).tolist()
    [0.0, 3.0]
    """
    x = np.sort(np.asarray(samples, float), axis=-1)
    m = x.shape[-1]
    distance = np.abs(x - np.asarray(actual, float)[..., None]).mean(axis=-1)
    if m == 1:
        return distance
    weights = 2 * np.arange(1, m + 1) - m - 1
    return distance - (x * weights).sum(axis=-1) / (m * (m - 1))


def ncrps(samples: ArrayLike, actual: ArrayLike) -> float | None:
    """Return sum CRPS / sum |a|: comparable with ``wape``, to which it is equal for a point."""
    return _ratio(crps(samples, actual).sum(), np.abs(np.asarray(actual, float)).sum())


def coverage(low: ArrayLike, high: ArrayLike, actual: ArrayLike) -> float | None:
    """Return the share of actual values in ``[low, high]``; None without any.

    Examples
    --------
    >>> coverage([0, 0], [10, 10], [5, 11])
    0.5
    """
    a = np.asarray(actual, float)
    inside = (np.asarray(low) <= a) & (a <= np.asarray(high))
    return float(inside.mean()) if a.size else None


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None
