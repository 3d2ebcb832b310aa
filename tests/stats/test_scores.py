"""Scores, ranks and false discovery against their definitions and SciPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, rankdata

from spm_lib.stats import (
    benjamini_hochberg,
    bias,
    coverage,
    crps,
    indistinguishable,
    ncrps,
    rank_summary,
    wape,
)

WHOLE = st.integers(-1000, 1000)


@given(samples=st.lists(WHOLE, min_size=2, max_size=15), actual=WHOLE)
def test_crps_is_its_definition(samples: list[int], actual: int) -> None:
    pairs = list(itertools.combinations(samples, 2))
    near = np.mean([abs(x - actual) for x in samples])
    apart = np.mean([abs(x - y) for x, y in pairs])
    assert float(crps(samples, actual)) == pytest.approx(near - apart / 2, abs=1e-9)


def test_crps_of_a_normal_is_the_closed_form() -> None:
    # Gneiting & Raftery (2007), eq. 21: crps(N(0,1), 0) = (sqrt(2) - 1) / sqrt(pi) = 0.23370
    draws = np.random.default_rng(1).normal(size=(1, 200_000))
    assert crps(draws, [0.0])[0] == pytest.approx(0.23370, abs=0.003)


def test_fair_means_that_few_samples_score_no_worse() -> None:
    rng = np.random.default_rng(2)
    actual = rng.normal(size=40_000)
    few = crps(rng.normal(size=(40_000, 3)), actual).mean()
    assert few == pytest.approx(1 / np.sqrt(np.pi), abs=0.01)  # the expected score of the truth


def test_a_point_scores_its_error() -> None:
    assert ncrps([[8.0], [14.0]], [10, 10]) == wape([8, 14], [10, 10]) == 0.3
    assert bias([8, 14], [10, 10]) == 0.1


def test_scores_of_nothing_are_open() -> None:
    assert wape([1], [0]) is None
    assert bias([], []) is None
    assert coverage([], [], []) is None
    assert ncrps(np.ones((1, 3)), [0]) is None


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_is_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p, method="bh"))


def test_nothing_tested_is_nothing_found() -> None:
    assert benjamini_hochberg([]).size == 0
    assert np.isnan(benjamini_hochberg([np.nan])).all()


def test_ranks_are_those_of_scipy() -> None:
    draws = np.random.default_rng(3).integers(0, 6, (400, 7)).astype(float)
    found = rank_summary(draws, level=0.8)
    best = np.array([rankdata(-row, method="min") for row in draws])
    worst = np.array([rankdata(-row, method="max") for row in draws])
    assert found["rank_low"].to_list() == [np.sort(c)[39] for c in best.T]
    assert found["rank_high"].to_list() == [np.sort(c)[359] for c in worst.T]
    assert found["p_best"].sum() == pytest.approx(1)
    above = (draws > draws.mean(axis=1, keepdims=True)).mean(axis=0)
    assert found["p_above_mean"].to_list() == pytest.approx(list(above))


def test_equal_units_range_from_first_to_last() -> None:
    draws = np.repeat(np.random.default_rng(4).random((100, 1)), 5, axis=1)
    found = rank_summary(draws)
    assert set(found["rank_low"]) == {1}
    assert set(found["rank_high"]) == {5}
    assert found["p_best"].to_list() == pytest.approx([0.2] * 5)
    assert found["p_above_mean"].sum() == 0
    assert indistinguishable(draws) == [[0, 1, 2, 3, 4]]


def test_groups_are_the_largest_sets_without_a_difference() -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        draws = rng.normal(rng.normal(0, 2, 6), 1.0, size=(400, 6))
        share = np.array([[(a > b).mean() for b in draws.T] for a in draws.T])
        apart = (share >= 0.95) | (share.T >= 0.95)
        order = list(np.argsort(-draws.mean(axis=0)))
        runs = [order[i:j] for i in range(6) for j in range(i + 1, 7)]
        quiet = [r for r in runs if not any(apart[a, b] for a, b in itertools.combinations(r, 2))]
        largest = [r for r in quiet if not any(set(r) < set(other) for other in quiet)]
        assert indistinguishable(draws) == largest
