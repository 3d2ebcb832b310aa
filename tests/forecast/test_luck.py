"""Deal luck has the mean and the variance that counting says."""

from __future__ import annotations

import numpy as np
import pytest

from spm_lib.forecast.methods.luck import (
    DealSizes,
    deal_sizes,
    sample_bookings,
    sample_open_deals,
)

DRAWS = 20_000


def test_bookings_are_poisson_numbers_of_gamma_deals() -> None:
    """Compound Poisson: mean = expected, variance = expected x mean deal x (1 + cv2)."""
    sizes = DealSizes(np.array([1000.0, 4000.0]), 0.5)
    expected = np.array([[3000.0, 0.0], [10_000.0, 2_000.0]])
    found = sample_bookings(expected, sizes, draws=DRAWS, rng=np.random.default_rng(1))
    assert found.dtype == np.int64
    for rep in range(2):
        for window in range(2):
            mean, size = expected[rep, window], sizes.mean[rep]
            variance = mean * size * 1.5
            assert found[rep, window].mean() == pytest.approx(mean, rel=0.03)
            assert found[rep, window].var() == pytest.approx(variance, rel=0.05)


def test_own_deal_sizes_are_shrunk_by_hand() -> None:
    amount, rep = np.array([100, 300, 1000, 0]), np.array([0, 0, 1, 1])
    found = deal_sizes(amount, rep, reps=3)
    pooled = (100 + 300 + 1000) / 3
    by_hand = [(400 + 8 * pooled) / 10, (1000 + 8 * pooled) / 9, pooled]
    assert found.mean.tolist() == pytest.approx(by_hand)


def test_nothing_won_yet_has_a_size_all_the_same() -> None:
    assert deal_sizes(np.array([]), np.array([], dtype=int), reps=2).mean.tolist() == [1.0, 1.0]


def test_an_open_deal_is_won_once_at_most() -> None:
    chance = np.array([[0.5, 0.5], [0.2, 0.3], [0.0, 0.0]])
    value, rep = np.array([100.0, 10.0, 1.0]), np.array([1, 0, 1])
    found = sample_open_deals(chance, value, rep, reps=2, draws=DRAWS, rng=np.random.default_rng(2))
    assert set(np.unique(found[1].sum(axis=0))) == {100}
    assert set(np.unique(found[0].sum(axis=0))) == {0, 10}
    expected = np.zeros((2, 2))
    for deal in range(3):
        for window in range(2):
            expected[rep[deal], window] += chance[deal, window] * value[deal]
    assert found.mean(axis=2) == pytest.approx(expected, rel=0.05)


def test_many_deals_are_drawn_in_blocks_without_loss() -> None:
    rng = np.random.default_rng(3)
    count = 4500
    rep = rng.integers(0, 5, count)
    found = sample_open_deals(
        np.ones((count, 1)), np.full(count, 2.0), rep, reps=6, draws=3, rng=rng
    )
    assert found[:, 0, 0].tolist() == [2 * int((rep == r).sum()) for r in range(6)]
