"""Partial pooling against SciPy's likelihoods, planted truth and companies without differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, chi2_contingency, nbinom

from spm_lib.core import DataError
from spm_lib.stats import beta_binomial, gamma_poisson, heterogeneity
from spm_lib.stats.families import BetaBinomial, GammaPoisson


def planted(rng: np.random.Generator, units: int, n: int, mean: float, strength: float):
    rates = rng.beta(mean * strength, (1 - mean) * strength, units)
    trials = rng.integers(n // 2, n * 2, units)
    return rates, rng.binomial(trials, rates), trials


def test_the_fit_is_the_top_of_scipys_likelihood() -> None:
    _, k, n = planted(np.random.default_rng(1), 40, 80, 0.4, 30)
    found = beta_binomial(k, n)

    def likelihood(mean: float, strength: float) -> float:
        return betabinom.logpmf(k, n, mean * strength, (1 - mean) * strength).sum()

    top = likelihood(found.mean, found.strength)
    means, strengths = np.linspace(0.3, 0.5, 81), np.geomspace(5, 300, 81)
    assert top >= max(likelihood(m, s) for m in means for s in strengths) - 1e-9
    assert found.shrunk == pytest.approx((found.alpha + k) / (found.alpha + found.beta + n))


def test_the_gamma_fit_is_the_top_of_scipys_likelihood() -> None:
    rng = np.random.default_rng(2)
    time = rng.uniform(1, 12, 60)
    k = rng.poisson(time * rng.gamma(4, 1.5 / 4, 60))
    found = gamma_poisson(k, time)

    def likelihood(mean: float, strength: float) -> float:
        return nbinom.logpmf(k, mean * strength, strength / (strength + time)).sum()

    top = likelihood(found.mean, found.strength)
    means, strengths = np.linspace(0.8, 2.5, 81), np.geomspace(0.3, 30, 81)
    assert top >= max(likelihood(m, s) for m in means for s in strengths) - 1e-9
    assert found.shrunk == pytest.approx((found.alpha + k) / (found.beta + time))


@pytest.mark.parametrize(("family", "mean"), [(BetaBinomial, 0.3), (GammaPoisson, 0.4)])
@pytest.mark.parametrize("strength", [1.0, 60.0, 400.0])
def test_slopes_are_those_of_the_likelihood(family, mean: float, strength: float) -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(20, 200, 25).astype(float)
    counted = family(rng.binomial(n.astype(int), rng.beta(20, 40, 25)).astype(float), n)
    by_mean, by_strength = counted.slopes(mean, strength)
    up, down = counted.gain(mean + 1e-5, strength), counted.gain(mean - 1e-5, strength)
    assert by_mean == pytest.approx((up - down) / 2e-5, rel=1e-5)
    step = strength * 1e-4
    up, down = counted.gain(mean, strength + step), counted.gain(mean, strength - step)
    assert by_strength == pytest.approx((up - down) / (2 * step), rel=1e-4)


def test_planted_rates_are_recovered() -> None:
    rng = np.random.default_rng(3)
    rates, k, n = planted(rng, 400, 100, 0.35, 40)
    found = beta_binomial(k, n)
    assert found.mean == pytest.approx(0.35, abs=0.01)
    assert found.strength == pytest.approx(40, rel=0.25)
    shrunk_error = np.mean((found.shrunk - rates) ** 2)
    assert shrunk_error < 0.85 * np.mean((k / n - rates) ** 2)
    inside = (found.low <= rates) & (rates <= found.high)
    assert 0.92 <= inside.mean() <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("units", [8, 25])
def test_intervals_cover_the_truth_in_small_companies(units: int) -> None:
    rng, hits = np.random.default_rng(4), []
    for _ in range(80):
        rates, k, n = planted(rng, units, 60, 0.4, 25)
        found = beta_binomial(k, n)
        hits.append(np.mean((found.low <= rates) & (rates <= found.high)))
    assert np.mean(hits) > 0.88


@pytest.mark.slow
def test_a_company_without_differences_shows_none() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(50, 300, (100, 30))
    found = [beta_binomial(rng.binomial(row, 0.3), row) for row in n]
    # The likelihood of equal rates peaks at infinite strength about half the time and elsewhere
    # far out: what is left of the spread is small in every case.
    assert 0.4 < np.mean([math.isinf(one.strength) for one in found]) < 0.75
    assert max(np.ptp(one.shrunk) for one in found) < 0.13
    none = next(one for one in found if not one.differs)
    assert np.ptp(none.shrunk) == 0
    draws = none.sample(500, rng)
    assert draws.shape == (500, 30)
    assert np.ptp(draws, axis=1).max() == 0


def test_equal_shares_show_no_evidence_of_differences() -> None:
    for found in (beta_binomial([30] * 9, [100] * 9), gamma_poisson([30] * 9, [10] * 9)):
        assert math.isinf(found.strength)
        assert not found.differs
        assert np.all((found.low < found.mean) & (found.mean < found.high))


@pytest.mark.parametrize("k", [[0, 0], [7, 9], [0, 9], [3, 0]])
def test_edges_give_proper_intervals(k: list[int]) -> None:
    found = beta_binomial(k, [7, 9])
    assert np.all((found.low >= 0) & (found.low <= found.high) & (found.high <= 1))


def test_a_unit_without_trials_has_the_common_rate() -> None:
    found = beta_binomial([0, 30, 50, 70], [0, 100, 100, 100])
    assert found.shrunk[0] == pytest.approx(found.mean)
    assert found.low[0] < found.low[1]


def test_draws_are_the_posterior() -> None:
    rng = np.random.default_rng(6)
    _, k, n = planted(rng, 40, 80, 0.4, 30)
    time = rng.uniform(5, 12, 40)
    for found in (
        beta_binomial(k, n),
        gamma_poisson(rng.poisson(time * rng.gamma(4, 1.5 / 4, 40)), time),
    ):
        draws = found.sample(40_000, rng)
        near = 0.1 * draws.std(axis=0).max()
        assert draws.mean(axis=0) == pytest.approx(found.shrunk, abs=near)
        assert np.quantile(draws, 0.025, axis=0) == pytest.approx(found.low, abs=near)
        assert np.quantile(draws, 0.975, axis=0) == pytest.approx(found.high, abs=near)


@pytest.mark.parametrize(("k", "n"), [([1], [0]), ([5], [4]), ([-1, 2], [3, 3]), ([1, 2], [3])])
def test_counts_that_cannot_be_are_refused(k: list[int], n: list[int]) -> None:
    with pytest.raises(DataError, match="trials"):
        beta_binomial(k, n)


def test_heterogeneity_is_scipys_chi_square() -> None:
    rng = np.random.default_rng(7)
    n = rng.integers(10, 200, 12)
    k = rng.binomial(n, 0.4)
    expected = chi2_contingency([k, n - k], correction=False)
    found = heterogeneity([*k, 0], [*n, 0])
    assert (found.q, found.df) == (pytest.approx(expected.statistic), expected.dof)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.phi == pytest.approx(expected.statistic / expected.dof)


def test_heterogeneity_rejects_equal_rates_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    n = rng.integers(40, 200, (2000, 20))
    p = [heterogeneity(rng.binomial(row, 0.5), row).p for row in n]
    assert 0.035 < np.mean(np.array(p) < 0.05) < 0.065


def test_one_unit_cannot_differ() -> None:
    assert heterogeneity([3], [9]) == heterogeneity([], [])
    assert heterogeneity([0, 0], [5, 5]).p == 1
