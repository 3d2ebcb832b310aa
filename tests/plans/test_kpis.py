"""KPIs of a plan: counts that add up, ratios that do not, and the way back from a table."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import MetricError, ParameterError
from spm_lib.model import Company, company_from_frames, metric_id
from spm_lib.plans import (
    Planner,
    TargetPlan,
    TargetScenario,
    plan_text,
    read_plan,
    read_target_scenario,
    scenario_text,
)
from spm_lib.simulate import frames, in_major_units
from spm_lib.workspace import settings_from_text

from .conftest import AS_OF, SMALL, TABLES, TEXT

COUNT, RATIO = "created.count", "win_rate.closed.count"
KPIS = ({"metric": COUNT, "total": 401, "note": "more"}, {"metric": RATIO, "improvement": 0.1})
START, END = date(2026, 1, 1), date(2026, 10, 1)


@pytest.fixture(scope="module")
def asked(scenario: TargetScenario) -> TargetScenario:
    """Nine months that are over by now, planned on their eve."""
    basis = {"as_of": date(2025, 12, 31), "start": START, "end": END}
    return scenario.changed(kpis=KPIS, basis=basis)


@pytest.fixture(scope="module")
def past(planner: Planner, asked: TargetScenario) -> TargetPlan:
    return planner.plan(asked, draws=2_000)


@pytest.fixture(scope="module")
def back(past: TargetPlan) -> Company:
    """The company with the plan's targets as a table of its own."""
    made = in_major_units(frames(SMALL, 5))
    found = {name: made[name] for name in TABLES}
    sheet = io.StringIO(past.targets_csv())
    found["targets"] = pl.read_csv(sheet, infer_schema=False)
    return company_from_frames(found, settings_from_text(TEXT), as_of=AS_OF)


def test_a_file_holds_its_kpis_and_tells_what_is_wrong_with_them(asked: TargetScenario) -> None:
    assert read_target_scenario(scenario_text(asked)) == asked
    for wrong, told in (
        ([{"metric": COUNT}], "[[kpis]] no. 1: "),
        ([{"metric": COUNT, "total": 1, "improvement": 0.1}], "either total"),
        ([KPIS[0], {"metric": COUNT, "total": 9}], "each KPI once"),
        ([{"metric": f"m{i}", "total": 1} for i in range(6)], "a list of 5"),
    ):
        with pytest.raises(ParameterError) as error:
            asked.changed(kpis=wrong)
        assert told in str(error.value)


def test_a_total_is_of_a_count_and_an_improvement_of_a_ratio(
    planner: Planner, asked: TargetScenario
) -> None:
    for wrong in ({"metric": RATIO, "total": 3}, {"metric": COUNT, "improvement": 0.1}):
        with pytest.raises(MetricError):
            planner.plan(asked.changed(kpis=[wrong]), draws=2_000)


def test_counts_add_up_in_every_direction_and_ratios_stand_alone(past: TargetPlan) -> None:
    assert past.kpis is not None
    people, rows = past.kpis.people, past.kpis.rows
    counts = people.filter(kpi=COUNT)
    assert set(counts["rep_id"]) == set(past.people["rep_id"])
    assert counts["target"].sum() == 401
    by_person = Counter()
    for rep, value in rows.filter(metric=COUNT).select("rep_id", "value").iter_rows():
        by_person[rep] += value
    assert by_person == Counter(dict(counts.select("rep_id", "target").iter_rows()))
    teams = past.kpis.teams.filter(pl.col("kpi") == COUNT, pl.col("team").is_not_null())
    assert teams["target"].sum() == 401
    ratios = people.filter(kpi=RATIO)
    for row in ratios.to_dicts():
        assert row["target"] == pytest.approx(min(row["pooled"] * 1.1, 1))
    own = rows.filter(metric=RATIO)
    assert own.height == ratios.height
    assert own["team"].null_count() == own.height
    assert set(own.select("period_start", "period_end").rows()) == {(START, END)}


def test_who_is_there_half_the_time_gets_about_half_of_a_count(
    planner: Planner, asked: TargetScenario, past: TargetPlan
) -> None:
    rep = past.people["rep_id"][0]
    made = planner.plan(asked.with_row(rep_id=rep, leaves="2026-05-15"), draws=2_000)
    assert made.kpis is not None
    assert past.kpis is not None
    both = [plan.kpis.people.filter(kpi=COUNT, rep_id=rep)["target"][0] for plan in (past, made)]  # type: ignore[union-attr]
    assert both[1] == pytest.approx(both[0] / 2, rel=0.15)
    assert made.kpis.people.filter(kpi=COUNT)["target"].sum() == 401


def test_a_plan_in_a_file_keeps_its_kpis_and_a_part_tells_nothing_of_others(
    past: TargetPlan,
) -> None:
    assert read_plan(plan_text(past)).figures == past.figures
    rep = past.people["rep_id"][1]
    part = past.within(frozenset({rep}), label="x")
    told = [f for f in part.figures if f.metric.startswith("kpi.")]
    assert {f.by.get("rep_id") for f in told} == {rep}
    assert {f.by["kpi"] for f in told} == {COUNT, RATIO}
    assert part.scenario.kpis == ()
    assert '"total"' not in plan_text(part)
    assert read_plan(plan_text(part)).figures == part.figures


def test_what_was_attained_is_what_a_plain_count_says(back: Company, past: TargetPlan) -> None:
    reached = metric_id("attainment.kpi").compute
    assert reached is not None
    each = {(f.by["kpi"], f.by["rep_id"]): f for f in reached(back, "rep_id", None)}
    created: Counter = Counter()
    won, decided = Counter(), Counter()
    for deal in back.table("opportunities").to_dicts():
        if deal["created_on"] and START <= deal["created_on"] < END:
            created[deal["rep_id"]] += 1
        if deal["outcome"] != "open" and deal["closed_on"] and START <= deal["closed_on"] < END:
            decided[deal["rep_id"]] += 1
            won[deal["rep_id"]] += deal["outcome"] == "won"
    assert past.kpis is not None
    aims = past.kpis.people
    assert len(each) == aims.height > 8
    for kpi, rep, aim in aims.select("kpi", "rep_id", "target").iter_rows():
        told = each[kpi, rep].value
        if kpi == COUNT:
            assert told == (f"{created[rep] / aim:.6f}" if aim else None)
        elif decided[rep]:
            assert float(told) == pytest.approx(won[rep] / decided[rep] / aim, abs=2e-3)
        else:
            assert told is None
    (together,) = reached(back, None, (START, END))
    mine = sum(created[rep] for rep in aims["rep_id"].unique())
    assert (together.by, together.value) == ({"kpi": COUNT}, f"{mine / 401:.6f}")
    with pytest.raises(MetricError):
        reached(back, "team", None)


def test_money_is_still_measured_against_money_alone(back: Company, past: TargetPlan) -> None:
    from spm_lib.metrics import measure

    row = measure(back, "attainment", window=(START, END)).frame.row(0, named=True)
    assert row["target"] == past.people_sum
