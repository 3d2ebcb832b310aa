"""Rows of the same kind: those alike in each of several factors, numbered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Ints = np.ndarray
_DENSE = 64  # places a row for which a table of all combinations is quicker than sorting


def kinds_of(factors: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return each row's kind (a combination of factors), and the first row of each kind.

    Kinds are numbered in the order of their combinations. Factors are numbers from 0 on.

    Examples
    --------
    >>> kind, first = kinds_of([np.array([1, 0, 1]), np.array([0, 2, 0])])
    >>> kind.tolist(), first.tolist()
    ([1, 0, 1], [1, 0])
    """
    key = np.zeros(len(factors[0]), dtype=np.int64)
    most = 1
    for factor in factors:
        size = int(factor.max(initial=0)) + 1
        key, most = key * size + factor, most * size
    if most > _DENSE * len(key):
        _, first, kind = np.unique(key, return_index=True, return_inverse=True)
        return kind, first
    place = np.full(most, -1, dtype=np.int64)
    place[key[::-1]] = np.arange(len(key) - 1, -1, -1)  # the first row of a kind comes last
    there = np.flatnonzero(place >= 0)
    first = place[there]
    place[there] = np.arange(len(there))
    return place[key], first
