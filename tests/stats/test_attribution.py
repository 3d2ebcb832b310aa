"""Differences split without a rest: exact, whatever the order, to the last minor unit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.stats.attribution import lmdi, shapley, whole_parts

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


def test_shapley_is_the_mean_over_all_orders_by_hand() -> None:
    found = shapley(lambda x: x[0] * x[1], [3.0, 5.0], [1.0, 2.0])
    assert found.tolist() == [((3 - 1) * 2 + (3 - 1) * 5) / 2, ((5 - 2) * 1 + (5 - 2) * 3) / 2]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_whole_parts_sum_to_the_whole(parts) -> None:
    total = round(sum(parts))
    found = whole_parts(parts, total)
    assert sum(found) == total
    assert all(abs(a - b) <= 1.5 for a, b in zip(found, parts, strict=True))
