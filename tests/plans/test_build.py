"""Target plans against plain sums and a second way through the same numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.model import Company, company_from_frames
from spm_lib.plans import Planner, TargetPlan, TargetScenario, build
from spm_lib.simulate import frames, in_major_units
from spm_lib.targets import Odds, OddsLevers
from spm_lib.targets.capacity import known_capacity
from spm_lib.targets.sharing import bases
from spm_lib.workspace import Scope, settings_from_text

from .conftest import AS_OF, SMALL, TEXT

pytestmark = pytest.mark.slow


def target_of(plan: TargetPlan, rep: str) -> int:
    return dict(plan.people.select("rep_id", "target").iter_rows())[rep]


def test_everything_adds_up_at_every_level(plan: TargetPlan) -> None:
    teams = plan.levels.filter(pl.col("level") == "rep_id")
    assert teams["target"].sum() == 840_000_000  # 8 million, and 5 % more
    for team, value in teams.select("id", "target").iter_rows():
        people = plan.people.filter(pl.col("team") == team)["target"].sum()
        assert people == round(value * Fraction(11, 10), -5)
        rows = plan.targets.filter(pl.col("rep_id").is_null() & (pl.col("team") == team))
        assert rows["value"].sum() == value
    assert plan.over_assignment == pytest.approx(1.05 * 1.10 - 1, abs=1e-3)
    own = plan.targets.drop_nulls("rep_id").group_by("rep_id").agg(pl.col("value").sum())
    assert dict(own.iter_rows()) == dict(plan.people.select("rep_id", "target").iter_rows())
    assert plan.periods["target"].sum() == 800_000_000
    assert plan.periods["people"].sum() == plan.people["target"].sum()


def test_shares_are_the_blend_that_a_loop_finds(
    company: Company, plan: TargetPlan, scenario: TargetScenario
) -> None:
    found = bases(company).select("rep_id", "history_full", "pipeline").rows()
    sold = sum(row[1] or 0 for row in found) / sum(row[1] is not None for row in found)
    history = {rep: sold if value is None else value for rep, value, _ in found}
    opened = {rep: value for rep, _, value in found}
    for rep in history:
        share = (
            0.6 * history[rep] / sum(history.values())
            + 0.2 / len(history)
            + 0.2 * opened[rep] / sum(opened.values())
        )
        ideal = 800_000_000 * 1.05 * 1.10 * share
        assert target_of(plan, rep) == pytest.approx(ideal, abs=3 * scenario.basis.step)


def test_odds_are_those_that_the_room_targets_tells(
    company: Company, plan: TargetPlan, scenario: TargetScenario
) -> None:
    odds = Odds.of(company, start=date(2027, 1, 1), end=date(2028, 1, 1))
    span = {"period_start": date(2027, 1, 1), "period_end": date(2028, 1, 1)}
    rows = [{"rep_id": r, "value": v, **span} for r, v in
            plan.people.select("rep_id", "target").iter_rows()]  # fmt: skip
    answer = odds.answer(pl.DataFrame(rows), OddsLevers(ramp=plan.year.ramp), draws=2_000)
    told = dict(answer.people.select("rep_id", "odds").iter_rows())
    assert dict(plan.people.select("rep_id", "odds").iter_rows()) == told
    whole = (answer.company_bookings[-1] >= 800_000_000).mean()
    assert plan.company_odds is not None
    assert plan.company_odds["odds"] == pytest.approx(whole)


def test_the_same_file_gives_the_same_numbers(
    company: Company, plan: TargetPlan, scenario: TargetScenario
) -> None:
    again = build(company, scenario, draws=2_000)
    assert again.people.equals(plan.people)
    assert again.targets.equals(plan.targets)
    assert again.figures == plan.figures


def test_who_is_set_and_locked_keeps_it_and_the_rest_makes_up_for_it(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    rep = plan.people["rep_id"][0]
    edited = planner.plan(scenario.with_row(rep_id=rep, set=30_000_000, note="agreed"), draws=1)
    assert target_of(edited, rep) == 30_000_000
    assert edited.people["target"].sum() == pytest.approx(plan.people["target"].sum(), abs=100_000)
    assert edited.levels.filter(pl.col("level") == "team").equals(
        plan.levels.filter(pl.col("level") == "team")
    )
    row = edited.people.row(0, named=True)
    assert (row["edited"], row["note"]) == (True, "agreed")
    assert row["shared"] == target_of(plan, rep)


def test_a_move_without_a_lock_leaves_the_others_and_the_sum_moves(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    rep, team = plan.people.select("rep_id", "team").row(0)
    moved = planner.plan(scenario.with_row(rep_id=rep, move=0.05, lock=False), draws=1)
    before, after = target_of(plan, rep), target_of(moved, rep)
    assert after == before + round(before * Fraction(5, 100))
    rest = pl.col("rep_id") != rep
    columns = ("rep_id", "target")
    assert (
        moved.people.filter(rest).select(columns).equals(plan.people.filter(rest).select(columns))
    )
    (level,) = moved.levels.filter(pl.col("id") == team).to_dicts()
    (old,) = plan.levels.filter(pl.col("id") == team).to_dicts()
    assert level["difference"] == old["difference"] + after - before


def test_moves_of_a_team_follow_those_of_everybody(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    team = plan.people["team"][0]
    rows = ({"everybody": True, "move": 0.1, "lock": False},
            {"team": team, "move": -0.5, "lock": False})  # fmt: skip
    moved = planner.plan(scenario.changed(rows=rows), draws=1)
    for rep, of, old in plan.people.select("rep_id", "team", "target").iter_rows():
        factor = Fraction(11, 10) * (Fraction(1, 2) if of == team else 1)
        assert target_of(moved, rep) == (old * factor + Fraction(1, 2)).__floor__()


def test_leave_takes_its_months_and_part_of_the_odds(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    rep = plan.people["rep_id"][0]
    leave = {"away_from": date(2027, 4, 1), "away_until": date(2027, 7, 1)}
    away = planner.plan(scenario.with_row(rep_id=rep, **leave), draws=2_000)
    months = away.targets.filter(pl.col("rep_id") == rep)["period_start"].dt.month().to_list()
    assert months == [1, 2, 3, 7, 8, 9, 10, 11, 12]
    row, old = away.people.row(0, named=True), plan.people.row(0, named=True)
    assert row["there"] == pytest.approx(0.75, abs=0.05)
    assert row["target"] < old["target"]
    assert row["expected"] < old["expected"]


def test_who_leaves_before_the_period_or_is_left_out_has_no_target(
    planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    first, second = plan.people["rep_id"][:2]
    rows = ({"rep_id": first, "leaves": date(2026, 12, 1)},
            {"rep_id": second, "without_target": True})  # fmt: skip
    found = planner.plan(scenario.changed(rows=rows), draws=1)
    assert not set(found.people["rep_id"]) & {first, second}
    assert dict(found.left_out.select("rep_id", "reason").iter_rows()) == {
        first: "not there in the period",
        second: "by a row of the scenario",
    }
    assert found.levels["children"][0] == 840_000_000


def test_the_gap_to_capacity_is_what_the_room_targets_makes_of_it(
    company: Company, planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    found = plan.capacity
    assert found is not None
    assert found.per_head == round(known_capacity(company).per_head * 365 / 365.2425)
    assert found.gap.amount == 800_000_000 - found.capacity.total
    stretched = planner.plan(scenario.changed(basis={"target": 4_000_000_000}), draws=1).capacity
    assert stretched is not None
    (way,) = stretched.gap.ways.filter(pl.col("way") == "hire").to_dicts()
    hires = [{"starts": date(2027, 1, 1), "count": int(way["needed"])}]
    hired = planner.plan(
        scenario.changed(basis={"target": 4_000_000_000}, hires=hires), draws=1
    ).capacity
    assert hired is not None
    assert hired.gap.amount <= 0  # so many hires do close it
    assert hired.capacity.total == stretched.capacity.total + way["closes"]


def test_the_most_stretched_have_the_lowest_odds(plan: TargetPlan) -> None:
    lowest = plan.people.sort("odds", "rep_id").head(3)["rep_id"].to_list()
    assert plan.fairness.stretched["rep_id"].to_list() == lowest
    assert plan.fairness.few  # six people: names and numbers, and nothing of the whole
    told = dict(plan.fairness.people.select("rep_id", "to_last_year").iter_rows())
    for rep, target, pace in plan.people.select("rep_id", "target", "pace").iter_rows():
        assert told[rep] == (None if not pace else pytest.approx(target / pace))


def test_counts_are_shared_out_the_same_way_without_odds(
    planner: Planner, scenario: TargetScenario
) -> None:
    counted = planner.plan(
        scenario.changed(basis={"metric": "won.count", "target": 301, "step": 1},
                         share={"over_assignment": ()})
    )  # fmt: skip
    assert counted.people["target"].sum() == 301
    assert counted.odds is None
    assert counted.no_odds == "Odds are told of the won amount only."
    assert {f.unit for f in counted.figures if f.metric == "target.value"} == {"count"}


def test_what_cannot_be_says_what_to_change(
    company: Company, planner: Planner, plan: TargetPlan, scenario: TargetScenario
) -> None:
    with pytest.raises(ParameterError, match=r"row 1: nobody 'nobody'.*row 2: no team 'no team'"):
        planner.plan(scenario.with_row(rep_id="nobody", set=1).with_row(team="no team", set=1))
    with pytest.raises(SpmError, match="Found: "):
        planner.plan(scenario.with_row(everybody=True, set=10**12))
    with pytest.raises(ParameterError, match="another currency"):
        planner.plan(scenario.changed(currency="USD"))
    with pytest.raises(ParameterError, match="no column tells it"):
        planner.plan(scenario.changed(share={"weights": {"potential": 1.0}}))
    rep = plan.people["rep_id"][0]
    with pytest.raises(ParameterError, match="built for the whole company"):
        build(company.within(Scope.rep(rep)), scenario)


def test_a_part_of_the_plan_tells_nothing_of_others(plan: TargetPlan) -> None:
    teams = dict(plan.people.group_by("team").agg("rep_id").iter_rows())
    team, mine = sorted(teams.items())[0]
    for reps in (frozenset(mine), frozenset(mine[:1])):
        part = plan.within(reps, label="x")
        assert set(part.people["rep_id"]) == reps
        whole = len(reps) == len(mine)
        assert set(part.targets["team"].drop_nulls()) == ({team} if whole else set())
        assert part.odds is None
        assert part.over_assignment is None
        told = {f.by.get("rep_id", f.by.get("team")) for f in part.figures}
        assert told == reps | ({team} if whole else set())
        own = [f for f in plan.figures if f.by.get("rep_id") in reps and f.metric == "target.odds"]
        cut = [f for f in part.figures if "rep_id" in f.by and f.metric == "target.odds"]
        assert [f.value for f in own] == [f.value for f in cut]
        assert part.scenario.basis.target == 0


def test_targets_can_be_read_back_as_a_clients_table(plan: TargetPlan, tmp_path) -> None:
    (tmp_path / "targets.csv").write_text(plan.targets_csv(), encoding="utf-8")
    read = pl.read_csv(tmp_path / "targets.csv", try_parse_dates=True)
    minor = (read["value"] * 100).round().cast(pl.Int64)
    assert minor.to_list() == plan.targets["value"].to_list()
    columns = ["rep_id", "team", "period_start", "period_end", "metric"]
    assert read.select(columns).equals(plan.targets.select(columns))


def test_every_figure_is_declared_and_says_what_the_frames_say(plan: TargetPlan) -> None:
    from spm_lib.model import metric_id

    for metric in {figure.metric for figure in plan.figures}:
        metric_id(metric)
    told = {(f.metric, tuple(sorted(f.by.items()))): f for f in plan.figures}
    assert len(told) == len(plan.figures)
    assert told["target.value", ()].value == "8000000.00"
    assert told["target.attainment_needed", ()].value == f"{1 / (1 + plan.over_assignment):.6f}"
    for row in plan.people.to_dicts():
        by = (("rep_id", row["rep_id"]),)
        assert told["target.value", by].value == f"{row['target'] / 100:.2f}"
        assert told["won.amount", by].value == f"{row['last_year'] / 100:.2f}"
        assert told["target.odds", by].value == f"{row['odds']:.6f}"
        expected = told["target.expected", by]
        assert (expected.low, expected.high) == tuple(f"{row[p] / 100:.2f}" for p in ("p10", "p90"))
        assert told["target.value", by].receipt == told["won.amount", by].receipt
    months = [f for f in plan.figures if f.metric == "target.value" and set(f.by) == {"period"}]
    assert sum(float(f.value or 0) for f in months) == 8_000_000


def test_a_company_without_people_and_teams_has_odds_too(scenario: TargetScenario) -> None:
    made = in_major_units(frames(SMALL, 5))
    bare = company_from_frames(
        {"opportunities": made["opportunities"]}, settings_from_text(TEXT), as_of=AS_OF
    )
    levels = scenario.changed(share={"levels": (), "over_assignment": (0.1,)})
    found = build(bare, levels, draws=2_000)
    assert found.odds is not None
    assert found.people["odds"].drop_nulls().len() == len(found.odds.reps)
    assert found.team_odds.is_empty()
    assert found.people["target"].sum() == 880_000_000


def test_what_the_past_year_brought_is_the_companys_also_where_a_deal_has_no_owner(
    scenario: TargetScenario,
) -> None:
    made = in_major_units(frames(SMALL, 5))
    found = {name: made[name] for name in ("opportunities", "reps", "memberships")}
    won = pl.col("stage") == "Closed Won"
    first = won & (won.cast(pl.Int64).cum_sum() == 1) & (pl.col("closed_at") >= date(2025, 10, 1))
    deals = found["opportunities"].sort("closed_at", descending=True)
    deals = deals.with_columns(rep_id=pl.when(first).then(None).otherwise("rep_id"))
    assert deals["rep_id"].null_count() == 1
    company = company_from_frames(
        {**found, "opportunities": deals}, settings_from_text(TEXT), as_of=AS_OF
    )
    past = build(company, scenario, draws=200).past_figures
    rows = company.table("opportunities").filter(
        (pl.col("outcome") == "won")
        & (pl.col("closed_on") >= date(2025, 10, 1))
        & (pl.col("closed_on") < date(2026, 10, 1))
    )
    assert past[""].by == {}
    assert float(past[""].value or 0) == rows["amount"].sum() / 100
    own = {rep: float(f.value or 0) * 100 for rep, f in past.items() if rep}
    assert sum(own.values()) == rows.drop_nulls("rep_id")["amount"].sum() < rows["amount"].sum()
