"""Poisson regression with a ridge against another library, and against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from spm_lib.stats.ridge import ridge_poisson


def made(rows: int = 400, columns: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(rows), rng.normal(size=(rows, columns))])
    exposure = rng.uniform(0.5, 20, rows)
    rate = exposure * np.exp(design @ np.array([-1.0, 0.5, -0.3, 0.0]))
    return design, rng.poisson(rate).astype(float), exposure


def test_it_agrees_with_another_library() -> None:
    """scikit-learn takes rates weighted by exposure, and a mean loss: alpha = penalty / weight."""
    from sklearn.linear_model import PoissonRegressor

    design, count, exposure = made()
    penalty = np.array([0.0, 7.0, 7.0, 7.0])
    mine = ridge_poisson(design, count, exposure, penalty=penalty).beta
    other = PoissonRegressor(alpha=7.0 / exposure.sum(), tol=1e-10, max_iter=1000)
    other.fit(design[:, 1:], count / exposure, sample_weight=exposure)
    assert mine == pytest.approx([other.intercept_, *other.coef_], abs=1e-4)


def test_a_stronger_ridge_shrinks_and_nothing_without_exposure_counts() -> None:
    design, count, exposure = made()
    weak = ridge_poisson(design, count, exposure, penalty=np.array([0.0, 1, 1, 1])).beta
    strong = ridge_poisson(design, count, exposure, penalty=np.array([0.0, 1e4, 1e4, 1e4])).beta
    assert np.abs(strong[1:]).max() < 0.3 * np.abs(weak[1:]).max()
    more = np.vstack([design, design[:1]])
    same = ridge_poisson(
        more, np.append(count, 9.0), np.append(exposure, 0.0), penalty=np.array([0.0, 1, 1, 1])
    )
    assert same.beta == pytest.approx(weak)


def test_evidence_prefers_the_penalty_that_the_effects_came_from() -> None:
    rng = np.random.default_rng(8)
    groups, each = 40, 30
    design = np.column_stack([np.ones(groups * each), np.repeat(np.eye(groups), each, axis=0)])
    for true, candidates in ((0.0, (0.02, 0.5)), (0.8, (0.02, 0.8))):
        effect = rng.normal(0, true, groups)
        count = rng.poisson(np.exp(1 + np.repeat(effect, each))).astype(float)
        fits = [
            ridge_poisson(
                design,
                count,
                np.ones(len(count)),
                penalty=np.append(0.0, np.full(groups, 1 / spread**2)),
            ).evidence
            for spread in candidates
        ]
        assert (fits[0] > fits[1]) == (true == 0.0)


def test_codes_as_a_sparse_design_give_what_the_dense_one_gives() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 6, 900)
    design = np.column_stack([np.ones(900), np.eye(6)[codes], np.eye(4)[codes % 4]])
    exposure = rng.uniform(0, 9, 900)
    count = rng.poisson(exposure * np.exp(-1 + 0.2 * codes)).astype(float)
    penalty = np.append(0.0, np.full(10, 4.0))
    dense = ridge_poisson(design, count, exposure, penalty=penalty)
    sparse = ridge_poisson(csr_array(design), count, exposure, penalty=penalty)
    assert sparse.beta == pytest.approx(dense.beta, abs=1e-9)
    assert sparse.evidence == pytest.approx(dense.evidence, abs=1e-6)
