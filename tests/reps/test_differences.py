"""Volume, deal size, cycle: tests against SciPy and loops."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from spm_lib.reps.comparison.differences import kruskal_wallis, volume_difference


def test_kruskal_wallis_is_scipys_with_and_without_ties() -> None:
    rng = np.random.default_rng(1)
    for groups in (
        [rng.normal(size=20), rng.normal(size=7), rng.normal(1, 1, size=12)],
        [rng.integers(0, 4, 30), rng.integers(0, 5, 25)],
    ):
        mine, other = kruskal_wallis(groups), stats.kruskal(*groups)
        assert mine == pytest.approx((other.statistic, other.pvalue))


def test_equal_values_differ_in_nothing() -> None:
    assert kruskal_wallis([np.ones(5), np.ones(4)]) == (0.0, 1.0)
    assert kruskal_wallis([np.ones(5)]) == (0.0, None)


def test_volume_by_a_loop_and_per_day_on_board() -> None:
    days = {"a": 365, "b": 365, "c": 73}
    won = {"a": 30, "b": 20, "c": 5}
    exposure = pl.DataFrame({"rep_id": list(days), "days": list(days.values())})
    rows = pl.DataFrame({"rep_id": [r for r, k in won.items() for _ in range(k)]})
    found = volume_difference(rows, exposure)
    rate = sum(won.values()) / sum(days.values())
    q = sum((won[r] - days[r] * rate) ** 2 / (days[r] * rate) for r in days)
    assert found.statistic == pytest.approx(q)
    assert found.p == pytest.approx(stats.chi2.sf(q, 2))
    assert found.spread == pytest.approx((30 / 365) / (20 / 365))


def test_volume_that_is_luck_is_found_so() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    exposure = pl.DataFrame({"rep_id": [str(k) for k in range(20)], "days": [300] * 20})
    for _ in range(200):
        counts = rng.poisson(25, 20)
        rows = pl.DataFrame({"rep_id": [str(k) for k, c in enumerate(counts) for _ in range(c)]})
        alarms += volume_difference(rows, exposure).differs
    assert 8 <= alarms <= 34, "10 % of 200"
