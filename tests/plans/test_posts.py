"""Open posts: who is yet to be hired has a target, and the share-out still adds up."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.plans import Planner, TargetPlan, TargetScenario, compare, plan_text, read_plan, solve

POSTS = ["New hire 1", "New hire 2", "New hire 3"]


@pytest.fixture(scope="module")
def hiring(planner: Planner, scenario: TargetScenario, plan: TargetPlan) -> TargetPlan:
    team = plan.people["team"].drop_nulls().sort()[0]
    hires = [
        {"starts": date(2027, 1, 1), "count": 2, "team": team},
        {"starts": date(2027, 7, 1)},
        {"starts": date(2029, 1, 1)},
    ]
    asked = scenario.changed(
        hires=hires, over_time={"ramp": (0.5, 0.5)}, kpis=[{"metric": "created.count", "total": 99}]
    )
    return planner.plan(asked, draws=2_000)


def test_the_share_out_adds_up_exactly_with_posts_at_every_level(hiring: TargetPlan) -> None:
    assert hiring.people.filter("post")["rep_id"].to_list() == POSTS
    people = dict(hiring.people.select("rep_id", "target").iter_rows())
    last = hiring.levels.filter(level="rep_id")
    owners = hiring.people.select("rep_id", "team").rows()
    for row in last.to_dicts():
        mine = [people[rep] for rep, team in owners if team == row["id"]]
        assert sum(mine) == row["children"]
        assert row["children"] == pytest.approx(row["target"] * 1.1, abs=200_000)
    spread = hiring.targets.drop_nulls("rep_id").group_by("rep_id").agg(pl.col("value").sum())
    assert dict(spread.iter_rows()) == people
    assert hiring.left_out.select("rep_id", "reason").rows() == [
        ("New hire 4", "not there in the period")
    ]


def test_a_post_is_prorated_by_its_start_and_its_ramp(
    hiring: TargetPlan, planner: Planner, plan: TargetPlan
) -> None:
    told = {row["rep_id"]: row for row in hiring.people.to_dicts()}
    first, second, late = (told[post] for post in POSTS)
    assert first["target"] == pytest.approx(second["target"], abs=100_000)
    assert first["there"] == pytest.approx(11 / 12, abs=0.03)  # two months at a half
    assert late["there"] == pytest.approx(5 / 12, abs=0.06)
    ramped = hiring.targets.filter(rep_id=POSTS[0]).sort("period_start")["value"].to_list()
    assert max(ramped[:2]) < min(ramped[2:])
    assert {first[name] for name in ("last_year", "pace", "odds", "growth", "attainment")} == {None}
    before = dict(plan.people.select("rep_id", "target").iter_rows())
    assert all(told[rep]["target"] <= before[rep] for rep in before)


def test_an_even_share_out_gives_a_post_what_its_time_is_worth(
    planner: Planner, hiring: TargetPlan
) -> None:
    even = hiring.scenario.changed(
        share={"weights": {"even": 1.0}, "levels": (), "over_assignment": ()}, basis={"step": 1}
    )
    made = planner.plan(even, draws=2_000)
    total = made.people["there"].sum()
    for row in made.people.to_dicts():
        assert row["target"] == pytest.approx(800_000_000 * row["there"] / total, abs=1.01)
    assert made.people_sum == 800_000_000


def test_capacity_counts_a_hire_once(hiring: TargetPlan) -> None:
    assert hiring.capacity is not None
    there = hiring.people.filter(~pl.col("post")).height
    heads = hiring.capacity.capacity.months.select("ramped_heads", "ramping_heads")
    assert heads.sum_horizontal().max() == pytest.approx(there + 3, abs=0.1)


def test_posts_go_through_all_that_follows(
    hiring: TargetPlan, planner: Planner, plan: TargetPlan
) -> None:
    assert hiring.kpis is not None
    counts = hiring.kpis.people
    assert counts["target"].sum() == 99
    assert set(POSTS) < set(counts["rep_id"])
    assert read_plan(plan_text(hiring)).figures == hiring.figures
    both = compare(plan, hiring).people
    assert set(POSTS) <= set(both["rep_id"])
    needed = solve(hiring, odds=0.5, planner=planner).needed
    assert needed.filter(pl.col("rep_id").is_in(POSTS))["with_odds"].null_count() == 3
    assert hiring.company_odds is not None
    assert plan.company_odds is not None
    assert hiring.company_odds["odds"] > plan.company_odds["odds"]


def test_a_manager_sees_the_posts_of_the_own_team_alone(hiring: TargetPlan) -> None:
    teams = hiring.people.filter("post")["team"].to_list()
    mine = hiring.people.filter(~pl.col("post"), pl.col("team") == teams[0])["rep_id"]
    part = hiring.within(frozenset(mine), label="x")
    assert set(part.people["rep_id"]) == {*mine, POSTS[0], POSTS[1]}
    assert not hiring.within(frozenset(mine[:1]), label="x").people["post"].any()


def test_a_row_about_a_post_sets_its_target(hiring: TargetPlan, planner: Planner) -> None:
    made = planner.plan(hiring.scenario.with_row(rep_id=POSTS[2], set=12_300_000), draws=2_000)
    told = dict(made.people.select("rep_id", "target").iter_rows())
    assert told[POSTS[2]] == 12_300_000
    owners = made.people.select("rep_id", "team").rows()
    for row in made.levels.filter(level="rep_id").to_dicts():
        assert row["children"] == sum(told[rep] for rep, team in owners if team == row["id"])
