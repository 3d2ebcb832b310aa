"""Tables, curves and percent to goal: the worked examples, and a naive loop beside them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.incentives.plan.pays import BandSection
from spm_lib.incentives.shapes.build import curve, goal, table
from spm_lib.incentives.shapes.piecewise import Piecewise
from tests.examples import examples
from tests.incentives.small import component, small_plan

Case = dict[str, dict[str, Any]]


def bands(rows: list[dict[str, Any]], rate: str = "rate", top: str = "up_to") -> list[BandSection]:
    return [
        BandSection(up_to=row[top] and Decimal(row[top]), rate=Decimal(row[rate])) for row in rows
    ]


def test_v01_marginal_and_whole(examples: Case) -> None:
    given_, expected = examples["V01"]["inputs"], examples["V01"]["expected"]
    ways = {"marginal": "marginal", "whole_amount": "whole"}
    for name, case in given_["cases"].items():
        pay = table(bands(given_["tiers"]), how=ways[case["mode"]], side="upper")  # type: ignore[arg-type]
        assert pay.at(Fraction(case["sales"])) == Fraction(expected[name]["commission"])


def test_v02_a_deal_on_top_of_the_year(examples: Case) -> None:
    given_, expected = examples["V02"]["inputs"], examples["V02"]["expected"]
    pay = table(bands(given_["tiers"]), how="marginal", side="upper")
    for name, case in given_["cases"].items():
        before, deal = Fraction(case["ytd_before"]), Fraction(case["deal"])
        earned = pay.at(before + deal) - pay.at(before)
        assert earned == Fraction(expected[name]["commission"])
        blended = Decimal(earned.numerator) / earned.denominator / Decimal(case["deal"])
        assert round(blended, 8) == Decimal(expected[name]["blended_rate"])


V03 = """{ kind = "goal", threshold = 0.70, accelerators = [{ over = 1, factor = 2 }] }"""
TARGET = '[[target_pay]]\namount = 10000\nper = "month"\n'


def test_v03_threshold_accelerator(examples: Case) -> None:
    given_, expected = examples["V03"]["inputs"], examples["V03"]["expected"]
    plan = small_plan(TARGET + component(V03, weight="1"), boundary='"lower"')
    pay = goal(plan.components[0].pays, plan.decisions, rate_points=Fraction(0))  # type: ignore[arg-type]
    for name, case in given_["cases"].items():
        attainment = Fraction(case["actual"]) / Fraction(given_["quota"])
        payout = min(pay.at(attainment), Fraction(given_["cap_payout"]))
        assert payout * Fraction(given_["target_bonus"]) == Fraction(expected[name]["payout"])


def test_v04_bands_of_attainment(examples: Case) -> None:
    given_, expected = examples["V04"]["inputs"], examples["V04"]["expected"]
    plans = {
        "A": bands(given_["plan_A_bands"], rate="multiplier"),
        "B": bands([given_["plan_B_first_band"]], rate="multiplier"),
    }
    for name, case in given_["cases"].items():
        pay = table(plans[case["plan"]], how="marginal", side="upper")
        payout = pay.at(Fraction(case["actual"]) / Fraction(given_["quota"]))
        assert payout * Fraction(given_["target_variable"]) == Fraction(expected[name]["payout"])


def test_a_table_may_be_whole_in_one_band_only() -> None:
    """5 % of each shekel to 100; then 10 % of everything to 200; beyond, 20 % of the rest."""
    rows = [
        BandSection(up_to=Decimal(100), rate=Decimal("0.05")),
        BandSection(up_to=Decimal(200), rate=Decimal("0.10"), how="whole"),
        BandSection(rate=Decimal("0.20")),
    ]
    pay = table(rows, how="marginal", side="upper")
    assert [pay.at(Fraction(x)) for x in (100, 150, 200, 300)] == [5, 15, 20, 40]
    assert pay.jumps == ((Fraction(100), Fraction(5)),)


def test_an_interpolated_table_runs_straight_between_amounts() -> None:
    rows = [BandSection(up_to=Decimal(b), pay=Decimal(p)) for b, p in ((50, 10), (100, 40))]
    pay = table(rows, how="interpolated", side="upper")
    assert [pay.at(Fraction(x)) for x in (25, 50, 75, 100, 500)] == [5, 10, 25, 40, 40]


def test_a_curve_pays_nothing_under_its_first_point() -> None:
    text = (
        '{ kind = "curve", beyond = "flat", points = [{ attainment = 0.5, payout = 0.3 },'
        " { attainment = 1, payout = 1 }, { attainment = 1.5, payout = 2 }] }"
    )
    pays = small_plan(TARGET + component(text, weight="1")).components[0].pays
    for side, at_first in (("lower", Fraction(3, 10)), ("upper", 0)):
        line = curve(pays, side=side)  # type: ignore[arg-type]
        assert line.at(Fraction(1, 2)) == at_first
        assert [line.at(Fraction(x, 100)) for x in (49, 75, 100, 150, 999)] == [
            0,
            Fraction(65, 100),
            1,
            2,
            2,
        ]


@pytest.mark.parametrize(
    ("accelerator", "points"),
    [("point", Fraction(14, 10)), ("slope", Fraction(1) + Fraction(4, 10) / Fraction(3, 10)),
     ("rate", Fraction(1) + Fraction(2, 10) * 2 * Fraction(1, 2))],
)  # fmt: skip
def test_what_the_accelerator_multiplies_is_a_decision(accelerator: str, points: Fraction) -> None:
    """At 120 %, factor 2: one point per point, the 1/0.3 slope below target, or half a point."""
    base = ", base_rate = 0.05" if accelerator == "rate" else ""
    text = component(V03.replace(" }] }", f" }}]{base} }}"), weight="1")
    plan = small_plan(TARGET + text, accelerator=f'"{accelerator}"')
    pay = goal(plan.components[0].pays, plan.decisions, rate_points=Fraction(1, 2))  # type: ignore[arg-type]
    assert pay.at(Fraction(12, 10)) == points


amounts = st.integers(-10_000, 60_000)
rates = st.decimals("0", "0.3", places=3)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[Decimal]]:
    bounds = sorted(draw(st.sets(st.integers(1, 50_000), min_size=0, max_size=4)))
    return bounds, [draw(rates) for _ in range(len(bounds) + 1)]


def built(bounds: list[int], given_: list[Decimal], *, how: Any, side: Any) -> Piecewise:
    ends = [*map(Decimal, bounds), None]
    rows = [BandSection(up_to=e, rate=r) for e, r in zip(ends, given_, strict=True)]
    return table(rows, how=how, side=side)


def naive(bounds: list[int], given_: list[Decimal], x: int, *, how: str, side: str) -> Decimal:
    """Pay as one would reckon it by hand, in Decimal, band by band."""
    if how == "whole":
        reached = sum(1 for b in bounds if (x > b if side == "upper" else x >= b))
        return x * given_[reached]
    total, low = Decimal(0), None
    for bound, rate in zip([*bounds, None], given_, strict=True):
        top = x if bound is None else min(x, bound)
        if low is None:
            total += top * rate
        elif top > low:
            total += (top - low) * rate
        low = bound
    return total


@settings(max_examples=examples(15))
@given(
    tables(), amounts, st.sampled_from(["marginal", "whole"]), st.sampled_from(["upper", "lower"])
)
def test_a_table_pays_what_a_loop_over_its_bands_pays(made, x: int, how: str, side: str) -> None:
    assert built(*made, how=how, side=side).at(Fraction(x)) == naive(*made, x, how=how, side=side)


@settings(max_examples=examples(15))
@given(tables(), st.lists(amounts, min_size=1, max_size=8), st.sampled_from(["marginal", "whole"]),
       st.sampled_from(["upper", "lower"]))  # fmt: skip
def test_whole_columns_pay_what_single_numbers_pay(made, xs, how: str, side: str) -> None:
    pay = built(*made, how=how, side=side)
    column = pl.DataFrame({"x": xs}).select(n=pay.numerator(pl.col("x")))["n"].to_list()
    assert [Fraction(n, pay.denominator) for n in column] == [pay.at(Fraction(x)) for x in xs]


@settings(max_examples=examples(15))
@given(tables(), amounts, amounts)
def test_marginal_pay_never_falls_and_never_jumps(made, one: int, other: int) -> None:
    pay = built(*made, how="marginal", side="upper")
    low, high = sorted((one, other))
    assert pay.at(Fraction(low)) <= pay.at(Fraction(high))
    assert not pay.jumps


@settings(max_examples=examples(15))
@given(tables())
def test_whole_pay_jumps_at_bounds_only(made) -> None:
    pay = built(*made, how="whole", side="upper")
    assert {bound for bound, _ in pay.jumps} <= set(map(Fraction, made[0]))


def test_a_bound_between_two_whole_numbers_is_met_on_columns_too() -> None:
    rows = [BandSection(up_to=Decimal("10.5"), rate=Decimal(1)), BandSection(rate=Decimal(2))]
    pay = table(rows, how="whole", side="lower")
    column = pl.DataFrame({"x": [10, 11]}).select(n=pay.numerator(pl.col("x")))["n"].to_list()
    assert column == [10, 22]
