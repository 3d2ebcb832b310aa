"""The plan as a curve is what the chain pays somebody who sells that much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from spm_lib.incentives import calculate, moved_by_years, pay_curve, pay_data
from tests.incentives.small import component, deals, people, quotas, small_plan

TARGET = "[[target_pay]]\namount = 12000\nper = 'year'\n"
GOAL = '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 1.5 }] }'
TABLE = '{ kind = "table", of = "base", bands = [{ up_to = 600, rate = 0.05 }, { rate = 0.1 }] }'
STEPS = tuple(Decimal(n) / 100 for n in (0, 30, 50, 75, 100, 120, 150))
CASES = {
    "goal with a cap": component(GOAL, weight="1", cap="{ times_target = 1.2 }") + TARGET,
    "goal to date": component(
        GOAL, weight="1", grouping='"to_date"', true_up='"deduct"', against='"so_far"'
    )
    + TARGET,
    "table and goal": component(TABLE) + component(GOAL, id='"goal"', weight="1") + TARGET,
    "cap on attainment": component(
        GOAL, weight="1", cap='{ on = "attainment", times_target = 1.1 }'
    )
    + TARGET,
    "cap of the plan": component(TABLE) + '[cap]\non = "plan"\namount = 60\n',
}


@pytest.mark.parametrize("rest", CASES.values(), ids=CASES)
def test_the_curve_is_what_the_chain_pays(rest):
    plan = small_plan(rest)
    found = pay_curve(plan, quota=Decimal(1000), steps=STEPS)
    names = [f"R{n}" for n in range(len(STEPS))]
    sold = [(f"D{rep}", rep, "01-05", str(step * 1000)) for rep, step in zip(names, STEPS)]  # noqa: B905
    data = pay_data(
        transactions=deals(*sold),
        people=people(*names),
        quotas=quotas(*((rep, "sales", "01-01", "02-01", "1000") for rep in names)),
    )
    run = calculate(plan, data, through="2026-01")
    assert found.rows["pay"].to_list() == [run.paid(rep, "2026-01") for rep in names]
    assert found.left_out == found.bent == ()


def test_rules_that_are_no_function_are_named():
    score = '{ kind = "score", objectives = [{ id = "nps", weight = 1 }] }'
    plan = small_plan(
        component(TABLE) + component(score, id='"mbo"', name='"MBO"', measure="", weight="1")
        + TARGET
    )  # fmt: skip
    found = pay_curve(plan, quota=Decimal(1000), steps=STEPS)
    assert found.left_out == ("MBO",)
    assert found.rows["pay"].to_list()[-1] == 120_00


def test_the_rules_of_a_role_alone_are_drawn():
    plan = small_plan(component(TABLE, roles='["rep"]') + component(TABLE, id='"b"', roles='["x"]'))
    assert pay_curve(plan, quota=Decimal(600), role="rep").rows["pay"][100] == 30_00
    assert pay_curve(plan, quota=Decimal(600)).rows["pay"][100] == 60_00


def test_a_plan_moved_pays_the_same_a_year_before():
    plan = small_plan(component(TABLE, valid_from="2026-02-01"))
    moved = moved_by_years(plan, -2)
    assert (moved.plan.valid_from, moved.components[0].valid_from) == (
        date(2024, 1, 1), date(2024, 2, 1),
    )  # fmt: skip
    assert moved_by_years(plan, 0) is plan
    rows = deals(("A", "R1", "02-05", "700"))
    earlier = rows.with_columns(date=date(2024, 2, 5))
    here = calculate(plan, pay_data(transactions=rows, people=people("R1")))
    there = calculate(moved, pay_data(transactions=earlier, people=people("R1")))
    assert here.paid("R1", "2026-02") == there.paid("R1", "2024-02") == 40_00
