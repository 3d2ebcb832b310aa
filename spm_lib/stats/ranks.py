"""What posterior draws say about order: rank intervals, and who cannot be told apart."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_WORD = 64  # draws counted at once


def rank_summary(draws: ArrayLike, level: float = 0.95) -> pl.DataFrame:
    """Return for each unit between which ranks it lies; rank 1 is the highest value.

    ``draws`` has one row per draw and one column per unit. Units equal in a draw share all ranks
    they could have there, so units that are never told apart range from first to last.

    Source: Goldstein & Spiegelhalter (1996), JRSS A 159:385.

    Columns out
    -----------
    unit : Int64, column number; rank_low, rank_high : Int64, bounds of the rank (low is better)
    p_best : Float64, probability of the highest value; they sum to 1
    p_above_mean : Float64, probability of a value above the mean of all units

    Examples
    --------
    >>> rank_summary([[3.0, 1.0, 2.0], [3.0, 2.0, 1.0]])["rank_high"].to_list()
    [1, 3, 3]
    """
    values = np.asarray(draws, float)
    return _summary(values, _ranks(values), level)


def ranks_and_groups(draws: ArrayLike, level: float = 0.95) -> tuple[pl.DataFrame, list[list[int]]]:
    """Return ``rank_summary`` and ``indistinguishable`` of the same draws, ranked once.

    Examples
    --------
    >>> ranks, groups = ranks_and_groups([[3.0, 1.0, 2.0], [3.0, 2.0, 1.0]])
    >>> ranks["rank_high"].to_list(), groups
    ([1, 3, 3], [[0], [1, 2]])
    """
    values = np.asarray(draws, float)
    ranks = _ranks(values)
    return _summary(values, ranks, level), _groups(values, ranks[0], level)


def _summary(values: Floats, ranks: tuple[NDArray, NDArray], level: float) -> pl.DataFrame:
    best, worst = ranks
    count, units = values.shape
    draw, unit = np.nonzero(best == 1)
    ties = np.bincount(draw, minlength=count)
    lowest = _ordered(best)
    highest = lowest if worst is best else _ordered(worst)
    return pl.DataFrame(
        {
            "unit": np.arange(units),
            "rank_low": _bound(lowest, (1 - level) / 2),
            "rank_high": _bound(highest, (1 + level) / 2),
            "p_best": np.bincount(unit, 1 / ties[draw], units) / count,
            "p_above_mean": above_mean(values),
        }
    )


def _ordered(ranks: NDArray) -> NDArray:
    """Return each unit's ranks in order, a row per unit."""
    return np.sort(np.ascontiguousarray(ranks.T), axis=1)


def _bound(ordered: NDArray, share: float) -> NDArray:
    """Return the smallest rank of each unit that at least so large a share of its ranks reach."""
    place = max(math.ceil(ordered.shape[1] * share - 1), 0)
    return ordered[:, place].astype(np.int64)


def above_mean(draws: ArrayLike) -> Floats:
    """Return the probability of each unit (column) of a value above the mean of all units.

    Examples
    --------
    >>> above_mean([[3.0, 1.0, 2.0], [3.0, 2.0, 1.0]]).tolist()
    [1.0, 0.0, 0.0]
    """
    values = np.asarray(draws, float)
    return (values > values.mean(axis=1, keepdims=True) * (1 + 1e-12)).mean(axis=0)


def indistinguishable(draws: ArrayLike, level: float = 0.95) -> list[list[int]]:
    """Return the largest sets of units of which no two can be told apart.

    Two units are told apart when the probability that one is above the other is at least
    ``level``. Units are listed from the highest mean down; one between two sets is in both (a
    compact letter display, Piepho 2004, JCGS 13:456).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> indistinguishable(rng.normal([0.0, 0.1, 9.0], 1.0, size=(500, 3)))
    [[2], [1, 0]]
    """
    values = np.asarray(draws, float)
    return _groups(values, _ranks(values)[0], level)


def _groups(values: Floats, places: NDArray, level: float) -> list[list[int]]:
    """Return them by the places of the units in each draw: as good as values, and quicker."""
    order = np.argsort(-values.mean(axis=0), kind="stable")
    units = np.zeros((len(order), -(-len(places) // _WORD) * _WORD), dtype=places.dtype)
    units[:, : len(places)] = places[:, order].T
    groups: list[list[int]] = []
    start = reach = 0
    for end in range(len(order)):
        apart = np.flatnonzero(_told_apart(units[start:end], units[end], level * len(places)))
        if not len(apart):
            continue
        if end > reach:
            groups.append([int(unit) for unit in order[start:end]])
            reach = end
        start += int(apart[-1]) + 1
    groups.append([int(unit) for unit in order[start:]])
    return groups


def _told_apart(others: NDArray, unit: NDArray, enough: float) -> NDArray:
    """Say which of the others are above a unit, or below it, in enough draws, by their ranks."""
    above = _count(others < unit)
    apart = above >= enough
    rest = np.flatnonzero(above + enough <= len(unit))  # few: the others come first, by their means
    if len(rest):
        apart[rest] |= _count(others[rest] > unit) >= enough
    return apart


def _count(so: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return in how many draws (last axis, whole words) it is so; counted by bits, for speed."""
    words = np.packbits(so, axis=-1).view(np.uint64)
    return np.bitwise_count(words).sum(axis=-1, dtype=np.int64)


def _ranks(values: Floats) -> tuple[NDArray, NDArray]:
    """Return for each draw the best and the worst rank each unit could have (ties shared)."""
    order = np.argsort(-values, axis=1)  # of equal ones in any order: they share their ranks
    ordered = np.take_along_axis(values, order, axis=1)
    draws, count = values.shape
    small = np.int16 if count < np.iinfo(np.int16).max else np.int64
    first = np.broadcast_to(np.arange(1, count + 1, dtype=small), values.shape)
    cells = (order + np.arange(draws)[:, None] * count).ravel()

    def to_units(ranks: NDArray) -> NDArray:
        found = np.empty(draws * count, dtype=small)
        found[cells] = ranks.ravel()
        return found.reshape(draws, count)

    apart = np.diff(ordered, axis=1) != 0
    if apart.all():
        best = to_units(first)
        return best, best
    edge = np.ones((draws, 1), dtype=bool)
    best = np.maximum.accumulate(np.where(np.hstack([edge, apart]), first, 0), axis=1)
    ends = np.where(np.hstack([apart, edge]), first, count).astype(small)
    worst = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return to_units(best), to_units(worst)
