"""The laws of pay, on random plans and deals; and the faults of other engines, by name."""

from __future__ import annotations

import ast
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spm_lib.incentives
from spm_lib.core.errors import PayError
from spm_lib.core.money import parts_of
from spm_lib.incentives import calculate, pay_data, plan_from_text
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.periods import pay_periods
from tests.examples import examples
from tests.incentives.small import (
    component,
    day,
    deals,
    decimals,
    paid,
    people,
    plan_text,
    quotas,
    small_plan,
)

pytestmark = pytest.mark.slow

ONE = people("R1")
TEN = component('{ kind = "rate", rate = 0.10 }')
STEP = '{ kind = "table", of = "base", bands = [{ up_to = 100, rate = 0.05 }, { up_to = 300, rate = 0.125 }, { rate = 0.11 }] }'  # noqa: E501
WAYS = {
    "by period": component(STEP),
    "to date": component(STEP, grouping='"to_date"', true_up='"deduct"', reset='"quarter"'),
}
sold = st.lists(st.tuples(st.integers(0, 89), st.integers(-9_999, 30_000)), min_size=1, max_size=6)


def book(rows: list[tuple[int, int]], rep: str = "R1") -> pl.DataFrame:
    return pl.DataFrame(
        [(f"D{i:02d}", rep, day("01-01") + timedelta(days=d), a) for i, (d, a) in enumerate(rows)],
        schema={"transaction_id": pl.String, "rep_id": pl.String, "date": pl.Date,
                "amount": pl.Int64}, orient="row",
    )  # fmt: skip


def totals(plan: Any, rows: pl.DataFrame, **tables: pl.DataFrame) -> list[tuple[Any, ...]]:
    data = pay_data(**{"people": ONE, **tables, "transactions": rows})
    return calculate(plan, data, through="2026-03").totals.rows()


@settings(max_examples=examples(6))
@given(sold, st.sampled_from(sorted(WAYS)), st.data())
def test_splitting_a_deal_or_another_order_changes_no_total(rows, way: str, data: Any) -> None:
    plan = small_plan(WAYS[way])
    expected = totals(plan, book(rows))
    shuffled = book(rows).sample(fraction=1.0, shuffle=True, seed=data.draw(st.integers(0, 99)))
    assert totals(plan, shuffled) == expected
    at = data.draw(st.integers(0, len(rows) - 1))
    when, amount = rows[at]
    part = data.draw(st.integers(-5_000, 5_000))
    halved = [*rows[:at], (when, part), (when, amount - part), *rows[at + 1 :]]
    assert totals(plan, book(halved)) == expected


@settings(max_examples=examples(6))
@given(sold)
def test_to_date_the_sum_of_payments_is_earned_to_date(rows) -> None:
    """Beside it: a naive loop over the bands, in Decimal."""
    run = calculate(small_plan(WAYS["to date"]), pay_data(transactions=book(rows), people=ONE),
                    through="2026-03")  # fmt: skip
    total = Decimal(sum(amount for _, amount in rows)) / 100
    low, first, second = min(total, Decimal(100)), Decimal(100), Decimal(300)
    earned = low * Decimal("0.05")
    earned += max(Decimal(0), min(total, second) - first) * Decimal("0.125")
    earned += max(Decimal(0), total - second) * Decimal("0.11")
    assert run.payments["amount"].sum() == rounded(Fraction(earned * 100))


@settings(max_examples=examples(6))
@given(sold, st.sampled_from(sorted(WAYS)))
def test_reversing_every_deal_leaves_pay_0_and_the_whole_trail(rows, way: str) -> None:
    back = [(when, -amount) for when, amount in rows]
    run = calculate(small_plan(WAYS[way]), pay_data(transactions=book([*rows, *back]), people=ONE),
                    through="2026-03")  # fmt: skip
    assert run.payments["amount"].sum() == 0
    assert run.credits.height == 2 * len(rows)


OF_SINGLE_DEALS = {
    "marginal": (component(STEP, grouping='"transaction"'), {}),
    "whole": (
        component(STEP.replace("0.11 ", "0.2 "), grouping='"transaction"'), {"table": '"whole"'}
    ),
    "bonus": (component('{ kind = "bonus", amount = 7, per = "transaction" }'), {}),
    "bonus of large ones": (
        component('{ kind = "bonus", amount = 7, per = "transaction", at_least = 50 }'), {}
    ),
    "number of deals": (
        '[[measures]]\nid = "number"\nbase = "count"\n'
        + component('{ kind = "rate", rate = 3 }', measure='"number"'), {}
    ),
    "large deals": (
        '[[measures]]\nid = "large"\nbase = "amount"\nat_least = 50\n'
        + component('{ kind = "rate", rate = 0.1 }', measure='"large"'), {}
    ),
}  # fmt: skip


@settings(max_examples=examples(8))
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40_000)), min_size=1, max_size=5),
       st.sampled_from(sorted(OF_SINGLE_DEALS)))  # fmt: skip
def test_a_refund_in_a_later_month_takes_back_what_its_deal_brought(rows, way: str) -> None:
    rest, decisions = OF_SINGLE_DEALS[way]
    plan = small_plan(rest, **decisions)
    sold = book(rows)
    back = sold.with_columns(
        pl.col("transaction_id") + "-back", date=pl.lit(day("02-20")), amount=-pl.col("amount")
    )
    data = pay_data(transactions=pl.concat([sold, back]), people=ONE)
    run = calculate(plan, data, through="2026-03")
    assert run.payments["amount"].sum() == 0
    assert run.credits.height == 2 * len(rows)


shares = st.lists(st.integers(1, 9), min_size=1, max_size=4)


@settings(max_examples=examples(6))
@given(st.integers(-10_000, 10_000), shares, st.integers(1, 4))
def test_credits_add_up_to_the_deal_and_its_overlay(amount: int, weights, quarter: int) -> None:
    """Splits to the whole, an overlay on top, and a manager who never has more than the deal."""
    names = [f"S{i}" for i in range(len(weights))]
    parts = [Decimal(w) / sum(weights) for w in weights]
    told = [("D00", r, f"{p:.12f}") for r, p in zip(names, parts, strict=True)]
    above = pl.DataFrame({"rep_id": names, "manager_id": ["M"] * len(names)})
    rules = (
        '[[credits]]\nid = "shared"\nto = "splits"\n'
        '[[credits]]\nid = "x"\nkind = "overlay"\nto = "rep"\nrep = "X"\n'
        f"share = {Decimal(quarter) / 4}\n"
        '[[credits]]\nid = "m"\nkind = "rollup"\nto = "manager"\n'
    )
    plan = plan_from_text(plan_text(TEN).replace("[[credits]]", rules + "[[credits]]", 1))
    data = pay_data(
        transactions=book([(1, amount)], rep="S0"),
        people=people(*names, "X", "M"),
        splits=decimals(told, ["transaction_id", "rep_id", "share"]),
        hierarchy=above,
    )
    by_rule = calculate(plan, data).credits.group_by("rule").agg(pl.col("pay.amount").sum())
    sums = {str(rule): total for rule, total in by_rule.iter_rows()}
    assert sums["shared"] == amount
    assert sums["x"] == rounded(Fraction(amount * quarter, 4))
    assert sums["m"] == amount


@settings(max_examples=examples(6))
@given(st.lists(st.integers(-500, 900), min_size=3, max_size=3), st.integers(1, 400),
       st.sampled_from(["period", "quarter", "year"]))  # fmt: skip
def test_a_draw_pays_what_was_earned_and_the_change_in_debt(earned, guarantee: int, every) -> None:
    draw = f'[[draws]]\namount = {guarantee}\nrecoverable = true\nform = "guarantee"\n'
    draw += f'recovery_every = "{every}"\n'
    months = [(1, earned[0]), (33, earned[1]), (61, earned[2])]
    plan = small_plan(draw + component('{ kind = "rate", rate = 1 }'))
    run = calculate(plan, pay_data(transactions=book(months), people=ONE), through="2026-03")
    owed = run.balances.filter(pl.col("period") == "2026-03")["amount"].sum()
    assert run.payments["amount"].sum() - sum(earned) == owed
    assert all(n >= guarantee * 100 for *_, n in run.totals.iter_rows())


@settings(max_examples=examples(6))
@given(sold, st.lists(st.tuples(st.integers(0, 5), st.integers(0, 80), st.integers(1, 40_000))),
       st.sampled_from(["", ", holdback = 0.3, holdback_days = 45"]))  # fmt: skip
def test_what_is_earned_is_paid_or_waits(rows, received, held: str) -> None:
    """Released by what customers paid, in whatever parts: nothing is lost and nothing is made."""
    release = f'{{ on = "collection", safety_days = 3{held} }}'
    plan = small_plan(component(STEP, release=release))
    receipts = pl.DataFrame(
        [
            (f"D{n:02d}", day("01-01") + timedelta(days=d), amount)
            for n, d, amount in received
            if n < len(rows)
        ],
        schema={"transaction_id": pl.String, "date": pl.Date, "amount": pl.Int64}, orient="row",
    )  # fmt: skip
    data = pay_data(transactions=book(rows), people=ONE, receipts=receipts)
    run = calculate(plan, data, through="2026-03")
    paid_out, waiting = run.payments["amount"].sum(), run.waiting["amount"].sum()
    assert paid_out + waiting == run.earnings["amount"].sum()


@given(st.integers(-999, 999), st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_parts_add_up_and_are_less_than_one_unit_off(total: int, weights) -> None:
    if not sum(weights):
        return
    exact = [Fraction(total * w, sum(weights)) for w in weights]
    parts = parts_of(total, exact)
    assert sum(parts) == total
    assert all(abs(part - e) < 1 for part, e in zip(parts, exact, strict=True))


def test_the_same_data_and_plan_give_the_same_hash() -> None:
    plan, rows = small_plan(WAYS["to date"]), book([(1, 5_000), (40, 70_000)])
    one = calculate(plan, pay_data(transactions=rows, people=ONE))
    other = calculate(plan, pay_data(transactions=rows.reverse(), people=ONE))
    dearer = calculate(small_plan(TEN), pay_data(transactions=rows, people=ONE))
    assert one.hash == other.hash != dearer.hash


def test_periods_tile_the_calendar() -> None:
    for grain in ("month", "quarter", "half_year", "year"):
        periods = pay_periods(small_plan(TEN, period=grain))
        assert periods[0].start == day("2026-01-01")
        assert periods[-1].end == day("2027-01-01")
        assert all(a.end == b.start for a, b in pairwise(periods))


# What cannot be paid is refused by name, never paid as 0.


def refused(rest: str, rows: pl.DataFrame, **tables: Any) -> str:
    plan, data = small_plan(rest), pay_data(**{"people": ONE, **tables, "transactions": rows})
    with pytest.raises(PayError) as error:
        calculate(plan, data)
    return str(error.value)


DEAL = deals(("D1", "R1", "01-10", "1000"))
GOAL = (
    '[[target_pay]]\namount = 1000\nper = "month"\n'
    + component('{ kind = "goal", threshold = 0 }', weight="1")
)  # fmt: skip


def test_a_seller_whom_nobody_knows() -> None:
    assert "sellers whom nobody knows. Found: R9 (D1)" in refused(
        TEN, deals(("D1", "R9", "01-10", "1000"))
    )


def test_a_deal_without_a_seller() -> None:
    assert "match no rule of credit, or name no seller. Found: D1" in refused(
        TEN, deals(("D1", "", "01-10", "1000"))
    )


def test_a_gap_in_a_persons_days() -> None:
    left = ONE.with_columns(valid_to=pl.lit(day("01-05")))
    assert "R1 on 2026-01-10" in refused(TEN, DEAL, people=left)


def test_a_missing_quota_target_pay_or_score() -> None:
    assert "no quota 'sales' of R1 for 2026-01-01 to 2026-02-01" in refused(GOAL, DEAL)
    gap = quotas(("R1", "sales", "01-01", "01-20", "500"))
    assert "no quota 'sales' of R1" in refused(GOAL, DEAL, quotas=gap)
    late = GOAL.replace('per = "month"', 'per = "month"\nrep = "R2"')
    whole = quotas(("R1", "sales", "01-01", "02-01", "500"))
    assert "no target pay of R1" in refused(late, DEAL, quotas=whole)
    score = '{ kind = "score", objectives = [{ id = "a", weight = 1 }] }'
    rest = GOAL.split("[[components]]")[0] + component(score, measure="", weight="1")
    assert "no score 'a' of R1" in refused(rest, DEAL)


def test_a_missing_exchange_rate() -> None:
    foreign = DEAL.with_columns(currency=pl.lit("USD"))
    rate = decimals([("USD", day("02-01"), "3.5")], ["currency", "date", "rate"])
    told = refused('[currency]\nrate = "booking"\n' + TEN, foreign, rates=rate)
    assert "no exchange rate for these deals. Found: D1 (USD, 2026-01-10)" in told
    assert "need a rule. Found: USD" in refused(TEN, foreign)


@pytest.mark.parametrize("rate", ["0", "-3"])
def test_an_exchange_rate_of_nothing_is_refused(rate: str) -> None:
    foreign = DEAL.with_columns(currency=pl.lit("USD"))
    rates = decimals([("USD", day("01-01"), rate)], ["currency", "date", "rate"])
    told = refused('[currency]\nrate = "booking"\n' + TEN, foreign, rates=rates)
    assert f"not above 0. Found: USD {rate} (D1, 2026-01-10)" in told


def test_people_above_themselves_are_refused() -> None:
    above = pl.DataFrame({"rep_id": ["R1", "M"], "manager_id": ["M", "R1"]})
    rule = '[[credits]]\nid = "up"\nkind = "rollup"\nto = "manager"\nlevels = 3\n'
    told = refused(rule + TEN, DEAL, people=people("R1", "M"), hierarchy=above)
    assert "stand above themselves. Found: R1" in told


def test_managers_above_themselves_are_refused_also_where_they_sell_nothing() -> None:
    """They would have the deal of one of two sellers twice."""
    above = pl.DataFrame({"rep_id": ["R1", "M", "N"], "manager_id": ["M", "N", "M"]})
    rules = '[[credits]]\nid = "shared"\nto = "splits"\n'
    rules += '[[credits]]\nid = "up"\nkind = "rollup"\nto = "manager"\nlevels = 3\n'
    parts = decimals([("D1", "R1", "0.5"), ("D1", "R2", "0.5")],
                     ["transaction_id", "rep_id", "share"])  # fmt: skip
    told = refused(
        rules + TEN, DEAL, people=people("R1", "R2", "M", "N"), hierarchy=above, splits=parts
    )
    assert "stand above themselves. Found: M" in told


def test_shares_that_do_not_add_up_and_a_base_that_says_nothing() -> None:
    half = decimals([("D1", "R1", "0.5")], ["transaction_id", "rep_id", "share"])
    assert "do not add up to 1. Found: D1 (0.5)" in refused(TEN, DEAL, splits=half)
    margin = '[[measures]]\nid = "margin"\nbase = "margin"\n'
    empty = DEAL.with_columns(margin=pl.lit(None, dtype=pl.Int64))
    assert "'margin', which is empty in 1 transactions" in refused(margin + TEN, empty)
    assert "do not have. Found: margin" in refused(margin + TEN, DEAL)


def test_amounts_beyond_all_money_are_refused_by_row_and_value() -> None:
    """Two of them would leave 64 bits and be paid as less than nothing."""
    huge = DEAL.with_columns(amount=pl.lit(9 * 10**18, dtype=pl.Int64))
    both = pl.concat([DEAL, huge.with_columns(transaction_id=pl.lit("D2"))])
    with pytest.raises(PayError, match=r"largest, in row 2 \(D2, R1\): 9,000,000,000,000,000,000"):
        pay_data(transactions=both, people=ONE)
    dear = component('{ kind = "rate", rate = 999999999999 }')
    large = DEAL.with_columns(amount=pl.lit(10**16, dtype=pl.Int64))
    assert "Found: R1, main, 2026-01: about 10^27" in refused(dear, large)


def test_shares_outside_the_deal_are_refused() -> None:
    told = [("D1", "R1", "1.5"), ("D1", "R2", "-0.5")]
    parts = decimals(told, ["transaction_id", "rep_id", "share"])
    assert "Found: D1, R1 (1.5), D1, R2 (-0.5)" in refused(
        TEN, DEAL, splits=parts, people=people("R1", "R2")
    )


def test_tables_with_floats_unknown_columns_or_repeated_keys() -> None:
    with pytest.raises(PayError, match="'amount' is a float"):
        pay_data(transactions=DEAL.with_columns(pl.col("amount").cast(pl.Float64)), people=ONE)
    with pytest.raises(PayError, match="unknown column 'nome'"):
        pay_data(transactions=DEAL, people=ONE.with_columns(nome=pl.lit("x")))
    with pytest.raises(PayError, match="1 rows repeat a transaction_id"):
        pay_data(transactions=pl.concat([DEAL, DEAL]), people=ONE)


# The faults of OCA/commission, each a test of ours.


def test_a_refund_is_negative_and_nets_to_zero_with_its_deal() -> None:
    rows = deals(("D1", "R1", "01-10", "1000"), ("D1-back", "R1", "02-10", "-1000"))
    run = calculate(small_plan(TEN), pay_data(transactions=rows, people=ONE))
    assert paid(run) == {"01": "100", "02": "-100"}


def test_a_reversed_and_rebilled_deal_pays_both_sides() -> None:
    rows = deals(("D1", "R1", "01-10", "1000"), ("D1-back", "R1", "01-11", "-1000"),
                 ("D1-new", "R1", "01-12", "900"))  # fmt: skip
    assert paid(calculate(small_plan(TEN), pay_data(transactions=rows, people=ONE))) == {"01": "90"}


def test_no_amount_falls_between_two_bands() -> None:
    table = '{ kind = "table", of = "base", how = "whole", bands = [{ up_to = 100, rate = 0.05 }, { rate = 0.10 }] }'  # noqa: E501
    rows = deals(("D1", "R1", "01-10", "100.50"))
    assert paid(
        calculate(small_plan(component(table)), pay_data(transactions=rows, people=ONE))
    ) == {"01": "10.05"}


def test_the_last_day_of_a_month_is_in_it() -> None:
    rows = deals(("D1", "R1", "01-31", "1000"), ("D2", "R1", "02-01", "500"))
    assert paid(calculate(small_plan(TEN), pay_data(transactions=rows, people=ONE))) == {
        "01": "100",
        "02": "50",
    }


def test_a_deal_with_two_events_is_paid_by_the_one_that_the_measure_counts() -> None:
    rows = deals(("D1", "R1", "01-10", "1000"), ("D1", "R1", "02-10", "400"),
                 event=["booked", "invoiced"])  # fmt: skip
    text = plan_text(TEN).replace('base = "amount"\n', 'base = "amount"\nevent = "invoiced"\n', 1)
    assert paid(calculate(plan_from_text(text), pay_data(transactions=rows, people=ONE))) == {
        "02": "40"
    }


def test_no_float_comes_near_money() -> None:
    """Nothing in the room makes, casts to or asks for a float."""
    room = Path(spm_lib.incentives.__file__).parent
    found = []
    for path in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Name) and node.id == "float"
            typed = isinstance(node, ast.Attribute) and node.attr in ("Float64", "Float32", "mean")
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if named or typed or literal:
                found.append(f"{path.name}:{node.lineno}")
    assert not found
