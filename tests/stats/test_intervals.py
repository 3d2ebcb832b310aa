"""Intervals against published values and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, quantile_test
from scipy.stats import bootstrap as scipy_bootstrap

from spm_lib.core import DataError
from spm_lib.stats import bootstrap, funnel_limits, median_interval, wilson

# Newcombe (1998), Statistics in Medicine 17:857, Table I, method 3 (score, no correction).
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("k", "n", "low", "high"), NEWCOMBE)
def test_wilson_is_newcombes_method_three(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@given(
    n=st.integers(1, 10**7), share=st.floats(0, 1), level=st.sampled_from([0.5, 0.8, 0.95, 0.998])
)
def test_wilson_is_scipys(n: int, share: float, level: float) -> None:
    k = round(n * share)
    expected = binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx(tuple(expected), abs=1e-12)


def test_wilson_of_arrays_leaves_what_has_no_trials_open() -> None:
    low, high = wilson(np.array([0, 15]), np.array([0, 148]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert (low[1], high[1]) == wilson(15, 148)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(DataError, match="successes <= trials"):
        wilson(3, 2)


@given(values=st.lists(st.integers(-50, 50), min_size=6, max_size=60))
def test_the_median_interval_is_scipys(values: list[int]) -> None:
    middle, low, high = median_interval(values)
    interval = quantile_test(np.array(values, float), p=0.5, q=0).confidence_interval(0.95)
    assert (low, high) == (interval.low, interval.high)
    assert middle == np.median(values)


@pytest.mark.parametrize("size", [1, 5])
def test_a_few_values_have_a_median_but_no_interval(size: int) -> None:
    assert median_interval(range(size)) == ((size - 1) / 2, None, None)


def test_a_median_of_missing_values_is_refused() -> None:
    with pytest.raises(DataError, match="missing"):
        median_interval([1, float("nan")])


def test_the_bootstrap_is_scipys_percentile_interval() -> None:
    values = np.random.default_rng(3).lognormal(size=80)
    found = bootstrap(values, statistic=np.mean, rng=np.random.default_rng(1), draws=4000)
    interval = scipy_bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    width = interval.high - interval.low
    assert found == pytest.approx((interval.low, interval.high), abs=0.06 * width)


def test_blocks_widen_the_interval_of_what_follows_itself() -> None:
    rng = np.random.default_rng(5)
    walk = np.convolve(rng.normal(size=2000), np.ones(20) / 20, mode="valid")
    single = bootstrap(walk, statistic=np.mean, rng=rng, draws=400)
    blocks = bootstrap(walk, statistic=np.mean, rng=rng, draws=400, block=60)
    assert (blocks[1] - blocks[0]) > 2.5 * (single[1] - single[0])


def test_one_row_has_no_interval() -> None:
    found = bootstrap([1.0], statistic=np.mean, rng=np.random.default_rng(0))
    assert found == (None, None)


@pytest.mark.slow
@given(n=st.integers(1, 400), p=st.floats(0.02, 0.98), level=st.sampled_from([0.95, 0.998]))
def test_outside_the_funnel_is_what_an_exact_test_rejects(n: int, p: float, level: float) -> None:
    low, high = funnel_limits(p, [n], levels=[level]).select("low", "high").row(0)
    tail = (1 - level) / 2
    for count in range(n + 1):
        below, above = binom.cdf(count, n, p), binom.sf(count - 1, n, p)
        if min(abs(below - tail), abs(above - tail)) < 1e-9:
            continue
        assert (count / n < low) == (below < tail)
        assert (count / n > high) == (above < tail)


def test_the_funnel_of_a_certain_share_is_a_line() -> None:
    frame = funnel_limits(1.0, [5, 50])
    assert frame.height == 4
    assert set(frame["low"]) == set(frame["high"]) == {1.0}
