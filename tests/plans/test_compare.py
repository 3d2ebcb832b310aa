"""Plans side by side, targets solved for odds, and a first proposal."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import ParameterError
from spm_lib.model import Company
from spm_lib.plans import (
    Planner,
    Scenario,
    TargetPlan,
    TargetScenario,
    compare,
    propose,
    read_target_scenario,
    scenario_text,
    solve,
)
from spm_lib.targets import Levers, baseline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def other(planner: Planner, plan: TargetPlan, scenario: TargetScenario) -> TargetPlan:
    rep = plan.people["rep_id"][0]
    changed = scenario.changed(name="Other").with_row(rep_id=rep, move=0.3)
    return planner.plan(changed, draws=2_000)


def test_differences_per_person_and_of_the_company(plan: TargetPlan, other: TargetPlan) -> None:
    found = compare(plan, other)
    assert (found.a, found.b) == ("Next year", "Other")
    before = {row["rep_id"]: row for row in plan.people.to_dicts()}
    after = {row["rep_id"]: row for row in other.people.to_dicts()}
    for row in found.people.to_dicts():
        one, two = before[row["rep_id"]], after[row["rep_id"]]
        assert row["difference"] == two["target"] - one["target"]
        assert row["odds_difference"] == pytest.approx(two["odds"] - one["odds"])
    first = plan.people["rep_id"][0]
    assert found.losers["rep_id"].to_list() == [first]
    assert first not in found.winners["rep_id"]
    assert found.company["people"].to_list() == [
        plan.people["target"].sum(),
        other.people["target"].sum(),
    ]


def test_the_error_of_a_difference_is_that_of_pairs(plan: TargetPlan, other: TargetPlan) -> None:
    found = {row["rep_id"]: row["odds_error"] for row in compare(plan, other).people.to_dicts()}
    assert plan.odds is not None and other.odds is not None  # noqa: PT018
    for place, rep in enumerate(plan.odds.reps):
        goals = [dict(p.people.select("rep_id", "target").iter_rows())[rep] for p in (plan, other)]
        changed = [
            int(two >= goals[1]) - int(one >= goals[0])
            for one, two in zip(
                plan.odds.bookings[place, 0], other.odds.bookings[place, 0], strict=True
            )
        ]
        assert found[rep] == pytest.approx(np.std(changed) / np.sqrt(len(changed)))


def test_nothing_changes_from_a_plan_to_itself(plan: TargetPlan) -> None:
    found = compare(plan, plan)
    assert found.winners.is_empty()
    assert found.losers.is_empty()
    assert set(found.people["difference"]) == {0}


def test_cost_is_null_with_a_reason_until_a_pay_plan_tells_it(
    plan: TargetPlan, other: TargetPlan
) -> None:
    without = compare(plan, other)
    assert without.no_cost == "no pay plan"
    assert without.people["cost_difference"].null_count() == without.people.height
    assert without.company["cost"].to_list() == [None, None]

    def tenth(of: TargetPlan) -> pl.DataFrame:
        return of.people.select("rep_id", cost=pl.col("target") // 10)

    told = compare(plan, other, cost=tenth)
    assert told.no_cost == ""
    assert told.company["cost"].to_list() == [
        sum(value // 10 for value in of.people["target"]) for of in (plan, other)
    ]
    for row in told.people.to_dicts():
        assert row["cost_difference"] == row["target_b"] // 10 - row["target_a"] // 10


def test_without_odds_who_has_less_to_reach_gains(
    planner: Planner, scenario: TargetScenario
) -> None:
    counted = scenario.changed(
        basis={"metric": "won.count", "target": 300, "step": 1}, share={"over_assignment": ()}
    )
    a = planner.plan(counted)
    rep = a.people["rep_id"][0]
    found = compare(a, planner.plan(counted.with_row(rep_id=rep, move=0.5, lock=False)))
    assert found.losers["rep_id"].to_list() == [rep]
    assert found.winners.is_empty()
    with pytest.raises(ParameterError, match="different metrics"):
        compare(a, planner.plan(scenario, draws=1))


def test_solved_targets_have_the_odds_and_one_step_more_has_not(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    found, step = solve(plan, odds=0.8), scenario.basis.step
    for extra, enough in ((0, True), (step, False)):
        target = found.company_target + extra
        again = planner.plan(scenario.changed(basis={"target": target}), draws=2_000)
        assert again.company_odds is not None
        assert (again.company_odds["odds"] >= 0.8) is enough
    rep, value = found.people.select("rep_id", "with_odds").row(0)
    for extra, enough in ((0, True), (step, False)):
        edited = planner.plan(scenario.with_row(rep_id=rep, set=value + extra), draws=2_000)
        assert (edited.people["odds"][0] >= 0.8) is enough
    assert solve(plan, odds=0.5).company_target > found.company_target


def test_with_what_is_needed_the_target_has_the_odds(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    found = solve(plan, odds=0.4, planner=planner)
    reached = found.needed.filter(pl.col("reachable").fill_null(value=False))
    for rep, target, multiple in reached.select("rep_id", "target", "multiple").iter_rows():
        if multiple == 0:
            continue
        edits = {"rep_id": rep, "set": target, "activity": multiple}
        odds = dict(
            planner.plan(scenario.with_row(**edits)).people.select("rep_id", "odds").iter_rows()
        )
        assert odds[rep] == pytest.approx(0.4, abs=0.02)
    out = found.needed.filter(~pl.col("reachable").fill_null(value=True))
    assert out["multiple"].null_count() == out.height


def test_odds_that_cannot_be_solved_for_are_refused(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    with pytest.raises(ParameterError, match="between 0 and 1"):
        solve(plan, odds=80)
    with pytest.raises(ParameterError, match="no odds to solve for"):
        solve(plan.within(frozenset(plan.people["rep_id"][:1])), odds=0.8)


def test_a_proposal_is_the_next_year_and_reads_back(company: Company, planner: Planner) -> None:
    found = propose(company, name="First")
    assert (found.basis.start, found.basis.end) == (date(2027, 1, 1), date(2028, 1, 1))
    won = company.table("opportunities").filter(
        pl.col("outcome") == "won", pl.col("closed_on") >= date(2025, 10, 1)
    )["amount"]
    assert found.basis.target == pytest.approx(won.sum() * 1.1, abs=found.basis.step)
    assert read_target_scenario(scenario_text(found)) == found
    made = planner.plan(found, draws=2_000)
    assert made.people["target"].sum() == found.basis.target
    early = propose(company.at(date(2026, 2, 10)), name="Early")
    assert (early.basis.start, early.basis.end) == (date(2026, 3, 1), date(2027, 3, 1))


def test_levers_of_the_what_if_are_taken_over(company: Company) -> None:
    base = baseline(company)
    today = base.levers
    levers = Levers(
        target=900_000_000,
        win_rate=today.win_rate * 1.2,
        deal_amount=today.deal_amount,
        cycle_days=today.cycle_days / 2,
        heads=today.heads + 2,
    )
    old = Scenario("Two more", "ILS", company.as_of.isoformat(), levers, note="why")
    found = propose(company, name="New", what_if=old)
    assert found.basis.target == 900_000_000
    assert (found.odds.win_rate, found.odds.deal_size, found.odds.cycle) == (1.2, 1.0, 0.5)
    assert [(hire.count, hire.starts) for hire in found.hires] == [(2, date(2027, 1, 1))]
    assert found.note == "why"
