"""What posterior draws say about order: rank intervals, and who cannot be told apart."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


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
    best, worst = _ranks(values)
    tails = [(1 - level) / 2, (1 + level) / 2]
    top = (best == 1) / (best == 1).sum(axis=1, keepdims=True)
    above = values > values.mean(axis=1, keepdims=True) * (1 + 1e-12)
    return pl.DataFrame(
        {
            "unit": np.arange(values.shape[1]),
            "rank_low": np.quantile(best, tails[0], axis=0, method="inverted_cdf"),
            "rank_high": np.quantile(worst, tails[1], axis=0, method="inverted_cdf"),
            "p_best": top.mean(axis=0),
            "p_above_mean": above.mean(axis=0),
        }
    )


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
    order = np.argsort(-values.mean(axis=0), kind="stable")
    places = _ranks(values)[0].astype(np.int32)  # as good as the values, and quicker to compare
    units = np.ascontiguousarray(places[:, order].T)
    groups: list[list[int]] = []
    start = reach = 0
    for end in range(len(order)):
        apart = np.flatnonzero(_told_apart(units[start:end], units[end], level))
        if not len(apart):
            continue
        if end > reach:
            groups.append([int(unit) for unit in order[start:end]])
            reach = end
        start += int(apart[-1]) + 1
    groups.append([int(unit) for unit in order[start:]])
    return groups


def _told_apart(others: NDArray, unit: NDArray, level: float) -> NDArray:
    """Say which of the others are told apart from a unit, by their ranks in each draw."""
    apart = _share(others < unit) >= level
    rest = np.flatnonzero(~apart)  # mostly near ones: the others come first, by their means
    apart[rest] = _share(others[rest] > unit) >= level
    return apart


def _share(so: NDArray[np.bool_]) -> Floats:
    """Return the share of the draws (last axis) in which it is so; counted by bits, for speed."""
    bits = np.packbits(so, axis=-1)
    return np.bitwise_count(bits).sum(axis=-1, dtype=np.int64) / so.shape[-1]


def _ranks(values: Floats) -> tuple[NDArray, NDArray]:
    """Return for each draw the best and the worst rank each unit could have (ties shared)."""
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    count = values.shape[1]
    first = np.broadcast_to(np.arange(1, count + 1), values.shape)
    last = first
    apart = np.diff(ordered, axis=1) != 0
    if not apart.all():
        edge = np.ones((len(values), 1), dtype=bool)
        first = np.maximum.accumulate(np.where(np.hstack([edge, apart]), first, 0), axis=1)
        ends = np.where(np.hstack([apart, edge]), last, count)
        last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    best, worst = np.empty_like(order), np.empty_like(order)
    np.put_along_axis(best, order, first, axis=1)
    np.put_along_axis(worst, order, last, axis=1)
    return best, worst
