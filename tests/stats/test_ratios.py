"""The ratio of sums: by hand, and its interval on many simulated samples."""

from __future__ import annotations

import numpy as np
import pytest

from spm_lib.stats import ratio_of_sums


def test_by_hand() -> None:
    """Parts 1, 0, 2, 3 of 4, 4, 8, 4: 6 / 20; what is left: -.2, -1.2, -.4, 1.8."""
    made = ratio_of_sums([1, 0, 2, 3], [4, 4, 8, 4])
    assert made.value == pytest.approx(0.3)
    error = np.sqrt(4 / 3 * (0.04 + 1.44 + 0.16 + 3.24)) / 20
    assert made.high is not None
    assert made.high - 0.3 == pytest.approx(3.182446 * error, rel=1e-5)


def test_few_units_have_no_interval_and_nothing_has_no_ratio() -> None:
    three = ratio_of_sums([1, 2, 3], [2, 2, 2])
    assert (three.value, three.low, three.p, three.n) == (1.0, None, None, 3)
    assert ratio_of_sums([], []).value is None
    assert ratio_of_sums([1, -1], [0, 0]).value is None


@pytest.mark.parametrize("n", [5, 12, 40])
def test_the_interval_holds_the_truth_as_often_as_it_says(n: int) -> None:
    rng = np.random.default_rng(3)
    held = below = 0
    for _ in range(2000):
        whole = rng.gamma(8, 1, n)
        part = whole * (0.1 + 0.3 * rng.standard_normal(n))
        made = ratio_of_sums(part, whole)
        assert made.low is not None
        assert made.high is not None
        held += made.low <= 0.1 <= made.high
        part -= 0.1 * whole
        found = ratio_of_sums(part, whole).p
        below += found is not None and found < 0.05
    assert 0.92 <= held / 2000 <= 0.97
    assert below / 2000 <= 0.075
