"""Is there a difference at all? Tests, pooling and places by second routes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from spm_lib.reps import compare_win_rates
from spm_lib.reps.comparison.win_rates import allow_for_mix


def counts(won: list[int] | np.ndarray, n: list[int] | np.ndarray) -> pl.DataFrame:
    won, n = np.asarray(won), np.asarray(n)
    names = [f"r{k:02d}" for k in range(len(n))]
    return pl.DataFrame({"rep_id": names, "won": won, "lost": n - won, "n": n})


def test_the_heterogeneity_test_is_pearsons_on_the_table() -> None:
    won, n = [40, 55, 61, 38], [100, 120, 90, 80]
    test = compare_win_rates(counts(won, n)).test
    table = np.array([won, np.array(n) - won])
    expected = stats.chi2_contingency(table, correction=False)
    assert (test.q, test.df, test.p) == pytest.approx((expected[0], 3, expected[1]))
    assert test.phi == pytest.approx(expected[0] / 3)


def test_where_luck_is_enough_nobody_has_a_place() -> None:
    found = compare_win_rates(counts([50, 52, 47, 55], [100] * 4))
    assert (found.evidence, found.ranked, found.true_sd) == ("none", False, 0.0)
    for column in ("rank_low", "rank_high", "p_best", "p_above"):
        assert found.frame[column].null_count() == 4
    assert set(found.frame["group"]) == {"A"}
    assert set(found.frame["standing"]) == {""}


def test_clear_differences_are_ordered_and_told_apart() -> None:
    found = compare_win_rates(counts([10, 50, 51, 90], [100] * 4))
    frame = found.frame
    assert found.evidence == "clear"
    assert frame["standing"].to_list() == ["below", "", "", "above"]
    assert frame["group"].to_list() == ["C", "B", "B", "A"]
    assert (frame["rank_low"][3], frame["rank_high"][3]) == (1, 1)
    assert frame["p_best"][3] > 0.99
    assert ((frame["low"] < frame["rate"]) & (frame["rate"] < frame["high"])).all()
    assert (frame["shrunk"] - 0.5).abs().max() < (frame["rate"] - 0.5).abs().max()


def test_weak_evidence_is_said_and_not_ranked() -> None:
    won, n = np.array([50, 50, 50, 50, 67]), np.full(5, 100)
    found = compare_win_rates(counts(won, n))
    assert 0.05 < found.test.p <= 0.1
    assert (found.evidence, found.ranked) == ("weak", False)


@pytest.mark.slow
def test_the_size_of_the_test_over_null_companies() -> None:
    """60 companies of 25 people with one common rate: false rankings stay near 5 %."""
    rng = np.random.default_rng(11)
    ranked = flagged = doubted = 0
    for _ in range(60):
        n = rng.integers(20, 300, 25)
        found = compare_win_rates(counts(rng.binomial(n, 0.3), n))
        ranked += found.ranked
        doubted += found.evidence != "none"
        flagged += (found.frame["standing"] != "").any()
    assert ranked <= 8, "5 % of 60, with luck"
    assert flagged <= 8
    assert doubted <= 13


def test_planted_rates_are_found_again() -> None:
    """Rates drawn from a beta distribution: its spread, and 95 % intervals that hold 95 %."""
    rng = np.random.default_rng(12)
    held = total = 0
    spreads = []
    for _ in range(20):
        truth, n = rng.beta(15, 35, 30), rng.integers(40, 250, 30)
        found = compare_win_rates(counts(rng.binomial(n, truth), n))
        inside = (found.frame["shrunk_low"].to_numpy() <= truth) & (
            truth <= found.frame["shrunk_high"].to_numpy()
        )
        held, total = held + inside.sum(), total + 30
        spreads.append(found.true_sd)
    assert 0.92 < held / total < 0.98
    planted = (15 * 35 / (50**2 * 51)) ** 0.5
    assert np.mean(spreads) == pytest.approx(planted, rel=0.15)


def test_shrinking_beats_the_raw_rate_on_the_next_half() -> None:
    rng = np.random.default_rng(13)
    raw = shrunk = 0.0
    for _ in range(10):
        truth, n = rng.beta(30, 70, 25), np.full(25, 60)
        found = compare_win_rates(counts(rng.binomial(n, truth), n)).frame
        raw += float(((found["rate"].to_numpy() - truth) ** 2).sum())
        shrunk += float(((found["shrunk"].to_numpy() - truth) ** 2).sum())
    assert shrunk < 0.8 * raw


def test_one_person_is_no_comparison() -> None:
    found = compare_win_rates(counts([5], [10]))
    assert (found.evidence, found.test.p) == ("none", None)


def test_what_the_mix_explains_takes_places_back() -> None:
    found = compare_win_rates(counts([10, 50, 51, 90], [100] * 4))
    bounds = pl.DataFrame(
        {"rep_id": found.frame["rep_id"], "o_e_low": [0.5] * 4, "o_e_high": [1.2, 2, 2, 2.0]}
    )
    gone = allow_for_mix(found, bounds, adjusted_p=0.4)
    assert (gone.evidence, gone.ranked) == ("mix", False)
    assert gone.frame["rank_low"].null_count() == 4
    kept = allow_for_mix(found, bounds, adjusted_p=0.001)
    assert kept.ranked
    assert set(kept.frame["standing"]) == {""}, "no one is outside his expectation"
