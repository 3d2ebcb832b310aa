"""Every payment opens down to the deals, and the lines add up at each level."""

from __future__ import annotations

import polars as pl
import pytest

from spm_lib.core.errors import PayError
from spm_lib.core.language import language
from spm_lib.incentives import calculate, explain, pay_data
from tests.incentives.small import component, deals, people, quotas, small_plan

ONE = people("R1")


TABLE = '{ kind = "table", of = "base", bands = [{ up_to = 1000, rate = 0.05 }, { rate = 0.10 }] }'


def test_a_deal_fills_the_slice_it_lies_in_in_the_plans_order() -> None:
    plan = small_plan(component(TABLE))
    rows = deals(
        ("B", "R1", "01-20", "600"), ("A", "R1", "01-10", "600"), ("C", "R1", "01-20", "100")
    )
    opened = explain(calculate(plan, pay_data(transactions=rows, people=ONE)), "R1", "2026-01")
    told = opened.table.filter(pl.col("level") == "deal").select("transaction_id", "amount").rows()
    # A fills 0 to 600 (30); B 600 to 1,200: 400 at 5 %, 200 at 10 % (40); C 100 at 10 % (10)
    assert told == [("A", 3000), ("B", 4000), ("C", 1000)]


def test_a_true_up_of_earlier_deals_is_told_apart() -> None:
    plan = small_plan(component(TABLE, grouping='"to_date"', true_up='"deduct"'), table='"whole"')
    rows = deals(("A", "R1", "01-10", "800"), ("B", "R1", "02-10", "700"))
    opened = explain(calculate(plan, pay_data(transactions=rows, people=ONE)), "R1", "2026-02")
    told = opened.table.filter(pl.col("level") == "deal").select("transaction_id", "amount").rows()
    # B is paid at the 10 % reached (70); 40 more are of A, which was paid at 5 % in January
    assert told == [("B", 7000), (None, 4000)]
    sentence = "It comes from the deal B: ₪70.00. true-up of earlier deals and quota: ₪40.00."
    assert opened.tell(language("en"))[1].endswith(sentence)


def test_a_payment_is_told_in_both_languages() -> None:
    target = '[[target_pay]]\namount = 1000\nper = "month"\n'
    plan = small_plan(target + component('{ kind = "goal", threshold = 0 }', weight="1"))
    rows = deals(("D1", "R1", "01-10", "400"), ("D2", "R1", "01-11", "100.50"))
    quota = quotas(("R1", "sales", "01-01", "02-01", "1000"))
    run = calculate(plan, pay_data(transactions=rows, people=ONE, quotas=quota))
    opened = explain(run, "R1", "2026-01")
    assert opened.tell(language("en")) == [
        "R1 is paid ₪500.50 for Jan 2026, in 1 line.",
        "Main (earned): ₪500.50. Attainment is 50.05%. "
        "It comes from 2 deals, most of all D1: ₪400.00.",
    ]
    hebrew = " ".join(opened.tell(language("he")))
    assert "בשורה אחת" in hebrew
    assert "העמידה ביעד היא 50.05%" in hebrew
    assert "ב-2 עסקאות" in hebrew


def test_who_is_not_paid_and_periods_that_are_not_there_are_refused() -> None:
    data = pay_data(transactions=deals(("D1", "R1", "01-10", "1")), people=ONE)
    run = calculate(small_plan(component(TABLE)), data)
    with pytest.raises(PayError, match="Nobody of that id"):
        explain(run, "R9", "2026-01")
    with pytest.raises(PayError, match="no such period"):
        explain(run, "R1", "2026-02")
