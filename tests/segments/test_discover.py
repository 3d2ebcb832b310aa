"""Discovery: planted columns come back, idle ones are not accused; the score by a second route."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from benchmarks.segment_proofs import check_discovery
from spm_lib.segments import discover_segments, ideal_customer, segment_columns
from spm_lib.segments.score import stratified_score


def by_hand(value: list[int], won: list[int], stratum: list[int], which: int) -> float:
    """Mantel-Haenszel's difference of shares: one value against all others, by stratum."""
    top = bottom = 0.0
    for s in set(stratum):
        own = [w for v, w, t in zip(value, won, stratum, strict=True) if t == s and v == which]
        rest = [w for v, w, t in zip(value, won, stratum, strict=True) if t == s and v != which]
        if own and rest:
            weight = len(own) * len(rest) / (len(own) + len(rest))
            top += weight * (sum(own) / len(own) - sum(rest) / len(rest))
            bottom += weight
    return top / bottom


def test_the_difference_is_mantel_haenszel_s() -> None:
    rng = np.random.default_rng(3)
    value, won, stratum = (rng.integers(0, k, 200).tolist() for k in (3, 2, 5))
    made = stratified_score(value, won, stratum, range(200), values=3)
    for which in range(3):
        assert made.difference[which] == pytest.approx(by_hand(value, won, stratum, which))


@pytest.mark.slow
def test_the_chance_is_that_of_shuffled_wins() -> None:
    """Second route: the share of shuffles within strata that spread as far."""
    rng = np.random.default_rng(8)
    value, stratum = rng.integers(0, 3, 240), rng.integers(0, 4, 240)
    won = (rng.random(240) < 0.3 + 0.11 * value).astype(int)
    p = stratified_score(value, won, stratum, range(240), values=3).p
    spread = [_spread(value, _shuffled(won, stratum, rng), stratum) for _ in range(600)]
    seen = np.mean(np.asarray(spread) >= _spread(value, won, stratum))
    assert p == pytest.approx(seen, abs=0.03)


def _shuffled(won: np.ndarray, stratum: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    made = won.copy()
    for s in np.unique(stratum):
        made[stratum == s] = rng.permutation(made[stratum == s])
    return made


def _spread(value: np.ndarray, won: np.ndarray, stratum: np.ndarray) -> float:
    made = stratified_score(value, won, stratum, range(len(won)), values=3)
    pure = [made.weight[k] * made.difference[k] ** 2 for k in range(3)]
    return float(sum(pure))


def test_deals_of_one_customer_are_not_counted_as_so_many_witnesses() -> None:
    """Each customer's deal told ten times makes nothing surer."""
    rng = np.random.default_rng(1)
    value, won = rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    once = stratified_score(value, won, np.zeros(60), range(60), values=2)
    ten = [np.repeat(a, 10) for a in (value, won, np.zeros(60), np.arange(60))]
    again = stratified_score(*ten, values=2)
    assert again.p == pytest.approx(once.p, abs=0.02)
    assert again.difference.tolist() == pytest.approx(once.difference.tolist())


@pytest.mark.slow
def test_planted_columns_come_back_and_idle_ones_are_not_accused() -> None:
    """Of a few companies; of many: docs/validation.md."""
    check = check_discovery(10, first=500)
    assert check.found >= 0.9 * check.planted
    assert check.wrong_side == 0
    assert check.false_share <= 0.08
    assert check_discovery(10, first=900, effects=False).false_share <= 0.08


def test_the_sample_company_tells_its_planted_effects(sample) -> None:
    found = discover_segments(sample)
    assert set(found.found) == {"Segment", "source"}, "type, product, campaign, region do nothing"
    told = {(r["column"], r["value"]): r for r in found.values.iter_rows(named=True)}
    assert told["Segment", "Enterprise"]["high"] < 0
    assert told["source", "Referral"]["low"] > 0
    use = {c.column: c.use for c in segment_columns(sample)}
    assert use["discount"] == "tells the outcome", "it stands on won deals only"
    assert use["מגזר"] == "same as another"


def test_the_later_deals_are_later(sample) -> None:
    found = discover_segments(sample)
    closed = sample.table("opportunities").filter(pl.col("outcome") != "open")["closed_on"]
    assert found.held_out == (closed >= found.split).sum()
    assert found.deals == (closed < found.split).sum()


def test_the_profile_says_what_pays(sample) -> None:
    found = ideal_customer(sample)
    rows = {r["value"]: r for r in found.table.iter_rows(named=True)}
    assert (rows["Referral"]["wins"], rows["Referral"]["worth"]) == ("more", "more")
    assert (rows["Enterprise"]["wins"], rows["Enterprise"]["worth"]) == ("less", "more")
    deals = sample.table("opportunities").filter(
        pl.col("outcome").is_in(["won", "lost"]), pl.col("Segment") == "Enterprise"
    )
    money = [
        (a or 0) if o == "won" else 0
        for a, o in deals.select("amount", "outcome").iter_rows()
        if o == "lost" or a is not None
    ]
    assert rows["Enterprise"]["per_deal"] == pytest.approx(sum(money) / len(money))


def test_words_name_each_find_once(sample) -> None:
    from spm_lib.core.language import language

    told = [s.tell(language("en")) for s in discover_segments(sample).statements]
    assert len(set(told)) == len(told)
    assert any("nobody has shown that it is the cause" in t for t in told)
