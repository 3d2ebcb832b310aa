"""Targets and pay in one scenario file: what its pay plans cost in its simulated year."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import ParameterError, PlanError
from spm_lib.incentives import base_pay_of, plan_from_text
from spm_lib.model import Company
from spm_lib.plans import (
    Planner,
    TargetPlan,
    TargetScenario,
    compare,
    plan_text,
    read_plan,
    read_target_scenario,
    scenario_text,
)
from tests.incentives import small

pytestmark = pytest.mark.slow
FLAT = small.component('{ kind = "rate", rate = 0.05 }')
GOAL = '[[target_pay]]\namount = 5000\nper = "month"\n' + small.component(
    '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 2 }] }',
    weight="1", grouping='"to_date"', true_up='"deduct"', against='"so_far"',
)  # fmt: skip
FUTURES = 12


@pytest.fixture(scope="module")
def named(company: Company, scenario: TargetScenario) -> TargetScenario:
    """The scenario with a pay plan named; two plans lie in the client's folder."""
    folder = company.settings.folder / "plans"
    folder.mkdir(exist_ok=True)
    for name, rest in (("flat", FLAT), ("goal", GOAL)):
        text = small.plan_text(rest, boundary='"lower"').replace(
            'base = "amount"', 'base = "amount"\nquota = "won.amount"'
        )
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return scenario.changed(pay="flat")


@pytest.fixture(scope="module")
def few() -> pytest.MonkeyPatch:
    """Few futures, so that the tests are quick."""
    patch = pytest.MonkeyPatch()
    patch.setattr("spm_lib.plans.planning.planner.FUTURES", FUTURES)
    return patch


def test_the_file_names_its_pay_plans(named: TargetScenario) -> None:
    text = scenario_text(named)
    assert 'pay = ["flat"]' in text.splitlines()
    assert read_target_scenario(text) == named
    both = text.replace('["flat"]', '["flat", "goal"]')
    assert read_target_scenario(both).pay == ("flat", "goal")
    assert read_target_scenario(text.replace('["flat"]', '"flat"')) == named
    with pytest.raises(ParameterError, match="pay: found"):
        read_target_scenario(text.replace('["flat"]', "5"))


def test_futures_are_those_of_the_odds_month_by_month(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    draws = planner.futures(scenario, count=50)
    assert plan.odds is not None
    assert draws.reps == plan.odds.reps
    assert [p.label for p in draws.periods] == [f"2027-{m:02}" for m in range(1, 13)]
    whole = plan.odds.bookings[:, 0, :50]
    assert np.allclose(draws.horizon(), whole, rtol=1e-5, atol=12)


def test_expected_pay_of_a_flat_plan_is_its_rate_of_bookings(
    planner: Planner, named: TargetScenario
) -> None:
    found = planner.pay(named, futures=FUTURES)
    draws = planner.futures(named, count=FUTURES)
    due = dict(zip(draws.reps, draws.horizon().mean(axis=1) * 0.05, strict=True))
    for row in found.people.to_dicts():
        assert row["pay"] == pytest.approx(due[row["rep_id"]], abs=8)
    assert found.company is not None
    assert found.people["pay"].sum() == found.company["pay"]
    totals = sorted(draws.total() * 0.05)
    assert found.company["p10"] == pytest.approx(totals[1], abs=100)
    assert float(found.company["cost_rate"]) == pytest.approx(0.05, abs=1e-6)


def test_quotas_are_the_scenario_s_targets_of_the_days_on_board(
    planner: Planner, named: TargetScenario
) -> None:
    """Who starts in the middle of a month has that month's whole target as quota."""
    rep = planner.plan(named, draws=1).people["rep_id"][0]
    later = named.with_row(rep_id=rep, starts=date(2027, 3, 15))
    goal = plan_from_text((planner.company.settings.folder / "plans" / "goal.toml").read_text())
    model = planner.pay_model(later, goal, futures=2)
    targets = planner.plan(later, draws=1).people
    asked = dict(targets.select("rep_id", "target").iter_rows())
    assert dict(model.people.select("rep_id", "quota").iter_rows()) == asked
    assert model.notes[0].values == {"n": 1}  # the plan of 2026, moved to 2027


def test_two_scenarios_have_their_cost_and_each_person_s_difference(
    planner: Planner, named: TargetScenario, plan: TargetPlan, few: pytest.MonkeyPatch
) -> None:
    one = planner.plan(named, draws=2_000)
    other = planner.plan(named.changed(name="Goal", pay=("goal",)), draws=2_000)
    found = compare(one, other)
    assert found.no_cost == ""
    first, second = found.company.to_dicts()
    assert one.pay is not None and other.pay is not None  # noqa: PT018
    assert (first["cost"], second["cost"]) == tuple(p.pay.company["pay"] for p in (one, other))  # type: ignore[union-attr,index]
    assert second["cost_p10"] <= second["cost"] <= second["cost_p90"]
    pays = [dict(p.people.select("rep_id", "pay").iter_rows()) for p in (one.pay, other.pay)]
    for row in found.people.to_dicts():
        rep = row["rep_id"]
        assert row["cost_difference"] == pays[1][rep] - pays[0][rep]
    half = compare(plan, other)
    assert half.no_cost == "no pay plan"
    assert half.company["cost"].to_list() == [None, second["cost"]]
    both = planner.pay(named.changed(pay=("flat", "goal")), futures=FUTURES)
    assert both.company is not None
    assert abs(both.company["pay"] - first["cost"] - second["cost"]) <= 1


def test_pay_is_among_the_figures_and_in_the_file_cut_to_a_scope(
    planner: Planner, named: TargetScenario, few: pytest.MonkeyPatch
) -> None:
    made = planner.plan(named, draws=2_000)
    told = {(f.metric, f.by.get("rep_id")): f for f in made.figures}
    assert made.pay is not None and made.pay.company is not None  # noqa: PT018
    figure = told["pay.expected", None]
    assert round(float(figure.value or 0) * 100) == made.pay.company["pay"]
    assert figure.n == made.pay.futures
    rep = made.people["rep_id"][0]
    part = made.within(frozenset([rep]))
    again = read_plan(plan_text(part))
    assert again.pay is not None
    assert again.pay.company is None
    assert again.pay.people.rows() == made.pay.people.filter(pl.col("rep_id") == rep).rows()
    assert [f for f in again.figures if f.metric == "pay.cost_rate"] == []
    whole = read_plan(plan_text(made))
    assert [f.to_dict(2) for f in whole.figures] == [f.to_dict(2) for f in made.figures]


def test_a_plan_that_is_not_there_is_refused(planner: Planner, named: TargetScenario) -> None:
    with pytest.raises(PlanError, match="no such plan file"):
        planner.pay(named.changed(pay="other"))
    with pytest.raises(ParameterError, match="names no pay plan"):
        planner.pay(named.changed(pay=()))


def test_base_pay_is_that_of_the_last_twelve_months(company: Company) -> None:
    assert base_pay_of(company, date(2027, 1, 1), date(2028, 1, 1)) is None
