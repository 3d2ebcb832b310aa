"""The luck of open deals: as many wins as the chances say, to the scenario, spread over days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spm_lib.targets.odds.luck import BANDS, Luck, draw_luck
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.odds.pipeline import Pipeline

pytestmark = pytest.mark.slow

SCENARIOS, DEALS = 500, 700  # deals of several chunks


@pytest.fixture(scope="module")
def pipeline(odds: Odds) -> Pipeline:
    """Deals of chances from hardly any to certain; each is known by its amount."""
    known = odds.today.pipeline
    last = np.linspace(0.001, 1, DEALS)
    until = last[:, None] * np.linspace(0, 1, len(known.edges)) ** 2
    return Pipeline(np.full(DEALS, -1), np.arange(DEALS, dtype=float), known.edges, until)


@pytest.fixture(scope="module")
def luck(odds: Odds, pipeline: Pipeline) -> Luck:
    """Drawn for deals of nobody known, whose chances nobody's skill moves."""
    nobody = np.full(DEALS, len(odds.today.people.reps))
    today = replace(odds.today, pipeline=pipeline, owner=nobody)
    return draw_luck(today, seed=1, block=0, scenarios=SCENARIOS)


def test_each_deal_is_won_as_often_as_its_chance_says(luck: Luck, pipeline: Pipeline) -> None:
    deal, needs = luck.open.amount.astype(int), luck.open.needs
    for lever in (0.4, 1.0, 1.3, 2.9):
        often = np.bincount(deal[needs < lever], minlength=DEALS)
        due = np.minimum(pipeline.until[:, -1] * lever, 1) * SCENARIOS
        assert np.abs(often - due).max() <= 1  # drawn evenly: not to chance, to one scenario


def test_no_deal_is_won_twice_and_scenarios_are_not_in_step(luck: Luck, odds: Odds) -> None:
    won = luck.open.needs < 1
    deal = luck.open.amount.astype(int)[won]
    whole = len(odds.today.people.reps) * (odds.today.steps.count + 1) * SCENARIOS
    scenario = luck.open.cell[won] - whole
    assert scenario.min() >= 0
    assert scenario.max() < SCENARIOS
    assert len(set(zip(deal.tolist(), scenario.tolist(), strict=True))) == len(deal)
    wins = np.zeros((DEALS, SCENARIOS))
    wins[deal, scenario] = 1
    chance = wins.mean(axis=1)
    apart = np.sqrt((chance * (1 - chance)).sum())  # of wins of a scenario, of deals on their own
    assert wins.sum(axis=0).std() == pytest.approx(apart, rel=0.15)


def test_days_of_wins_are_those_of_the_chances(luck: Luck, pipeline: Pipeline) -> None:
    deal, day = luck.open.amount.astype(int), luck.open.day
    share = np.array([np.interp(d, pipeline.edges, pipeline.until[n]) for n, d in zip(deal, day)])  # noqa: B905
    reached = share / pipeline.until[deal, -1]
    assert np.quantile(reached, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


def test_rows_below_each_band_come_before_it(luck: Luck) -> None:
    needs = luck.open.needs
    for edge, rows in zip(BANDS, luck.open.bands, strict=True):
        assert rows == (needs < np.float32(edge)).sum()
        assert (needs[:rows] < np.float32(edge)).all()


def test_all_deals_of_a_seller_go_with_the_seller_s_skill(odds: Odds, pipeline: Pipeline) -> None:
    """Wins of a scenario spread as they do by chance, and as skill does times what is expected."""
    today = replace(odds.today, pipeline=pipeline, owner=np.zeros(DEALS, int))
    mine = draw_luck(today, seed=1, block=0, scenarios=SCENARIOS).open
    chance = pipeline.until[:, -1]
    small = chance < 0.5  # no skill makes these certain
    won = (mine.needs < 1) & small[mine.amount.astype(int)]
    wins = np.bincount(mine.cell[won], minlength=SCENARIOS)
    skill = today.people.conversion.multiples(100_000, np.random.default_rng(9))[0]
    by_chance, expected = (chance * (1 - chance))[small].sum(), chance[small].sum()
    error = skill.std() / np.sqrt(SCENARIOS)
    assert wins.mean() / expected == pytest.approx(skill.mean(), abs=4 * error)
    by_skill = (expected * skill.std()) ** 2
    assert by_skill > by_chance
    assert wins.var() == pytest.approx(by_chance + by_skill, rel=0.2)
