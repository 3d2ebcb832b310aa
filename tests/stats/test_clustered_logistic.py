"""Clustered logistic models and sample sizes: other routes, and how often intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.stats import clustered_logistic, trials_per_arm


def _rows(seed: int, *, clusters: int = 20, spread: float = 0.5, effect: float = 0.4):
    """Rows whose second column varies between clusters only, with an effect of 0."""
    rng = np.random.default_rng(seed)
    code = rng.integers(0, clusters, 1200)
    own, between = rng.standard_normal(1200), rng.standard_normal(clusters)[code]
    line = -0.3 + effect * own + spread * rng.standard_normal(clusters)[code]
    x = np.column_stack([np.ones(1200), own, between])
    return x, (rng.random(1200) < expit(line)).astype(float), code


def test_the_odds_are_those_of_another_library() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, code = _rows(1)
    theirs = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=500).fit(x, y)
    assert clustered_logistic(x, y, code).coef == pytest.approx(theirs.coef_[0], abs=1e-4)


def test_the_jackknife_is_that_of_fits_without_each_cluster() -> None:
    from sklearn.linear_model import LogisticRegression

    x, y, code = _rows(2)
    fits = np.array([
        LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=500)
        .fit(x[code != g], y[code != g]).coef_[0]
        for g in range(20)
    ])  # fmt: skip
    plain = np.sqrt(19 / 20 * ((fits - fits.mean(axis=0)) ** 2).sum(axis=0))
    assert clustered_logistic(x, y, code).error == pytest.approx(plain, rel=0.03)


def test_what_varies_between_clusters_is_not_found_by_luck() -> None:
    """Plain errors call a between-cluster zero significant far too often; these do not."""
    ours = plain = held = 0
    for seed in range(120):
        x, y, code = _rows(seed)
        made = clustered_logistic(x, y, code, df_taken=1)
        chance = expit(x @ made.coef)
        curve = np.linalg.inv((x * (chance * (1 - chance))[:, None]).T @ x)
        plain += abs(made.coef[2]) > 1.96 * np.sqrt(curve[2, 2])
        ours += made.p[2] < 0.05
        held += made.low[1] <= 0.4 * 0.94 <= made.high[1]  # a marginal odds ratio is smaller
    assert plain / 120 > 0.2
    assert ours / 120 <= 0.09
    assert held / 120 >= 0.88


def test_two_clusters_have_no_interval_and_equal_outcomes_no_model() -> None:
    made = clustered_logistic(np.ones((4, 1)), [0, 1, 1, 0], ["a", "a", "b", "b"])
    assert np.isnan(made.error).all()
    assert np.isnan(made.p).all()
    with pytest.raises(DataError, match="nothing to tell apart"):
        clustered_logistic(np.ones((4, 1)), [1, 1, 1, 1], [1, 2, 3, 4])


def test_columns_that_part_the_outcomes_do_not_break_it() -> None:
    x = np.column_stack([np.ones(40), np.repeat([0.0, 1.0], 20)])
    made = clustered_logistic(x, np.repeat([0.0, 1.0], 20), np.arange(40) % 5)
    assert np.isfinite(made.coef).all()


def test_the_published_sample_size() -> None:
    """Design notes 4.3: 47 % and 80 % power, five points more: about 1,570 deals per arm."""
    assert abs(trials_per_arm(0.47, 0.05) - 1570) <= 5
    # Fleiss, Levin & Paik, table A.4 without continuity correction: .25 against .40, 80 %
    assert trials_per_arm(0.25, 0.15) == pytest.approx(152, abs=1)


def test_the_sample_size_gives_the_power_it_promises() -> None:
    rng = np.random.default_rng(7)
    n = trials_per_arm(0.3, 0.1)
    a, b = (rng.binomial(n, p, 20_000) / n for p in (0.3, 0.4))
    mean = (a + b) / 2
    found = np.abs(a - b) / np.sqrt(2 * mean * (1 - mean) / n) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.015)


def test_impossible_shares_are_refused() -> None:
    for base, gain in ((0.98, 0.05), (0.5, 0.0), (0.0, 0.1)):
        with pytest.raises(ParameterError, match="two different shares"):
            trials_per_arm(base, gain)
