"""The common shock: estimated from closed windows only, and spent without moving the mean."""

from __future__ import annotations

import numpy as np
import pytest

from spm_lib.forecast.track_record.shock import (
    ASSUMED,
    PastError,
    Shock,
    apply_shock,
    estimate_shock,
)


def error(end: int, forecast: float, actual: float, *, luck: float = 0.0) -> PastError:
    return PastError(
        end=end,
        expected=np.array([[forecast]]),
        actual=np.array([[actual]]),
        luck=np.array([luck]),
        luck_total=luck,
        luck_reps=np.array([luck]),
    )


def test_the_spread_of_past_misses_is_found_again() -> None:
    rng = np.random.default_rng(1)
    misses = np.exp(rng.normal(0, 0.2, 400))
    errors = [error(k, 1000.0, 1000.0 * m) for k, m in enumerate(misses)]
    shock = estimate_shock(errors, origin=10_000)
    assert shock.common == pytest.approx(float(np.sqrt(np.mean(np.log(misses) ** 2))))
    assert shock.common == pytest.approx(0.2, rel=0.1)
    assert (shock.windows, shock.assumed, shock.window) == (400, False, 0.0)


def test_what_luck_explains_is_no_shock() -> None:
    rng = np.random.default_rng(2)
    errors = [error(k, 1000.0, 1000.0 + rng.normal(0, 100.0), luck=100.0**2) for k in range(300)]
    assert estimate_shock(errors, origin=10_000).common < 0.03


def test_windows_that_have_not_closed_are_not_looked_at() -> None:
    calm = [error(k, 100.0, 100.0) for k in range(10)]
    wild = [error(50 + k, 100.0, 300.0) for k in range(10)]
    assert estimate_shock([*calm, *wild], origin=48).common == 0.0
    assert estimate_shock([*calm, *wild], origin=48).windows == 10
    assert estimate_shock([*calm, *wild], origin=49).windows == 11, "closed at the end of day 49"


@pytest.mark.parametrize("count", [0, 3, 7])
def test_with_few_windows_the_rest_is_assumed_and_said(count: int) -> None:
    shock = estimate_shock([error(k, 100.0, 100.0) for k in range(count)], origin=99)
    assert shock.assumed
    assert shock.windows == count
    assert shock.common == pytest.approx((ASSUMED**2 * (8 - count) / 8) ** 0.5)


def test_a_miss_of_one_window_cannot_rule_the_range() -> None:
    errors = [error(k, 100.0, 100.0) for k in range(11)] + [error(11, 0.001, 100.0)]
    assert estimate_shock(errors, origin=99).common == pytest.approx((np.log(4) ** 2 / 12) ** 0.5)


def test_shocks_keep_the_mean_and_move_all_together() -> None:
    sample = {"open": np.full((3, 2, 5000), 10**6), "new": np.full((3, 2, 5000), 10**5)}
    shock = Shock(common=0.3, window=0.1, rep=0.0, windows=12, assumed=False)
    found = apply_shock(sample, shock, rng=np.random.default_rng(3))
    assert found["open"].dtype == np.int64
    assert found["open"].mean(axis=2) == pytest.approx(10**6, rel=1e-5)
    assert (found["open"][0] == found["open"][2]).all(), "one shock for everybody"
    assert np.abs(found["open"] - 10 * found["new"]).max() <= 10, "one shock for all parts"
    first, second = np.log(found["open"][0].astype(float))
    assert 0.6 < np.corrcoef(first, second)[0, 1] < 0.98


def test_people_scatter_around_the_common_shock() -> None:
    sample = {"all": np.full((2, 1, 20_000), 10**6)}
    shock = Shock(common=0.0, window=0.0, rep=0.4, windows=30, assumed=False)
    found = np.log(apply_shock(sample, shock, rng=np.random.default_rng(4))["all"][:, 0])
    assert found.std(axis=1) == pytest.approx(0.4, rel=0.05)
    assert abs(np.corrcoef(found)[0, 1]) < 0.03
