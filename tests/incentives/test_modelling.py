"""Plans tried before they are promised, each number beside one worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from spm_lib.core.errors import PayError
from spm_lib.incentives import (
    BUDGET_STEPS,
    calculate,
    compare_plans,
    cost_by_attainment,
    inversions,
    one_more_deal,
    pay_data,
)
from tests.incentives.small import component, deals, people, quotas, small_plan

TARGET = '[[target_pay]]\namount = 1000\nper = "month"\n'
GOAL = component(
    '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 2 }] }', weight="1"
)
BOTH = people("R1", "R2")
QUOTAS = quotas(
    ("R1", "sales", "01-01", "02-01", "1000"), ("R2", "sales", "01-01", "02-01", "3000")
)
ROWS = deals(("D1", "R1", "01-10", "1000"), ("D2", "R2", "01-10", "2200"))
DATA = pay_data(transactions=ROWS, people=BOTH, quotas=QUOTAS)
PLAN = small_plan(TARGET + GOAL, boundary='"lower"')


def test_cost_at_80_100_and_120_percent() -> None:
    """All together sold 3,200 of 4,000, 80 %. At 100 %: R1 1.25 and R2 0.9167 of quota."""
    cost = cost_by_attainment(PLAN, DATA, measure="sales", through="2026-01", steps=BUDGET_STEPS)
    # 80 %: R1 1.0 -> 1,000; R2 0.7333 -> 466.67. 100 %: 1.25 -> 1,500; 0.91667 -> 833.33
    # 120 %: 1.5 -> 2,000; 1.1 -> 1,200
    assert cost["pay"].to_list() == [146_667, 233_333, 320_000]
    assert cost["sales"].to_list() == [320_000, 400_000, 480_000]
    assert cost["cost_rate"][1] == Decimal("0.5833325000")


def test_from_nothing_to_150_percent_pay_never_falls() -> None:
    cost = cost_by_attainment(PLAN, DATA, measure="sales", through="2026-01")
    assert cost.height == 16
    assert cost["pay"][0] == 0
    assert cost["cost_rate"][0] is None
    assert cost["pay"].is_sorted()


def test_a_measure_without_quotas_is_refused() -> None:
    data = pay_data(transactions=ROWS, people=BOTH)
    plan = small_plan(component('{ kind = "rate", rate = 0.1 }'))
    with pytest.raises(PayError, match="Nothing was sold against a quota"):
        cost_by_attainment(plan, data, measure="sales", through="2026-01")


def test_two_plans_on_the_same_deals_have_winners_and_losers() -> None:
    flat = small_plan(component('{ kind = "rate", rate = 0.3 }'))
    compared = compare_plans(PLAN, flat, DATA, through="2026-01")
    # old: 1,000 and 466.67; new: 300 and 660
    assert compared.people.select("rep_id", "change").rows() == [("R1", -70_000), ("R2", 19_333)]
    assert (compared.winners, compared.losers) == (1, 1)
    assert compared.new_cost - compared.old_cost == compared.people["change"].sum() == -50_667
    assert compared.people["change_rate"][0] == Decimal("-0.7")


def test_who_reached_more_and_was_paid_less_is_told_by_name() -> None:
    flat = small_plan(component('{ kind = "rate", rate = 0.3 }'))
    found = inversions(calculate(flat, DATA), "main")
    assert found.select("higher", "lower", "higher_pay", "lower_pay").rows() == [
        ("R1", "R2", 30_000, 66_000)
    ]
    assert inversions(calculate(PLAN, DATA), "main").is_empty()


@pytest.mark.parametrize("amount", [10_000, 80_000, 150_000])
def test_one_more_deal_pays_what_the_chain_then_pays(amount: int) -> None:
    before = calculate(PLAN, DATA)
    (reach,) = one_more_deal(before, "R2", "2026-01", amount)
    more = deals(("D3", "R2", "01-20", str(Decimal(amount) / 100)))
    data = pay_data(transactions=pl.concat([ROWS, more]), people=BOTH, quotas=QUOTAS)
    after = calculate(PLAN, data)
    assert abs(reach.more - (after.paid("R2", "2026-01") - before.paid("R2", "2026-01"))) <= 1
    assert reach.missing == 80_000  # 2,200 of 3,000: the accelerator begins at quota
    assert before.lines_of("R7", "2026-01") == []
    with pytest.raises(PayError, match="Nobody of that id has a line in the period"):
        one_more_deal(before, "R7", "2026-01", amount)


def test_where_nobody_is_known_nothing_is_paid() -> None:
    data = pay_data(transactions=ROWS.head(0), people=BOTH.head(0))
    run = calculate(PLAN, data, through="2026-03")
    assert run.payments.is_empty()
    assert run.earnings.is_empty()
