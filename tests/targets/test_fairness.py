"""Fairness of targets: the most stretched by name, ranges, correlations, and odds of one's own."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from spm_lib.core.errors import DataError
from spm_lib.targets.fairness import check_fairness, own_odds, rank_correlation, spread_of
from tests.examples import examples

TEAM = pl.DataFrame(
    {
        "rep_id": [f"r{i}" for i in range(9)],
        "name": ["Noa", "Yossi", None, *[f"N{i}" for i in range(6)]],
        "value": [100, 200, 300, 400, 500, 600, 700, 800, 900],
        "last_year": [100, 250, 200, 400, 0, None, 700, 1000, 900],
        "potential": [1000] * 9,
    }
)


def test_the_most_stretched_are_told_by_name() -> None:
    found = check_fairness(TEAM)
    assert found.stretched.select("name", "measure").rows() == [
        ("r2", 1.5),
        ("Noa", 1.0),
        ("N0", 1.0),
    ]
    assert found.people["to_last_year"].to_list()[4:6] == [None, None]
    odds = [0.9, 0.5, 0.6, 0.3, 0.8, 0.2, 0.3, None, 0.7]
    by_odds = check_fairness(TEAM.with_columns(odds=pl.Series(odds))).stretched
    assert by_odds["rep_id"].to_list() == ["r5", "r3", "r6"]
    assert set(by_odds["by"]) == {"odds"}


def test_ranges_and_their_variation() -> None:
    found = check_fairness(TEAM).ranges
    quotas = TEAM["value"].to_numpy() / 1000
    potential = found["to_potential"]
    assert (potential.low, potential.high, potential.n) == (0.1, 0.9, 9)
    assert potential.variation == pytest.approx(quotas.std(ddof=1) / quotas.mean())
    assert found["to_last_year"].n == 7
    assert found["to_last_year"].variation is None  # seven people


def test_small_teams_get_names_and_numbers_only() -> None:
    found = check_fairness(TEAM.head(7).with_columns(odds=pl.Series(np.linspace(0.1, 0.9, 7))))
    assert found.few
    assert found.correlations["odds and size"].value is None
    assert found.ranges["to_potential"].variation is None
    assert found.people.height == 7
    assert found.stretched.height == 3


def test_targets_without_anything_else_are_told_as_they_are() -> None:
    found = check_fairness(TEAM.select("rep_id", "value"))
    assert found.people.columns == ["rep_id", "name", "value"]
    assert found.stretched.is_empty()
    assert (found.spread, found.ranges, found.correlations) == (None, {}, {})
    with pytest.raises(DataError):
        check_fairness(TEAM.select("rep_id"))


@settings(max_examples=examples(15))
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=8, max_size=40))
def test_correlations_are_scipys(pairs: list[tuple[int, int]]) -> None:
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    found = rank_correlation(left, right)
    if len(set(left)) > 1 and len(set(right)) > 1:
        assert found.value == pytest.approx(spearmanr(left, right).statistic)
        assert found.low <= found.value <= found.high
    else:
        assert found.value is None


def test_the_interval_of_a_correlation_holds_the_truth() -> None:
    """1,000 samples of 20 people, true correlation 0.5: the interval holds it 95 times in 100."""
    rng = np.random.default_rng(3)
    truth = 6 / np.pi * np.arcsin(0.5 / 2)  # Spearman's of normal pairs with Pearson's 0.5
    held = 0
    for _ in range(1000):
        left = rng.normal(size=20)
        right = 0.5 * left + np.sqrt(0.75) * rng.normal(size=20)
        found = rank_correlation(left.tolist(), right.tolist())
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 1000 <= 0.97


def test_attainment_spreads_over_bands() -> None:
    found = spread_of([0.49, 0.5, 0.8, 1.0, 1.2, 3.0, None])
    assert found.bands == (1, 1, 1, 1, 2)
    assert found.near == pytest.approx(3 / 6)
    assert found.deviation == pytest.approx(np.std([0.49, 0.5, 0.8, 1.0, 1.2, 3.0], ddof=1))
    assert spread_of([]).mean is None


def test_own_odds_are_the_share_of_all_years_that_could_be_drawn() -> None:
    own = [10, 20, 30, 40]
    exact = np.mean([sum(year) * 1.5 >= 80 for year in product(own, repeat=2)])
    results = pl.DataFrame({"rep_id": ["a"] * 4, "value": own})
    asked = pl.DataFrame({"rep_id": ["a"], "value": [80]})
    found = own_odds(results, asked, periods=2, growth=1.5, draws=40_000)
    assert found["odds"][0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 40_000))
    more = pl.concat([results, pl.DataFrame({"rep_id": ["b"] * 4, "value": own})])
    again = own_odds(more.reverse(), asked, periods=2, growth=1.5, draws=40_000)
    assert again.equals(found)
    with pytest.raises(DataError):
        own_odds(results, asked, draws=0)
