"""The table of bookings against Panjer's recursion, a plain simulation and its own laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spm_lib.targets.odds.bookings_table import LEVELS, BookingsTable
from tests.examples import examples

pytestmark = pytest.mark.slow


def row(table: BookingsTable, expected: float) -> np.ndarray:
    return table.values[int(table.scale(np.array([expected]))[0])]


def panjer(expected: float, chance: list[float], size: int) -> np.ndarray:
    """Compound Poisson by recursion (Panjer 1981, ASTIN Bulletin 12:22): amounts 0, 1, 2, ..."""
    found = [math.exp(expected * (chance[0] - 1))]
    for s in range(1, size):
        top = range(1, min(s, len(chance) - 1) + 1)
        found.append(expected / s * sum(j * chance[j] * found[s - j] for j in top))
    return np.array(found)


@pytest.mark.parametrize("expected", [0.05, 0.7, 3.0, 9.0])
def test_rows_are_the_distribution_that_the_recursion_gives(expected: float) -> None:
    shape = np.array([1.0, 1, 1, 2, 2, 5])  # mean 2
    table = BookingsTable.of(shape, dispersion=1, most=20)
    told = 0.002 * 1.02 ** (int(table.scale(np.array([expected]))[0]) - 1)  # of the nearest row
    chance = panjer(told, [0, 3 / 6, 2 / 6, 0, 0, 1 / 6], 400)
    for amount in (0, 1, 3, 6, 12, 25):
        below = chance[: amount + 1].sum()
        share = (row(table, expected) * 2 <= amount + 0.5).mean()
        assert share == pytest.approx(below, abs=3 / LEVELS)


@settings(max_examples=examples(5))
@example(0.0078125, [1.0], 2.0)  # one long batch outweighs many single wins
@example(0.004, [0.1, 20.0], 4.0)
@given(
    st.floats(0.003, 30),
    st.lists(st.floats(0.1, 20), min_size=1, max_size=12),
    st.floats(1, 4),
)
def test_rows_keep_the_mean_and_never_get_worse(
    expected: float, shape: list[float], dispersion: float
) -> None:
    table = BookingsTable.of(np.array(shape), dispersion=dispersion, most=31)
    assert row(table, expected).mean() == pytest.approx(expected, rel=0.012)
    assert (np.diff(table.values, axis=0) >= 0).all()
    assert (np.diff(table.values, axis=1) >= -1e-4).all()


def test_uneven_wins_have_the_variance_asked_for() -> None:
    table = BookingsTable.of(np.ones(4), dispersion=2.5, most=20)
    assert row(table, 10.0).var() == pytest.approx(25, rel=0.03)


def test_nothing_expected_is_nothing_won() -> None:
    table = BookingsTable.of(np.ones(4), dispersion=1, most=2)
    assert table.scale(np.array([0.0]))[0] < 0  # which is cut off at row 0
    assert not table.values[0].any()
