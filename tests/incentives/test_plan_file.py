"""The plan file: what it can say, and that every fault of it is told at once and in its words."""

# ruff: noqa: E501 - one fault a line: what the file says, and what is told

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.core.errors import PlanError
from spm_lib.incentives import load_plan, plan_from_text
from tests.incentives.small import DECISIONS, component, plan_text, small_plan

RATE = component('{ kind = "rate", rate = 0.05 }')
TARGET = '[[target_pay]]\namount = 10000\nper = "month"\n'


def told(text: str) -> str:
    with pytest.raises(PlanError) as refused:
        plan_from_text(text)
    return str(refused.value)


def test_numbers_are_read_as_they_are_written() -> None:
    from decimal import Decimal

    assert small_plan(RATE).components[0].pays.rate == Decimal("0.05")  # type: ignore[union-attr]


@pytest.mark.parametrize("decision", sorted(DECISIONS))
def test_each_of_the_ten_decisions_must_be_stated(decision: str) -> None:
    text = "\n".join(
        line for line in plan_text(RATE).splitlines() if not line.startswith(f"{decision} =")
    )
    assert f"[decisions] {decision}: it is missing. Add {decision}" in told(text)


def test_all_faults_are_told_in_one_message() -> None:
    text = plan_text(component('{ kind = "rate", rat = 0.05 }', weigth="1"), boundary='"uper"')
    message = told(text)
    assert "says 4 things that cannot be" in message
    assert "[[components]] 'main' weigth: there is no such key. Did you mean 'weight'?" in message
    assert "[[components]] 'main' pays.rat: there is no such key. Did you mean 'rate'?" in message
    assert "[[components]] 'main' pays.rate: it is missing" in message
    assert '[decisions] boundary: found \'uper\'. Write "upper" or "lower"' in message


FAULTS = {
    "a name of nothing": (component('{ kind = "rate", rate = 0.05 }', measure='"slaes"'), "Did you mean 'sales'?"),
    "overlapping bands": (
        component('{ kind = "table", of = "base", bands = [{ up_to = 9, rate = 1 }, { up_to = 5, rate = 2 }, { rate = 3 }] }'),
        "bounds are 9, 5: bands overlap",
    ),
    "nothing above the last bound": (
        component('{ kind = "table", of = "base", bands = [{ up_to = 9, rate = 1 }] }'),
        "nothing is said above 9",
    ),
    "an open band in between": (
        component('{ kind = "table", of = "base", bands = [{ rate = 1 }, { rate = 2 }] }'),
        "a band without up_to is not the last",
    ),
    "objectives that do not add up": (
        TARGET + component('{ kind = "score", objectives = [{ id = "a", weight = 0.5 }, { id = "b", weight = 0.4 }] }', measure="", weight="1"),
        "the weights add up to 0.9",
    ),
    "no weight": (TARGET + component('{ kind = "goal", threshold = 0.5 }'), "weight: it is missing"),
    "no target pay": (component('{ kind = "goal", threshold = 0.5 }', weight="1"), "no target pay is stated"),
    "inverted days": (component('{ kind = "rate", rate = 1 }', valid_from="2026-05-01", valid_to="2026-04-01"), "Write a day after valid_from"),
    "two versions at once": (RATE + RATE, "two versions are in force at once"),
    "a float in quotes": (component('{ kind = "rate", rate = "0.05" }'), "Write a number without quotes"),
    "a number beyond all money": (component('{ kind = "rate", rate = 1e999999 }'), "pays.rate: found 1E+999999. Write a number"),
    "no number": (component('{ kind = "rate", rate = nan }'), "pays.rate: found NaN. Write a number"),
    "a transaction has no attainment": (
        component('{ kind = "table", of = "attainment", bands = [{ rate = 1 }] }', grouping='"transaction"'),
        "one transaction has no attainment",
    ),
    "to date without a true-up": (
        component('{ kind = "table", of = "base", bands = [{ rate = 1 }] }', grouping='"to_date"'),
        "true_up: it is missing",
    ),
    "a matrix of another shape": (
        component('{ kind = "matrix", rows = { measure = "sales", bounds = [5] }, columns = { column = "product", values = ["A", "B"] }, cells = [[1, 2]] }'),
        "Write 2 rows of 2 cells",
    ),
    "a matrix of single deals": (
        component('{ kind = "matrix", rows = { measure = "sales", bounds = [5] }, columns = { column = "product", values = ["A"] }, cells = [[1], [2]] }', grouping='"transaction"'),
        "grouping: a matrix looks at all deals of a period",
    ),
    "a cap on what it cannot act on": (component('{ kind = "rate", rate = 1 }', cap='{ on = "payment", amount = 5 }'), "it acts on \"payment\""),
    "parts that do not add up": (component('{ kind = "rate", rate = 1 }', release='{ on = "booking", parts = [0.5, 0.4] }'), "the parts add up to 0.9"),
    "a jump without its height": (TARGET + component('{ kind = "goal", threshold = 0.5, payout_at_threshold = 0.2 }', weight="1"), "Leave payout_at_threshold out"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_is_refused_in_the_words_of_the_file(name: str) -> None:
    rest, expected = FAULTS[name]
    assert expected in told(plan_text(rest))


def test_two_versions_may_follow_each_other() -> None:
    first = component('{ kind = "rate", rate = 0.05 }', valid_to="2026-07-01")
    second = component('{ kind = "rate", rate = 0.06 }', valid_from="2026-07-01")
    plan = small_plan(first + second)
    assert plan.components[0].version != plan.components[1].version


def test_an_order_that_is_not_certain_is_refused() -> None:
    assert 'End it with "transaction_id"' in told(plan_text(RATE, order='["date"]'))


def test_a_file_is_read_as_its_text_is(tmp_path: Path) -> None:
    file = tmp_path / "field.toml"
    file.write_text(plan_text(RATE), encoding="utf-8")
    assert load_plan(file).hash == small_plan(RATE).hash
    with pytest.raises(PlanError, match="There is no such plan file"):
        load_plan(tmp_path / "other.toml")
    file.write_text("version = ", encoding="utf-8")
    with pytest.raises(PlanError, match=r"field\.toml is not valid TOML"):
        load_plan(file)
