"""Case mix: the logistic model against scikit-learn, and what it can and cannot explain."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from spm_lib.metrics.case_mix import adjusted_p, expected_wins, fitted_chances
from spm_lib.reps import compare_win_rates
from spm_lib.reps.comparison.closed_deals import counts_by_rep


def deals(seed: int, *, skill: float, mix: float, people: int = 12, n: int = 250) -> pl.DataFrame:
    """People with their own mix of segments (0..2), and their own skill."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        weights = np.exp(mix * rng.normal(size=3))
        segment = rng.choice(3, size=n, p=weights / weights.sum())
        effect = skill * rng.normal()
        chance = 1 / (1 + np.exp(-(-1.0 + 1.2 * segment + effect)))
        for kind, won in zip(segment, rng.random(n) < chance, strict=True):
            rows.append((f"r{person:02d}", f"s{kind}", None if kind else "web", int(won)))
    names = ["rep_id", "segment", "source", "won"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None).with_columns(
        cycle_days=1
    )


def test_the_model_is_scikit_learns() -> None:
    from sklearn.linear_model import LogisticRegression

    frame = deals(1, skill=0.0, mix=1.0)
    design = (
        frame.select("segment", "source").with_columns(pl.col("source").fill_null("")).to_dummies()
    )
    other = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(
        design.to_numpy(), frame["won"].to_numpy()
    )
    chance = other.predict_proba(design.to_numpy())[:, 1]
    mine = fitted_chances(frame.with_columns(n=pl.lit(1)), ["segment", "source"])
    assert mine == pytest.approx(chance, abs=1e-5)


def test_expected_wins_are_sums_of_chances() -> None:
    frame = deals(2, skill=0.3, mix=1.0)
    chance = fitted_chances(frame.with_columns(n=pl.lit(1)), ["segment"])
    found = expected_wins(frame, ["segment"])
    for row in found.iter_rows(named=True):
        mine = chance[(frame["rep_id"] == row["rep_id"]).to_numpy()]
        own = frame.filter(pl.col("rep_id") == row["rep_id"])
        assert row["expected"] == pytest.approx(mine.sum(), rel=1e-6)
        assert row["o_e"] == pytest.approx(own["won"].sum() / mine.sum(), rel=1e-6)
        assert row["z"] == pytest.approx(
            (own["won"].sum() - mine.sum()) / np.sqrt((mine * (1 - mine)).sum()), rel=1e-5
        )
    assert found["expected"].sum() == pytest.approx(frame["won"].sum(), rel=1e-6)


def test_a_difference_made_by_mix_alone_is_explained() -> None:
    explained = 0
    for seed in range(10):
        frame = deals(seed, skill=0.0, mix=1.5)
        assert compare_win_rates(counts_by_rep(frame)).test.p < 0.05
        explained += adjusted_p(expected_wins(frame, ["segment"])) > 0.05
    assert explained >= 8


def test_skill_is_not_explained_away() -> None:
    for seed in range(5):
        frame = deals(seed, skill=0.5, mix=1.0)
        assert adjusted_p(expected_wins(frame, ["segment"])) < 0.001
