"""Funnel limits: how far from the common share a unit of size n may lie by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special

Floats = NDArray[np.float64]


def funnel_limits(p: float, n: ArrayLike, levels: Sequence[float] = (0.95, 0.998)) -> pl.DataFrame:
    """Return the exact binomial limits around a common share, interpolated between whole counts.

    A unit lies below the lower limit exactly where the chance of its count or fewer is under
    ``(1 - level) / 2``. Source: Spiegelhalter (2005), Statistics in Medicine 24:1185, appendix
    A.1.1; the upper limit is here the mirror image of the lower one, so that it is as exact.

    Columns out
    -----------
    n : Int64; level : Float64; low, high : Float64, within ``[0, 1]``

    Examples
    --------
    >>> funnel_limits(0.5, [100], levels=[0.95]).select("low", "high").row(0)  # doctest: +ELLIPSIS
    (0.396..., 0.603...)
    """
    sizes = np.asarray(n, int)
    parts = [
        pl.DataFrame(
            {
                "n": sizes,
                "level": np.full(len(sizes), level),
                "low": _lower((1 - level) / 2, sizes, p),
                "high": 1 - _lower((1 - level) / 2, sizes, 1 - p),
            }
        )
        for level in levels
    ]
    return pl.concat(parts)


def _lower(probability: float, n: NDArray, p: float) -> Floats:
    if p <= 0 or p >= 1:
        return np.full(len(n), float(p))
    count = np.maximum(np.ceil(special.bdtrik(probability, n, p) - 1e-9), 0)
    upper = special.bdtr(count, n, p)
    below = np.where(count > 0, special.bdtr(np.maximum(count - 1, 0), n, p), 0.0)
    back = (upper - probability) / (upper - below)
    return np.clip((count - back) / n, 0, 1)
