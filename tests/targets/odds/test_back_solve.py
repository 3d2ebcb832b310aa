"""Working back from odds to activity: the exact inverse of the way forward."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import ParameterError
from spm_lib.model import Company
from spm_lib.targets.odds.back_solve import STEP, back_solve, least_multiple, odds_at, up
from spm_lib.targets.odds.bookings_table import LEVELS, BookingsTable, step_of
from spm_lib.targets.odds.odds import Odds
from tests.examples import examples

pytestmark = pytest.mark.slow

GOAL = 90_000_000
FEW = 2_000


@pytest.mark.parametrize("asked", [0.3, 0.6, 0.8])
def test_forward_of_back_is_what_was_asked(
    odds: Odds, company: Company, same: Callable[..., pl.DataFrame], asked: float
) -> None:
    found = back_solve(odds, company, same(odds, GOAL), asked=asked, draws=FEW)
    reached = found.people.filter(pl.col("reachable") & (pl.col("multiple") > 0))
    assert reached.height
    multiple = dict(reached.select("rep_id", "multiple").iter_rows())
    there = odds_at(odds, same(odds, GOAL), multiple, draws=FEW)
    less = odds_at(odds, same(odds, GOAL), {r: m - 2e-4 for r, m in multiple.items()}, draws=FEW)
    for rep in multiple:
        assert asked <= (there[rep] or 0) <= asked + 0.01
        assert (less[rep] or 0) < asked


def test_rounded_activity_is_enough_and_one_step_less_is_not(
    odds: Odds, company: Company, same: Callable[..., pl.DataFrame]
) -> None:
    asked, targets = 0.6, same(odds, GOAL)
    found = back_solve(odds, company, targets, asked=asked, draws=FEW)
    calls = found.activities.filter((pl.col("kind") == "call") & (pl.col("needed") > 0))
    today = dict(calls.select("rep_id", "today").iter_rows())
    needed = dict(calls.select("rep_id", "needed").iter_rows())
    at = odds_at(odds, targets, {r: needed[r] / today[r] for r in today}, draws=FEW)
    less = odds_at(
        odds, targets, {r: max(needed[r] - 2 * STEP, 0) / today[r] for r in today}, draws=FEW
    )
    assert today
    assert all((at[r] or 0) >= asked for r in today)
    assert all((less[r] or 0) <= asked + 0.01 for r in today)


def test_a_target_out_of_reach_is_said_to_be(
    odds: Odds, company: Company, same: Callable[..., pl.DataFrame]
) -> None:
    found = back_solve(odds, company, same(odds, 40 * GOAL), draws=FEW)
    assert not found.people["reachable"].any()
    assert found.people["multiple"].null_count() == found.people.height
    assert found.activities["needed"].null_count() == found.activities.height
    assert (found.people["most_odds"] < 0.6).all()
    nothing = back_solve(odds, company, same(odds, 1), draws=FEW)
    assert nothing.people["reachable"].all()
    assert (nothing.people["most_odds"] > 0.9).all()


def test_days_and_deals_fit_the_funnel(
    odds: Odds, company: Company, same: Callable[..., pl.DataFrame]
) -> None:
    found = back_solve(odds, company, same(odds, GOAL), draws=FEW).people
    expected = found["new_deals_today"] * found["multiple"]
    assert (expected - found["new_deals_needed"]).abs().max() < 1e-9  # type: ignore[operator]
    total = odds.today.newcomers.coming.sum() / (odds.today.newcomers.coming.size / 7)
    assert found["new_deals_today"].sum() == pytest.approx(total)
    assert (found["last_useful"] < found["period_end"]).all()


@settings(max_examples=examples(10))
@given(st.floats(0.05, 0.95), st.lists(st.floats(0.2, 3), min_size=1, max_size=6))
def test_halving_finds_the_least_multiple(asked: float, speed: list[float]) -> None:
    rate = np.array(speed)
    found, now, best = least_multiple(
        lambda m: 1 - np.exp(-rate * m), asked, people=len(rate), most=1.5
    )
    exact = -math.log(1 - asked) / rate
    assert np.isnan(found[exact > 1.5001]).all()
    some = exact < 1.4999
    assert found[some] == pytest.approx(exact[some], abs=1.5 / 2**13)
    assert (now <= best).all()


def test_the_calls_of_the_design_notes() -> None:
    """8 % x 35 % x 22 % of calls are won, 20k each (variation 1), shock 15 %, target 500k."""
    rate, size, target, scenarios = 0.08 * 0.35 * 0.22, 20_000.0, 500_000.0, 100_000
    levels = -np.log(1 - (np.arange(4_000) + 0.5) / 4_000)  # exponential: variation 1
    table = BookingsTable.of(levels, dispersion=1, most=120)
    rng = np.random.default_rng(3)
    shock = step_of(np.exp(0.15 * rng.standard_normal(scenarios) - 0.15**2 / 2))
    column = rng.permutation(np.arange(scenarios) * LEVELS // scenarios)

    def chance(multiple: np.ndarray) -> np.ndarray:
        rows = table.scale(4_000 * rate * np.maximum(multiple, 1e-9)) + shock
        values = table.values[np.clip(rows, 0, len(table.values) - 1).astype(int), column]
        return np.array([(values * size >= target).mean()])

    calls = [4_000 * least_multiple(chance, p, people=1, most=3)[0][0] for p in (0.5, 0.8, 0.9)]
    assert calls == pytest.approx([4_183, 5_436, 6_227], rel=0.02)
    assert target / size / rate == pytest.approx(4_058, abs=1)  # naive division


def test_faults_say_what_to_do(
    odds: Odds, company: Company, same: Callable[..., pl.DataFrame]
) -> None:
    with pytest.raises(ParameterError, match="cannot be worked back"):
        back_solve(odds, company, same(odds, GOAL), asked=1.0)
    assert up(0.11) == 0.2
