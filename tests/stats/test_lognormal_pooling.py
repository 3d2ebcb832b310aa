"""Rates pooled on a log scale, against the posterior by brute force and planted truths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from spm_lib.core.errors import DataError
from spm_lib.stats import poisson_lognormal
from spm_lib.stats.lognormal_pooling import _priors


def brute_force(k: np.ndarray, n: np.ndarray, *, level: float) -> np.ndarray:
    """Mean, low and high of each rate from a fine grid of log rates under the same priors."""
    mean, spread, error = _priors(k, n, k.sum() / n.sum())
    grid = np.linspace(-3, 3, 3001)
    likely = k[:, None] * grid - n[:, None] * np.exp(grid)
    likely = np.exp(likely - likely.max(axis=1, keepdims=True))
    told = np.exp(-0.5 * ((grid - mean[:, None]) / spread[:, None]) ** 2)
    told /= told.sum(axis=1, keepdims=True)
    each = likely @ told.T
    fit = np.log(each).sum(axis=0) + np.log(error)
    weight = np.exp(fit - fit.max())
    found = likely * ((weight / weight.sum() / each) @ told)
    found /= found.sum(axis=1, keepdims=True)
    middle = found @ grid
    wide = np.sqrt((found * (grid - middle[:, None]) ** 2).sum(axis=1))
    reach = norm.ppf((1 + level) / 2) * wide
    return np.array([found @ np.exp(grid), np.exp(middle - reach), np.exp(middle + reach)])


@pytest.mark.parametrize(("size", "near"), [(500.0, 0.001), (60.0, 0.002), (8.0, 0.02)])
def test_posteriors_are_those_of_a_fine_grid(size: float, near: float) -> None:
    rng = np.random.default_rng(1)
    n = rng.gamma(2, size / 2, 24) + 1
    k = rng.poisson(n * np.exp(rng.normal(0, 0.3, 24))).astype(float)
    pooled = poisson_lognormal(k, n, 0.8)
    found = np.array([pooled.shrunk, pooled.low, pooled.high])
    np.testing.assert_allclose(np.log(found / brute_force(k, n, level=0.8)), 0, atol=near)


def test_intervals_hold_planted_factors_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(150):
        true = np.exp(rng.normal(0, 0.4, 40))
        n = rng.gamma(2, 45, 40)
        pooled = poisson_lognormal(rng.poisson(n * true), n, 0.8)
        inside.append((pooled.low <= true) & (true <= pooled.high))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.015)


def test_equal_rates_show_no_differences() -> None:
    pooled = poisson_lognormal([100, 101, 99], [100, 100, 100])
    assert not pooled.differs
    assert (pooled.shrunk == 1).all()
    draws = pooled.sample(500, np.random.default_rng(1))
    assert (draws == draws[:, :1]).all()
    assert draws.mean() == pytest.approx(1, abs=0.02)
    alike = [
        poisson_lognormal(np.random.default_rng(s).poisson(np.full(30, 50.0)), np.full(30, 50))
        for s in range(100)
    ]
    assert np.mean([one.differs for one in alike]) == pytest.approx(0.45, abs=0.15)


def test_draws_are_the_posterior() -> None:
    pooled = poisson_lognormal([20, 100, 300, 4], [100, 100, 100, 3], 0.8)
    draws = pooled.sample(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(draws.mean(axis=0), pooled.shrunk, rtol=0.02)
    inside = ((draws >= pooled.low) & (draws <= pooled.high)).mean(axis=0)
    np.testing.assert_allclose(inside, 0.8, atol=0.03)


def test_edges() -> None:
    one = poisson_lognormal([5], [5])
    assert (one.differs, one.shrunk[0]) == (False, 1.0)
    none = poisson_lognormal([0, 0], [5, 1])
    assert np.isfinite([none.low, none.high]).all()
    assert not none.differs
    hardly = poisson_lognormal([50, 20, 0], [30, 30, 1e-9])
    assert hardly.low[2] < hardly.low[1] < hardly.shrunk[2] < hardly.high[2]
    with pytest.raises(DataError):
        poisson_lognormal([1], [0])


@pytest.mark.parametrize(
    "known", [([3, 9, 1], [1, 1, 1]), ([0, 12], [4, 4]), ([6, 7, 26], [20] * 3)]
)
def test_a_unit_of_which_nothing_is_known_stands_in_the_middle(known: tuple) -> None:
    """Of few units differences of any size might be: their mean is then that of the unknown one."""
    k, n = (np.array(part, float) for part in known)
    pooled = poisson_lognormal([*k, 0, 0.15], [*n, 1e-6, 2e-9], 0.8)
    assert pooled.differs
    assert (pooled.low < pooled.shrunk).all()
    assert (pooled.shrunk < pooled.high).all()
    assert (pooled.shrunk[-2:] < (k / n).max()).all()
    draws = pooled.sample(2000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(pooled.shrunk.mean(), rel=0.1)
