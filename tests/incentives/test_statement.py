"""Statements add up; averages and schedules are as worked out by hand."""

from __future__ import annotations

import polars as pl
import pytest

from spm_lib.core.errors import PayError
from spm_lib.incentives import (
    calculate,
    contract_cost_schedule,
    pay_data,
    pay_statement,
    worked_months_average,
)
from tests.incentives.small import component, day, deals, decimals, people, small_plan

ONE = people("R1")
TEN = component('{ kind = "rate", rate = 0.10 }')
BONUS = component(
    '{ kind = "bonus", amount = 50, per = "period", at_least = 900 }', id='"bonus"', tag='"premium"'
)
ROWS = deals(
    ("D1", "R1", "01-10", "1000"), ("D2", "R1", "02-10", "500"), ("D3", "R1", "04-10", "33.33")
)


def test_every_section_adds_up_to_the_final_pay() -> None:
    draw = '[[draws]]\namount = 120\nrecoverable = true\nform = "guarantee"\n'
    money = '[currency]\nrate = "booking"\n'
    rows = ROWS.with_columns(currency=pl.lit("USD"))
    rates = decimals([("USD", day("01-01"), "2")], ["currency", "date", "rate"])
    plan = small_plan(draw + money + TEN + BONUS)
    run = calculate(plan, pay_data(transactions=rows, people=ONE, rates=rates))
    told = pay_statement(run, "R1", "2026-02")
    # $500 at 2 is 1,000: 100 commission, 50 bonus; 120 guaranteed: nothing is topped up
    assert told.final_pay == told.lines["amount"].sum() == 15_000
    assert told.lines["tag"].to_list() == ["commission", "premium"]
    assert told.components["amount"].sum() == 15_000
    per_line = told.credited.group_by("line").agg(pl.col("amount").sum()).sort("line")
    assert per_line["amount"].to_list() == told.lines["amount"].to_list()
    assert told.rates.rows() == [("D2", "USD", rates["rate"][0])]
    third = pay_statement(run, "R1", "2026-03")
    assert third.final_pay == 12_000
    assert third.balances.rows() == [("owed", 12_000)]


def test_the_average_of_worked_months_by_tag() -> None:
    """Commission 100, 50, 0, 3.33 and premium 50 in January; March was leave."""
    run = calculate(small_plan(TEN + BONUS), pay_data(transactions=ROWS, people=ONE))
    away = pl.DataFrame({"rep_id": ["R1"], "month": [day("03-01")]})
    found = worked_months_average(run, "2026-04", absent=away)
    assert found.select("tag", "amount", "months", "average").rows() == [
        ("commission", 15_333, 3, 5_111),
        ("premium", 5_000, 3, 1_667),
    ]
    assert worked_months_average(run, "2027-04").is_empty()


def test_commission_is_written_off_over_its_benefit_to_the_cent() -> None:
    run = calculate(small_plan(TEN), pay_data(transactions=ROWS, people=ONE))
    months = {"D1": 36, "D2": 12, "D3": 24}
    schedule = contract_cost_schedule(run, months, components=["main"])
    first = schedule.filter(pl.col("transaction_id") == "D1")
    assert first.height == 36
    assert first["written_off"].sum() == 10_000
    assert first["closing"][-1] == 0
    assert set(first["written_off"]) == {277, 278}
    at_once = schedule.filter(pl.col("transaction_id") == "D2").row(0, named=True)
    assert (at_once["class"], at_once["added"], at_once["closing"]) == ("at once", 5_000, 0)
    balance = schedule["opening"] + schedule["added"] - schedule["written_off"]
    assert balance.to_list() == schedule["closing"].to_list()
    with pytest.raises(PayError, match=r"without months of benefit\. Found: D3"):
        contract_cost_schedule(run, {"D1": 1, "D2": 1}, components=["main"])
