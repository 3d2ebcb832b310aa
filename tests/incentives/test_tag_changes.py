"""What a plan moves from commission to premium is told in the what-if, in both languages."""

from __future__ import annotations

import pytest

from spm_lib.core.language import language
from spm_lib.incentives import tag_changes
from tests.incentives.small import component, small_plan

RATE = '{ kind = "rate", rate = 0.10 }'
GOAL = '{ kind = "goal", threshold = 0.5, accelerators = [] }'
PLAIN = small_plan(component(RATE))
GATE = '[[components.gates]]\nhow = "all"\nof = "base"\nmeasures = { sales = 900 }\n'
FACTOR = ('[[components.multipliers]]\nmeasure = "sales"\nof = "base"\n'
          'bands = [{{ up_to = 900, rate = {low} }}, {{ rate = 1 }}]\n')  # fmt: skip
TARGET = '[[target_pay]]\namount = 1200\nper = "year"\n'


def told(*plans: object, code: str = "en") -> list[str]:
    return [one.tell(language(code)) for one in tag_changes(*plans)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rest", "condition"),
    [
        (component(RATE), False),
        (component(RATE) + GATE, True),
        (component(RATE) + FACTOR.format(low=0), True),
        (component(RATE) + FACTOR.format(low=0.5), False),
        (component(GOAL, weight="1") + TARGET, True),
        (component('{ kind = "goal", threshold = 0, accelerators = [] }', weight="1") + TARGET,
         False),
        (component('{ kind = "table", of = "base", bands = [{ up_to = 900, rate = 0 }, '
                   '{ rate = 0.1 }] }'), True),
        (component('{ kind = "table", of = "base", bands = [{ up_to = 900, rate = 0.1 }, '
                   '{ rate = 0.2 }] }'), False),
        (component('{ kind = "bonus", amount = 50, per = "period", at_least = 900 }'), True),
    ],
)  # fmt: skip
def test_a_condition_on_a_commission_is_told(rest: str, condition: bool) -> None:
    plan = small_plan(rest)
    lines = told(plan, PLAIN)
    assert bool(lines) == condition
    if condition:
        assert lines[0].startswith("Main is tagged as personal commission")
        assert lines[-1] == "Not legal advice."
    assert told(plan, plan) == [], "what was so beside is no change"


def test_another_tag_is_told_in_both_languages() -> None:
    premium = small_plan(component(GOAL, weight="1", tag='"premium"') + TARGET)
    assert told(premium, PLAIN) == [
        "Main: personal commission becomes conditional premium.", "Not legal advice.",
    ]  # fmt: skip
    assert "פרמיה מותנית" in told(premium, PLAIN, code="he")[0]
    assert told(premium) == []
    assert len(told(PLAIN, premium)) == 2


def test_dated_versions_are_held_against_the_version_in_force_beside() -> None:
    """A premium that becomes a commission in July, beside itself, moves nothing."""
    first = component(GOAL, weight="1", tag='"premium"') + "valid_to = 2026-07-01\n"
    second = component(RATE) + "valid_from = 2026-07-01\n"
    plan = small_plan(first + second + TARGET)
    assert told(plan, plan) == []
    assert told(plan, PLAIN)[:-1] == ["Main: personal commission becomes conditional premium."]
    assert told(PLAIN, plan)[:-1] == ["Main: conditional premium becomes personal commission."]
    gated = small_plan(component(RATE) + "valid_to = 2026-07-01\n" + GATE
                       + component(RATE) + "valid_from = 2026-07-01\n")  # fmt: skip
    assert told(gated, gated) == []
    assert len(told(gated, PLAIN)) == 2


@pytest.mark.parametrize(
    ("points", "condition"),
    [("0, 0|0.8, 0|1, 1", True), ("0, 0|1, 1", False), ("0.5, 0.2|1, 1", True),
     ("0, 0.1|1, 1", False)],
)  # fmt: skip
def test_a_curve_is_conditional_where_it_pays_nothing_up_to_an_attainment(
    points: str, condition: bool
) -> None:
    told_points = (one.split(", ") for one in points.split("|"))
    corners = ", ".join(f"{{ attainment = {a}, payout = {p} }}" for a, p in told_points)
    pays = f'{{ kind = "curve", points = [{corners}], beyond = "flat" }}'
    assert bool(told(small_plan(component(pays, weight="1") + TARGET), PLAIN)) == condition
