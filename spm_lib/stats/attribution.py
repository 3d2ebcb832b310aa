"""What each factor of a product, or part of anything, adds to a difference: exact, order-free."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def lmdi(now: ArrayLike, before: ArrayLike) -> Floats:
    """Return what each factor adds to the difference of two products; they sum to it.

    The last axis holds the factors. ``L(B, B0) ln(x / x0)``, L the logarithmic mean. Where a factor
    is 0 on one side, what the Shapley value of the product says is taken.

    Source: Ang (2004), Energy Policy 32:1131 (additive LMDI-I).

    Examples
    --------
    >>> [round(float(part), 4) for part in lmdi([4.0, 0.5], [2.0, 0.5])]
    [1.0, 0.0]
    >>> [round(float(part), 4) for part in lmdi([0.0, 0.5], [2.0, 1.0])]
    [-1.5, -0.5]
    """
    x, x0 = np.broadcast_arrays(np.asarray(now, float), np.asarray(before, float))
    b0 = x0.prod(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.log(x / x0).sum(axis=-1)
        mean = np.asarray(b0 * np.where(ratio == 0, 1.0, np.expm1(ratio) / ratio))
        parts = mean[..., None] * np.log(x / x0)
    some = ~((x > 0).all(axis=-1) & (x0 > 0).all(axis=-1))
    if np.any(some):
        parts[some] = _product_shapley(x[some], x0[some])
    return parts


def _product_shapley(x: Floats, x0: Floats) -> Floats:
    """Return the Shapley value of a product: each factor's mean effect over all orders.

    Source: Shapley (1953); Shorrocks (2013), Journal of Economic Inequality 11:99.
    """
    size = x.shape[-1]
    orders = list(permutations(range(size)))
    found = np.zeros(x.shape)
    for order in orders:
        state = x0.copy()
        last = state.prod(axis=-1)
        for part in order:
            state[..., part] = x[..., part]
            after = state.prod(axis=-1)
            found[..., part] += (after - last) / len(orders)
            last = after
    return found


def whole_parts(parts: ArrayLike, total: int) -> list[int]:
    """Return the parts as whole numbers that sum to ``total`` (largest remainders).

    Examples
    --------
    >>> whole_parts([1.4, 1.4, 0.2], 3)
    [2, 1, 0]
    """
    given = np.asarray(parts, float)
    floor = np.floor(given).astype(np.int64)
    rest = int(total) - int(floor.sum())
    order = np.argsort(-(given - floor), kind="stable")
    step = 1 if rest > 0 else -1
    for place in range(abs(rest)):
        floor[order[place % len(given)] if rest > 0 else order[-1 - place % len(given)]] += step
    return [int(part) for part in floor]
