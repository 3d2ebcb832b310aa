"""A plan's numbers found in its text, moved, and written back so that nothing else changes."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from spm_lib.core.errors import ParameterError, PlanError
from spm_lib.core.language import language
from spm_lib.dashboards.pay.number_kinds import step_of
from spm_lib.dashboards.pay.plan_desk import plan_id
from spm_lib.dashboards.pay.plan_levers import PlanLevers
from spm_lib.dashboards.pay.plan_text import content_of, leaves, named, number_places, rewritten
from spm_lib.incentives import plan_from_text
from tests.incentives.small import component, plan_text

EVERY = plan_text(
    """# 3 numbers that are none: 0.5 here, "0.7" there
[[target_pay]]
amount = 48_000  # of everybody
per = "year"
[[target_pay]]
amount = 60000
per = "year"
role = "0.9 hunter"
[quotas]
proration = "months"
ramp = [0.25, 0.5]
[cap]
on = "payment"
amount = 9000.50
"""
    + component(
        '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 1.5 }] }',
        weight="1",
        cap="{ times_target = 2 }",
    )
    + component(
        """{ kind = "table", of = "base", bands = [
  { up_to = 10000, rate = 0.05 },
  { rate = 7e-2 },
] }""",
        id='"slices"',
        name='"Slices"',
        valid_from="2026-02-01",
    )
    + component('{ kind = "bonus", per = "unit", amount = 12.5 }', id='"units"', measure='"pieces"')
    + '[[measures]]\nid = "pieces"\nbase = "units"\nat_least = 3\n'
)
NAMES = {
    "target_pay.0.amount": "\u20aa48,000",
    "target_pay.1.amount": "\u20aa60,000",
    "quotas.ramp.0": "25%",
    "quotas.ramp.1": "50%",
    "cap.amount": "\u20aa9,000.50",
    "components.0.pays.threshold": "50%",
    "components.0.pays.accelerators.0.over": "100%",
    "components.0.pays.accelerators.0.factor": "\u00d7 1.5",
    "components.0.weight": "100%",
    "components.0.cap.times_target": "200%",
    "components.1.pays.bands.0.up_to": "\u20aa10,000",
    "components.1.pays.bands.0.rate": "5%",
    "components.1.pays.bands.1.rate": "7%",
    "components.2.pays.amount": "\u20aa12.50",
    "measures.1.at_least": "3",
}


@pytest.fixture(scope="module")
def levers():
    return PlanLevers(EVERY, language("en"))


def test_every_number_of_the_rules_is_a_lever_whatever_the_rules_are(levers):
    assert {lever.name: lever.told(lever.value) for lever in levers.all()} == NAMES
    numbers = [p for p, v in leaves(content_of(EVERY)) if isinstance(v, int | Decimal)]
    heads = {("version",)}
    assert {place.path for place in number_places(EVERY)} == set(numbers)
    assert {place.path for place in levers.places.values()} == set(numbers) - heads


def test_a_lever_stops_at_its_own_value_and_reaches_round_ones(levers):
    for lever in levers.all():
        low, step = Decimal(str(lever.low)), Decimal(str(lever.step))
        assert (Decimal(str(lever.value)) - low) % step == 0, lever.name
        assert lever.low <= lever.value <= lever.high
    assert step_of(Decimal("0.0125"), Decimal("0.025")) == Decimal("0.0001")


def test_moved_numbers_are_exact_and_all_else_stays_to_the_letter(levers):
    changed = levers.turned(
        {"components.0.pays.threshold": 0.1 + 0.2, "target_pay.0.amount": 48_000, "cap.amount": 1}
    )
    assert changed == {
        ("components", 0, "pays", "threshold"): Decimal("0.3"),
        ("cap", "amount"): Decimal(1),
    }
    text = levers.changed_text(changed)
    differing = [
        (a, b) for a, b in zip(EVERY.splitlines(), text.splitlines(), strict=True) if a != b
    ]
    assert [pair[1] for pair in differing] == [
        "amount = 1",
        'pays = { kind = "goal", threshold = 0.3, accelerators = [{ over = 1, factor = 1.5 }] }',
    ]
    assert plan_from_text(text).components[0].pays.threshold == Decimal("0.3")  # type: ignore[union-attr]
    assert levers.changed_text({}) == EVERY


@pytest.mark.parametrize("values", [{"nobody": 1.0}, {"components.0.weight": 1.2}])
def test_a_lever_goes_nowhere_else(levers, values):
    with pytest.raises(ParameterError, match="no such lever"):
        levers.turned(values)


def test_a_new_name_changes_two_lines():
    text = named(EVERY, plan_id="field-2027", name='Field "2027" \u05e9\u05dc\u05d5\u05dd\n')
    head = tomllib.loads(text)["plan"]
    assert (head["id"], head["name"]) == ("field-2027", 'Field "2027" \u05e9\u05dc\u05d5\u05dd\n')
    changed = [a for a, b in zip(EVERY.splitlines(), text.splitlines(), strict=True) if a != b]
    assert changed == ['id = "small"', 'name = "Small plan"']
    with pytest.raises(PlanError, match="cannot be found"):
        named("version = 1\n[plan]\nid = 3\n", plan_id="a", name="b")
    with pytest.raises(PlanError, match="no such number"):
        rewritten(EVERY, {("plan", "period"): Decimal(1)})


def test_line_ends_stay():
    text = EVERY.replace("\n", "\r\n")
    moved = rewritten(text, {("cap", "amount"): Decimal(5)})
    assert moved == text.replace("9000.50", "5")


@pytest.mark.parametrize(("name", "made"), [("../../Evil", "evil"), ("A  b_C", "a-b-c")])
def test_a_plans_file_has_a_plain_name(name, made):
    assert plan_id(name) == made


def test_a_name_without_letters_is_refused():
    with pytest.raises(ParameterError, match="a-z and 0-9"):
        plan_id("\u05e9\u05dc\u05d5\u05dd")
