"""A decided target stands, and the share-out adds up exactly as it did before."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import TeamError
from spm_lib.plans import TargetScenario, read_target_scenario, scenario_text
from spm_lib.plans.planning.edits import edits_of
from spm_lib.plans.planning.shared_out import SharedOut, shared_out
from spm_lib.plans.scenarios.target_scenario import example_scenario
from spm_lib.targets.sharing import InfeasibleError
from spm_lib.team.following.decisions import with_decisions
from spm_lib.team.records.target_request import TargetRequest
from tests.examples import examples

SOLD = st.lists(st.integers(1, 10**9), min_size=3, max_size=7)


def team(sold: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "rep_id": [f"R{i}" for i in range(len(sold))],
            "team": ["N" if i % 2 else "S" for i in range(len(sold))],
            "manager_id": [None] * len(sold),
            "history_full": sold,
            "pipeline": sold[::-1],
            "there": [1.0] * len(sold),
        },
        schema_overrides={"manager_id": pl.String},
    )


def shared(people: pl.DataFrame, scenario: TargetScenario) -> SharedOut:
    return shared_out(people, scenario, edits_of(scenario, people))


def by_person(made: SharedOut) -> dict[str, int]:
    return dict(made.people.select("rep_id", "target").iter_rows())


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


@settings(max_examples=examples(6))
@given(
    sold=SOLD,
    target=st.integers(10_000, 10**10),
    part=st.floats(0.2, 1.5),
    over=st.sampled_from([(0.0, 0.0), (0.1, 0.0), (0.1, 0.05)]),
)
def test_what_is_decided_stands_and_every_level_adds_up(
    sold: list[int], target: int, part: float, over: tuple[float, float]
) -> None:
    limits = {"growth_low": None, "growth_high": None}
    scenario = example_scenario().changed(
        basis={"target": target, "step": 1}, share={**limits, "over_assignment": over}
    )
    people = team(sold)
    before = by_person(shared(people, scenario))
    asked = round(before["R0"] * part)
    request = TargetRequest("R0", 1, before["R0"], asked, "half the territory is gone")
    assert with_decisions(scenario, [request]) == scenario  # asking changes nothing
    decided = with_decisions(
        scenario, [replace(request, status="approved", decided=asked, decision="true")]
    )
    assert read_target_scenario(scenario_text(decided)) == decided  # kept in a file and taken up
    try:
        made = shared(people, decided)
    except InfeasibleError:
        assert part > 1  # more than there is to share
        return
    after = by_person(made)
    assert after["R0"] == asked
    if over[1] == 0:  # nothing is rounded below the teams
        assert sum(after.values()) == sum(before.values()) == half_up(target * exact(1 + over[0]))
    teams = dict(people.select("rep_id", "team").iter_rows())
    for level, owner, due, children in made.levels.select(
        "level", "id", "target", "children"
    ).iter_rows():
        if level == "rep_id":
            assert children == sum(v for rep, v in after.items() if teams[rep] == owner)
        else:
            assert children == sum(made.levels.filter(pl.col("level") == "rep_id")["target"])
            assert children == half_up(due * exact(1 + over[0]))


def exact(value: float) -> Fraction:
    return Fraction(str(round(value, 9)))


def test_a_decision_says_what_it_decides() -> None:
    asked = TargetRequest("R1", 1, 500, 400, "one account left")
    granted = {"status": "partly_approved", "decided": 450, "decision": "half of it"}
    told = TargetRequest("R1", 1, 500, 400, asked.reason, **granted)  # type: ignore[arg-type]
    asked.check_next(told)
    with pytest.raises(TeamError, match="cannot become"):
        told.check_next(told)
    for bad in (
        {**granted, "decision": ""},
        {**granted, "decided": None},
        {**granted, "status": "approved"},
        {**granted, "status": "declined"},
        {**granted, "decided": -1},
        {"status": "declined", "decision": " "},
        {"status": "lost"},
    ):
        with pytest.raises(TeamError):
            TargetRequest("R1", 1, 500, 400, asked.reason, **bad)  # type: ignore[arg-type]
