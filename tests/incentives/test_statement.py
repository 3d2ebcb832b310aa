"""Statements of a run add up to what is paid."""

from __future__ import annotations

import polars as pl

from spm_lib.incentives import (
    calculate,
    pay_data,
    pay_statement,
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
