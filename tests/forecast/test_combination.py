"""Combinations: the mean of two, and a total shared out; the leading draws keep their luck."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from spm_lib.forecast import Horizon, history_of, method_named, months_ahead, reps_of
from spm_lib.forecast.methods.method import Fitted
from spm_lib.simulate import preset_of
from tests.forecast.conftest import company_of

ORIGIN = date(2026, 6, 30)


@pytest.fixture(scope="module")
def fitted():
    company = company_of(replace(preset_of("tiny"), opportunities=800), 3)
    history = history_of(company.at(ORIGIN), reps=reps_of(company))
    horizon = months_ahead(company.calendar, ORIGIN, months=3)

    def made(name: str) -> Fitted:
        assert method_named(name).lacks(history, horizon) is None
        return method_named(name).fit(history)

    return made, horizon


def total(fitted: Fitted, horizon: Horizon) -> np.ndarray:
    return np.sum(list(fitted.expect(horizon).values()), axis=0)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mean_with_conversion", "snapshot_conversion"),
        ("mean_with_season", "same_month_last_quarter"),
    ],
)
def test_a_mean_lies_in_the_middle(fitted, name: str, other: str) -> None:
    made, horizon = fitted
    middle = (total(made("hybrid"), horizon) + total(made(other), horizon)) / 2
    assert total(made(name), horizon) == pytest.approx(middle)


def test_a_shared_total_is_the_total(fitted) -> None:
    made, horizon = fitted
    shared, season = made("season_by_shares"), made("same_month_last_quarter")
    lead = total(made("hybrid"), horizon)
    found = total(shared, horizon)
    assert found.sum(axis=0) == pytest.approx(total(season, horizon).sum(axis=0))
    assert found / found.sum(axis=0) == pytest.approx(lead / lead.sum(axis=0))


@pytest.mark.parametrize("name", ["mean_with_conversion", "season_by_shares"])
def test_draws_are_the_leading_ones_at_another_level(fitted, name: str) -> None:
    made, horizon = fitted
    expected = made(name).expect(horizon)
    sample = made(name).sample(horizon, draws=3000, rng=np.random.default_rng(1))
    lead = made("hybrid").sample(horizon, draws=3000, rng=np.random.default_rng(1))
    for part in ("open", "new"):
        assert sample[part].dtype == np.int64
        mean = sample[part].mean(axis=2).sum()
        assert mean == pytest.approx(expected[part].sum(), rel=0.06)
    rep = int(np.argmax(expected["open"][:, 0]))
    assert np.corrcoef(sample["open"][rep, 0], lead["open"][rep, 0])[0, 1] > 0.999
