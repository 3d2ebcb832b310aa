"""Differences split without a rest: exact, whatever the order, to the last minor unit."""

from __future__ import annotations

from itertools import permutations
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.stats.attribution import lmdi, whole_parts

FACTOR = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))


@given(st.lists(st.tuples(FACTOR, FACTOR), min_size=2, max_size=4))
def test_parts_sum_to_the_difference_and_do_not_mind_the_order(pairs) -> None:
    now, before = (np.array(side) for side in zip(*pairs, strict=True))
    parts = lmdi(now, before)
    gap = now.prod() - before.prod()
    scale = np.maximum(now, before).prod() + 1.0
    assert abs(parts.sum() - gap) <= 1e-7 * scale
    turned = lmdi(now[::-1], before[::-1])[::-1]
    assert np.allclose(parts, turned, atol=1e-7 * scale)


def shapley(now: list[float], before: list[float]) -> list[float]:
    """Return each factor's mean effect over all orders in which the factors may change."""
    found = [0.0] * len(now)
    orders = list(permutations(range(len(now))))
    for order in orders:
        state = list(before)
        for part in order:
            last = prod(state)
            state[part] = now[part]
            found[part] += (prod(state) - last) / len(orders)
    return found


def test_where_a_factor_is_0_parts_are_the_means_over_all_orders() -> None:
    for now, before in (
        ([0.0, 5.0], [2.0, 3.0]),
        ([4.0, 0.5, 10.0], [0.0, 0.25, 8.0]),
        ([4.0, 0.0, 10.0], [3.0, 0.25, 0.0]),
    ):
        assert lmdi(now, before).tolist() == pytest.approx(shapley(now, before))
    by_hand = [((0 - 2) * 3 + (0 - 2) * 5) / 2, ((5 - 3) * 2 + (5 - 3) * 0) / 2]
    assert shapley([0.0, 5.0], [2.0, 3.0]) == by_hand


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_whole_parts_sum_to_the_whole(parts) -> None:
    total = round(sum(parts))
    found = whole_parts(parts, total)
    assert sum(found) == total
    assert all(abs(a - b) <= 1.5 for a, b in zip(found, parts, strict=True))
