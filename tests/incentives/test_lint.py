"""The linter: each finding has an example, with the amount worked out by hand, and a mend."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from spm_lib.core.errors import PlanError
from spm_lib.core.language import language
from spm_lib.incentives import calculate, lint, pay_data, plan_from_text
from tests.incentives.small import component, deals, people, plan_text, quotas, small_plan
from tests.incentives.test_mechanics import MECHANICS, bands

TARGET = '[[target_pay]]\namount = 1000\nper = "month"\n'
GOAL = '{ kind = "goal", threshold = 0.5 }'


def found(text: str, **decisions: str) -> dict[str, str]:
    """Return code and amount of each finding."""
    plan = small_plan(text, **decisions)
    return {finding.code: finding.amount for finding in lint(plan, quota=Decimal(10_000))}


MARGIN = '[[measures]]\nid = "margin"\nbase = "margin"\n'


def scored(*rungs: str) -> str:
    """Return two objectives of which the first has a ladder of score, achievement."""
    steps = [dict(zip(("score", "achievement"), r.split(", "), strict=True)) for r in rungs]
    ladder = ", ".join(
        f"{{ score = {s['score']}, achievement = {s['achievement']} }}" for s in steps
    )
    first = f'{{ id = "a", weight = 0.5, ladder = [{ladder}] }}'
    pays = f'{{ kind = "score", objectives = [{first}, {{ id = "b", weight = 0.5 }}] }}'
    return component(pays, measure="", weight="1")


CLIFF = bands("{ up_to = 1000, rate = 0.05 }, { rate = 0.10 }")
CASES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "weights": (TARGET + component(GOAL, weight="0.8"), {}, "weights", "-20%"),
    "target pay at target": (
        TARGET
        + component(
            '{ kind = "table", of = "attainment", times = "target", bands = [{ rate = 0.9 }] }',
            weight="1",
        ),
        {},
        "target-pay",
        "-10%",
    ),
    "a gap between versions": (
        component('{ kind = "rate", rate = 1 }', valid_to="2026-03-01")
        + component('{ kind = "rate", rate = 1 }', valid_from="2026-03-11"),
        {},
        "gap",
        "10 days",
    ),
    "days without target pay": (
        TARGET + "valid_from = 2026-02-01\n" + component(GOAL, weight="1"),
        {},
        "target-gap",
        "31 days",
    ),
    # at 1,000 pay jumps from 50 to 100
    "a cliff": (CLIFF, {"table": '"whole"'}, "cliff", "50.00 ILS"),
    # at 1,000 pay falls from 100 to 50
    "pay that falls": (
        bands("{ up_to = 1000, rate = 0.10 }, { rate = 0.05 }"),
        {"table": '"whole"'},
        "falling",
        "50.00 ILS",
    ),
    "a negative rate": (bands("{ up_to = 10, rate = 0.1 }, { rate = -0.02 }"), {}, "falling", "2%"),
    # 1,100 and 900 pay 60 + 45; twice 1,000 pays 100
    "pulling deals forward": (CLIFF, {}, "pull-forward", "5.00 ILS"),
    # 10 % to 1,000 and 4 % above: 1,100 and 900 pay 104 + 90; twice 1,000 pays 200
    "holding deals back": (
        bands("{ up_to = 1000, rate = 0.10 }, { rate = 0.04 }"),
        {},
        "hold-back",
        "6.00 ILS",
    ),
    "a cap under target": (
        TARGET + component(GOAL, weight="1", cap="{ times_target = 0.9 }"),
        {},
        "cap",
        "100.00 ILS",
    ),
    # at 90 % attainment 0.8 of target pay is paid
    "a cap on attainment under target": (
        TARGET + component(GOAL, weight="1", cap='{ on = "attainment", times_target = 0.9 }'),
        {},
        "cap",
        "200.00 ILS",
    ),
    # 9,000 of sales at the second bound: from 2 % to 5 %
    "a jump in a matrix": (
        component(
            '{ kind = "matrix", rows = { measure = "sales", bounds = [5000, 9000] }, columns = '
            '{ measure = "margin", of = "ratio", bounds = [0.2] }, '
            "cells = [[0.01, 0.02], [0.02, 0.03], [0.05, 0.06]] }"
        )
        + MARGIN,
        {},
        "cliff",
        "270.00 ILS",
    ),
    # at 20 % of margin the rate falls from 3 % to 1 % of the quota's 10,000
    "a matrix that falls": (
        component(
            '{ kind = "matrix", rows = { measure = "sales", bounds = [5000] }, columns = '
            '{ measure = "margin", of = "ratio", bounds = [0.2] }, '
            "cells = [[0.03, 0.01], [0.03, 0.03]] }"
        )
        + MARGIN,
        {},
        "falling",
        "200.00 ILS",
    ),
    # half of 1,000 x from 0.2 to 1
    "a jump up a ladder": (TARGET + scored("0, 0.2", "3, 1"), {}, "cliff", "400.00 ILS"),
    "a ladder that falls": (TARGET + scored("0, 1", "3, 0.7"), {}, "falling", "150.00 ILS"),
    "a ladder that ends under target": (TARGET + scored("1, 0.9"), {}, "cap", "50.00 ILS"),
    "a bonus begins at once": (
        component('{ kind = "bonus", amount = 700, per = "period", at_least = 5000 }'),
        {},
        "cliff",
        "700.00 ILS",
    ),
    "prizes far apart": (
        component('{ kind = "contest", prizes = [900, 300, 200], ties = "shared" }'),
        {},
        "cliff",
        "600.00 ILS",
    ),
    "a second prize above the first": (
        component('{ kind = "contest", prizes = [300, 500], ties = "shared" }'),
        {},
        "falling",
        "200.00 ILS",
    ),
    "a pool whatever is sold": (
        component('{ kind = "pool", pool = 300, share = "equal", scaled = "fixed" }'),
        {},
        "flat",
        "300.00 ILS",
    ),
    "a pool limited under target": (
        component(
            '{ kind = "pool", pool = 300, share = "base", scaled = "attainment", at_most = 0.8 }'
        ),
        {},
        "cap",
        "60.00 ILS",
    ),
    "days without credit for a measure": (
        component('{ kind = "rate", rate = 0.1 }', measure='"helped"')
        + '[[measures]]\nid = "helped"\nbase = "amount"\ncredits = ["helper"]\n'
        '[[credits]]\nid = "helper"\nkind = "overlay"\nto = "rep"\nrep = "X"\n'
        "valid_to = 2026-12-01\n",
        {},
        "credit-gap",
        "31 days",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_risk_is_found_with_its_amount(name: str) -> None:
    text, decisions, code, amount = CASES[name]
    assert found(text, **decisions).get(code) == amount


def test_a_clean_plan_has_no_finding() -> None:
    text = bands(
        "{ up_to = 1000, rate = 0.05 }, { rate = 0.10 }",
        grouping='"to_date"', true_up='"deduct"',
    )  # fmt: skip
    assert found(text) == {}


def test_days_without_rules_of_credit_target_pay_or_for_a_role_are_found() -> None:
    owner = 'id = "owner"\nto = "owner"'
    roles = 'period = "month"\nroles = ["rep", "lead"]'
    lead = '[[target_pay]]\namount = 900\nper = "month"\nrole = "lead"\nvalid_from = 2026-03-01\n'
    text = plan_text(
        TARGET.replace('"month"', '"month"\nrole = "rep"')
        + lead
        + component(GOAL, weight="1", valid_to="2026-12-01")
    )
    text = text.replace(owner, owner + "\nvalid_from = 2026-01-11").replace(
        'period = "month"', roles, 1
    )
    told = {(f.code, f.rule): f.amount for f in lint(plan_from_text(text))}
    assert told["credit-gap", "credits"] == "10 days"
    assert told["target-gap", "target_pay (lead)"] == "59 days"
    assert ("target-gap", "target_pay (rep)") not in told
    assert told["role-gap", "lead"] == told["role-gap", "rep"] == "31 days"


def test_a_plan_may_state_what_it_pays_at_target() -> None:
    pays = '{ kind = "table", of = "attainment", times = "target", bands = [{ rate = 0.9 }] }'
    assert "target-pay" not in found(TARGET + component(pays, weight="1", at_target="0.9"))


def test_a_plan_with_an_error_does_not_run() -> None:
    plan = small_plan(TARGET + component(GOAL, weight="0.8"))
    data = pay_data(transactions=deals(("D1", "R1", "01-10", "1")), people=people("R1"))
    with pytest.raises(PlanError, match=r"The weights add up to 80%\. Make them add up to 1"):
        calculate(plan, data)


@pytest.mark.parametrize("name", CASES)
def test_each_finding_says_what_to_write_instead_in_both_languages(name: str) -> None:
    text, decisions, code, _ = CASES[name]
    finding = next(f for f in lint(small_plan(text, **decisions)) if f.code == code)
    for tongue in ("en", "he"):
        told = finding.tell(language(tongue))
        assert finding.rule.split(" ")[0] in told
        assert len(told.split(". ")) >= 2
    assert finding.what.tell(language("he")) != finding.what.tell(language("en"))


def test_the_cliff_is_what_the_chain_itself_pays_more() -> None:
    """The linter reckons without data; the chain must agree to the cent."""
    plan = small_plan(CLIFF, table='"whole"')
    pays = []
    for amount in ("1000", "1000.01"):
        data = pay_data(transactions=deals(("D1", "R1", "01-10", amount)), people=people("R1"))
        pays.append(calculate(plan, data).payments["amount"].sum())
    assert pays[1] - pays[0] == 5000


def test_no_mechanic_that_consultants_write_is_called_an_error() -> None:
    assert len(MECHANICS) > 55  # each of them runs through the linter in test_mechanics


def test_quotas_of_zero_are_refused_not_divided_by() -> None:
    data = pay_data(
        transactions=deals(("D1", "R1", "01-10", "1")),
        people=people("R1"),
        quotas=quotas(("R1", "sales", "2026-01-01", "2027-01-01", "0")),
    )
    with pytest.raises(Exception, match="a quota of 0"):
        calculate(small_plan(TARGET + component(GOAL, weight="1")), data)
    assert isinstance(data.quotas, pl.DataFrame)
