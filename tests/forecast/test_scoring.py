"""Scores against their definitions, written as loops."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from spm_lib.forecast.track_record.scoring import (
    SCORES,
    inside,
    placed,
    pooled,
    score_window,
)


def crps_by_definition(samples: list[int], actual: float) -> float:
    n = len(samples)
    distance = sum(abs(x - actual) for x in samples) / n
    pairs = sum(abs(x - y) for i, x in enumerate(samples) for j, y in enumerate(samples) if i != j)
    return distance - pairs / (n * (n - 1)) / 2


def test_a_window_is_scored_as_defined() -> None:
    rng = np.random.default_rng(1)
    samples = rng.integers(0, 100, (3, 21))
    actual, expected = np.array([50.0, 0.0, 99.0]), np.array([40.0, 10.0, 60.0])
    found = score_window(samples, expected, actual)
    assert found["crps"] == pytest.approx(
        sum(crps_by_definition(s.tolist(), a) for s, a in zip(samples, actual, strict=True))
    )
    assert (found["error"], found["absolute"], found["actual"]) == (-39.0, 59.0, 149.0)
    inside = 0
    for row, a in zip(np.sort(samples, axis=1), actual, strict=True):
        inside += row[2] <= a <= row[18]  # P10 and P90 of 21 values
    assert found["inside"] == inside


@pytest.mark.parametrize("mean", [0.05, 0.5, 3.0, 60.0])
def test_true_ranges_place_eight_of_ten_outcomes_whatever_many_share(mean: float) -> None:
    """Against ties broken by lot, and against the truth: outcomes drawn as the samples are."""
    rng = np.random.default_rng(3)
    rates = rng.gamma(2.0, mean / 2, 3000)
    samples, actual = rng.poisson(rates[:, None], (3000, 200)), rng.poisson(rates)
    found = placed(samples, actual)
    lots = []
    for row, came in zip(samples.tolist(), actual.tolist(), strict=True):
        below, same = sum(x < came for x in row) / 200, sum(x == came for x in row) / 200
        places = below + (np.arange(400) + 0.5) / 400 * same
        lots.append(np.mean((places >= 0.1) & (places <= 0.9)))
    assert found == pytest.approx(np.array(lots), abs=0.01)
    assert found.mean() == pytest.approx(0.8, abs=0.02)
    assert inside(samples, actual).mean() > (0.9 if mean < 5 else 0.8) - 0.02


def test_people_without_forecast_and_result_do_not_count() -> None:
    samples = np.array([[0, 0], [5, 7]])
    found = score_window(samples, np.array([0.0, 6.0]), np.array([0.0, 0.0]))
    assert found["forecasts"] == 1


def test_scores_are_pooled_over_windows() -> None:
    base = dict.fromkeys(SCORES, 0) | {"method": "a", "level": "company", "forecasts": 1}
    rows = [
        base
        | {"origin": 1, "actual": 10.0, "error": 5.0, "absolute": 5.0, "crps": 2.0, "inside": 1},
        base
        | {"origin": 2, "actual": 30.0, "error": -9.0, "absolute": 9.0, "crps": 6.0, "inside": 0},
    ]
    row = pooled(pl.DataFrame(rows, schema=SCORES)).row(0, named=True)
    assert (row["windows"], row["bias"], row["wape"], row["ncrps"]) == (2, -0.1, 0.35, 0.2)
    assert row["coverage80"] == 0.5
    assert row["coverage_low"] == pytest.approx(0.0945, abs=1e-3)  # Wilson, 1 of 2
    assert row["coverage_high"] == pytest.approx(0.9055, abs=1e-3)


def test_where_nothing_was_won_scores_are_null() -> None:
    base = dict.fromkeys(SCORES, 0) | {"method": "a", "level": "company"}
    row = pooled(pl.DataFrame([base], schema=SCORES)).row(0, named=True)
    assert [row[c] for c in ("bias", "wape", "ncrps", "coverage80", "coverage_low")] == [None] * 5
