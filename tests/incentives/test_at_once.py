"""What is worked out for everybody at once, held together with fractions and with plain loops."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from spm_lib.core.errors import PayError
from spm_lib.core.money import parts_of
from spm_lib.incentives import PayData, PayRun, Plan, pay_data, plan_from_text
from spm_lib.incentives.chain.calculate import work_out
from tests.examples import examples
from tests.incentives.small import component, day, decimals, people, plan_text, quotas, small_plan

TABLES = ("credits", "measures", "earnings", "payments", "balances", "waiting")
RATES = ["0", "0.05", "0.3333333333", "-0.02", "0.000000000000000000000000000001", "9999999"]
BANDS = "[{{ up_to = {a}, {x} }}, {{ up_to = {b}, {y} }}, {{ rate = {z} }}]"
GOAL = "{{ kind = 'goal', threshold = {t}, accelerators = [{{ over = 1, factor = {f} }}] }}"
CURVE = "{ kind = 'curve', points = [{ attainment = 0.3, payout = 0.1 }, { attainment = 1.1, payout = 0.7 }], beyond = 'slope' }"  # noqa: E501

TARGET = '[[target_pay]]\namount = 1000.01\nper = "month"\n'
rates = st.sampled_from(RATES)


@st.composite
def ways(draw: st.DrawFn) -> str:
    """One component, said in the words of the file."""
    a, b = sorted(draw(st.lists(st.integers(1, 400), min_size=2, max_size=2, unique=True)))
    keys = {"grouping": draw(st.sampled_from(["period", "to_date", "transaction"]))}
    kind = draw(st.sampled_from(["rate", "base", "step", "scaled", "target", "goal", "curve"]))
    if kind in ("scaled", "target", "goal", "curve"):
        keys["grouping"] = draw(st.sampled_from(["period", "to_date"]))
    if keys["grouping"] == "to_date":
        keys["true_up"] = draw(st.sampled_from(["deduct", "deduct", "own"]))
        if kind in ("scaled", "target", "goal", "curve"):
            keys["against"] = draw(st.sampled_from(["so_far", "interval"]))
    x, y, z = draw(rates), draw(rates), draw(rates)
    bands = BANDS.format(a=a, b=b, x=f"rate = {x}", y=f"rate = {y}", z=z)
    steps = BANDS.format(a=a, b=b, x="pay = 7.77, how = 'step'", y=f"rate = {y}", z=z)
    percents = BANDS.format(a=a / 100, b=b / 100, x=f"rate = {x}", y=f"rate = {y}", z=z)
    pays = {
        "rate": f"{{ kind = 'rate', rate = {x} }}",
        "base": f"{{ kind = 'table', of = 'base', bands = {bands} }}",
        "step": f"{{ kind = 'table', of = 'base', bands = {steps} }}",
        "scaled": f"{{ kind = 'table', of = 'attainment', bands = {percents} }}",
        "target": f"{{ kind = 'table', of = 'attainment', times = 'target', bands = {percents} }}",
        "goal": GOAL.format(t=draw(st.sampled_from(["0", "0.5"])), f=draw(st.integers(0, 3))),
        "curve": CURVE,
    }[kind]
    if kind in ("target", "goal", "curve"):
        keys["weight"] = draw(st.sampled_from(["1", "0.3333333333"]))
    if draw(st.booleans()):
        keys["period"] = "quarter"
    told = {k: v if k == "weight" else f"'{v}'" for k, v in keys.items()}
    return component(pays, **told)


def several(parts: list[str], **decisions: str) -> Plan:
    return small_plan(
        TARGET + "".join(p.replace('"main"', f'"rule-{i}"') for i, p in enumerate(parts)),
        **decisions,
    )


def book(rows: list[tuple[int, int]], reps: tuple[str, ...] = ("R1", "R2")) -> pl.DataFrame:
    told = [
        (f"D{i:02d}", reps[i % len(reps)], day("01-01") + timedelta(days=d), a)
        for i, (d, a) in enumerate(rows)
    ]
    schema = {"transaction_id": pl.String, "rep_id": pl.String, "date": pl.Date}
    return pl.DataFrame(told, schema=schema | {"amount": pl.Int64}, orient="row")


def by_hand_of_each(plan: Plan, data: PayData) -> PayRun:
    """Work out every line by itself, in fractions."""
    with mock.patch("spm_lib.incentives.chain.lines.at_once", return_value=False):
        return work_out(plan, data, through="2026-04")


@pytest.mark.slow
@settings(max_examples=examples(15))
@given(
    st.lists(ways(), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 119), st.integers(-90_000, 900_000)), min_size=2, max_size=9),
    st.sampled_from(["half_up", "half_even"]),
    st.sampled_from(["marginal", "whole"]),
    st.sampled_from(["upper", "lower"]),
)
def test_at_once_pays_what_each_line_pays_by_itself(parts, rows, mode, how, side) -> None:
    rounding = f'{{ at = "line", mode = "{mode}" }}'
    plan = several(parts, rounding=rounding, table=f'"{how}"', boundary=f'"{side}"')
    data = pay_data(
        transactions=book(rows),
        people=people("R1").vstack(people("R2")).with_columns(
            valid_from=pl.Series([None, day("01-01")], dtype=pl.Date),
            valid_to=pl.Series([None, day("05-07")], dtype=pl.Date),
        ),
        quotas=quotas(("R1", "sales", "01-01", "2027-01-01", "2500.01"),
                      ("R2", "sales", "01-01", "03-12", "700"),
                      ("R2", "sales", "03-12", "2027-01-01", "900")),
    )  # fmt: skip
    run, other = work_out(plan, data, through="2026-04"), by_hand_of_each(plan, data)
    for name in TABLES:
        assert_frame_equal(getattr(run, name), getattr(other, name))
    assert run.hash == other.hash
    assert [(ln.amount, ln.own) for ln in run.lines] == run.earnings.select("amount", "from").rows()


def test_what_is_missing_is_refused_for_all_rules_at_once() -> None:
    scaled = (
        "{ kind = 'table', of = 'attainment', bands = [{ up_to = 1, rate = 0.1 }, { rate = 0.2 }] }"
    )
    of_one = TARGET + 'rep = "R1"\n'
    plan = small_plan(of_one + component(CURVE, weight="1") + component(scaled, id='"other"'))
    data = pay_data(transactions=book([(3, 100)]), people=people("R1", "R2"))
    with pytest.raises(PayError) as told:
        work_out(plan, data)
    for part in ("no quota 'sales' of R1", "no quota 'sales' of R2", "no target pay of R2"):
        assert part in str(told.value)


def decimal_each(rate: Decimal, amounts: list[int]) -> int:
    """Pay single deals in Decimal: 1 % up to 100, the rate above; refunds take back."""
    with localcontext() as context:
        context.prec = 120
        total = Decimal(0)
        for amount in amounts:
            size = Decimal(abs(amount))
            paid = min(size, Decimal(10_000)) / 100 + max(Decimal(0), size - 10_000) * rate
            total += paid if amount > 0 else -paid
        return int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize("rate", [*RATES, "0.123456789012345678901234567891"])
def test_deals_by_themselves_pay_as_in_decimal_however_many_digits_a_rate_has(rate: str) -> None:
    """Large amounts by 30 decimals do not fit 128 bits; nothing may wrap around."""
    amounts = [10**10 + 7, -3, 10_001, -(10**9), 10_000, 99]
    bands = f"[{{ up_to = 100, rate = 0.01 }}, {{ rate = {rate} }}]"
    plan = small_plan(
        component(f"{{ kind = 'table', of = 'base', bands = {bands} }}", grouping="'transaction'")
    )
    data = pay_data(transactions=book([(i, a) for i, a in enumerate(amounts)], ("R1",)),
                    people=people("R1"))  # fmt: skip
    assert work_out(plan, data).paid("R1", "2026-01") == decimal_each(Decimal(rate), amounts)


RULES = """
[[credits]]
id = "shared"
to = "splits"
share = {share}
[[credits]]
id = "expert"
kind = "overlay"
to = "rep"
rep = "X"
share = {overlay}
"""


def cents_in_decimal(amount: int, factor: Decimal) -> int:
    with localcontext() as context:
        context.prec = 120
        return int((Decimal(amount) * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.slow
@settings(max_examples=examples(12))
@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6),
    st.sampled_from(["3.7215", "0.000000000001", "9876.123456789012", "0.333333333333"]),
    st.sampled_from(["1", "0.5", "0.333333333333", "0.000000000007"]),
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
)
def test_credits_are_those_of_a_loop_in_decimal(amounts, rate, share, weights) -> None:
    """Exchanged, split by any shares, and credited once more to an expert."""
    names = [f"S{i}" for i in range(len(weights))]
    parts = [Decimal(w) / sum(weights) for w in weights]
    rounded_parts = [Decimal(f"{part:.12f}") for part in parts]
    rows = book([(i, a) for i, a in enumerate(amounts)], ("S0",))
    splits = [
        (deal, name, str(part))
        for deal in rows["transaction_id"]
        for name, part in zip(names, rounded_parts, strict=True)
    ]
    plan = plan_from_text(
        plan_text(component("{ kind = 'rate', rate = 0.1 }")).replace(
            "[[credits]]", RULES.format(share=share, overlay=share) + "[[credits]]", 1
        )
        + '[currency]\nrate = "booking"\n'
    )
    data = pay_data(
        transactions=rows.with_columns(currency=pl.lit("USD")),
        people=people(*names, "X"),
        splits=decimals(splits, ["transaction_id", "rep_id", "share"]),
        rates=decimals([("USD", day("01-01"), rate)], ["currency", "date", "rate"]),
    )
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for deal, amount in zip(rows["transaction_id"], amounts, strict=True):
        ours = cents_in_decimal(amount, Decimal(rate))
        whole = cents_in_decimal(ours, Decimal(share))
        exact = [Fraction(whole) * Fraction(p) / sum(map(Fraction, rounded_parts))
                 for p in rounded_parts]  # fmt: skip
        for name, part in zip(names, parts_of(whole, exact), strict=True):
            expected[deal, name] += part
        expected[deal, "X"] += whole
    given_ = work_out(plan, data, through="2026-01").credits
    got = {(d, r): p for d, r, p in given_.select("transaction_id", "rep_id", "pay.amount").rows()}
    assert got == expected


def test_exchanges_far_apart_are_exact_and_those_beyond_all_money_refused() -> None:
    """A large sum of a small currency beside a small one of a large currency: 128 bits are few."""
    plan = small_plan(component("{ kind = 'rate', rate = 0.1 }") + '[currency]\nrate = "booking"\n')
    sold = [("USD", 3), ("EUR", 10**16 + 5), ("EUR", -(10**16) - 5)]
    rates_ = [("USD", day("01-01"), "99999999999999.5"), ("EUR", day("01-01"), "0.000000000001")]

    def credited(amounts: list[int]) -> list[int]:
        rows = book([(0, amount) for amount in amounts], ("R1",))
        data = pay_data(
            transactions=rows.with_columns(currency=pl.Series([code for code, _ in sold])),
            people=people("R1"),
            rates=decimals(rates_, ["currency", "date", "rate"]),
        )
        return work_out(plan, data).credits["pay.amount"].to_list()

    assert credited([amount for _, amount in sold]) == [299_999_999_999_999, 10_000, -10_000]
    with pytest.raises(PayError, match="the largest is named") as told:
        credited([3_000, 1, 1])
    assert "Found: D00." in str(told.value)


def test_a_deal_of_two_sellers_rolls_up_two_levels_to_one_manager_once() -> None:
    rules = '[[credits]]\nid = "shared"\nto = "splits"\n'
    rules += '[[credits]]\nid = "team"\nkind = "rollup"\nto = "manager"\nlevels = 2\n'
    plan = plan_from_text(
        plan_text(component("{ kind = 'rate', rate = 0.1 }")).replace(
            "[[credits]]", rules + "[[credits]]", 1
        )
    )
    above = [("A", "M"), ("B", "M"), ("M", "C")]
    data = pay_data(
        transactions=book([(3, 101)], ("A",)),
        people=people("A", "B", "M", "C"),
        splits=decimals([("D00", "A", "0.5"), ("D00", "B", "0.5")],
                        ["transaction_id", "rep_id", "share"]),
        hierarchy=pl.DataFrame(above, schema=["rep_id", "manager_id"], orient="row"),
    )  # fmt: skip
    given_ = work_out(plan, data).credits
    got = {(r, str(k)): p for r, k, p in given_.select("rep_id", "kind", "pay.amount").rows()}
    assert got == {
        ("A", "direct"): 51, ("B", "direct"): 50, ("M", "rollup"): 101, ("C", "rollup"): 101
    }  # fmt: skip


def test_managers_of_one_level_share_what_their_people_sold_and_no_more() -> None:
    """Three sellers with thirds; two of them have managers, one of both has two of the thirds."""
    rules = '[[credits]]\nid = "shared"\nto = "splits"\n'
    rules += '[[credits]]\nid = "team"\nkind = "rollup"\nto = "manager"\nlevels = 2\n'
    text = plan_text(component("{ kind = 'rate', rate = 0.1 }"))
    plan = plan_from_text(text.replace("[[credits]]", rules + "[[credits]]", 1))
    thirds = [("D00", "A", "0.333333333333"), ("D00", "B", "0.333333333334"),
              ("D00", "C", "0.333333333333")]  # fmt: skip
    data = pay_data(
        transactions=book([(3, 1_000)], ("A",)),
        people=people("A", "B", "C", "M", "N", "T"),
        splits=decimals(thirds, ["transaction_id", "rep_id", "share"]),
        hierarchy=pl.DataFrame([("A", "M"), ("B", "N"), ("N", "T")],
                               schema=["rep_id", "manager_id"], orient="row"),
    )  # fmt: skip
    given_ = work_out(plan, data).credits.filter(pl.col("kind") == "rollup")
    got = dict(given_.select("rep_id", "pay.amount").rows())
    assert got["M"] + got["N"] == 667  # two thirds of 10.00, not all of it
    assert got["T"] == 333


def test_a_manager_of_all_sellers_has_all_of_a_large_deal_also_where_thirds_are_rounded() -> None:
    """Shares of nine decimals leave a billionth: of 100 million that is 10 cents."""
    rules = '[[credits]]\nid = "shared"\nto = "splits"\n'
    rules += '[[credits]]\nid = "team"\nkind = "rollup"\nto = "manager"\nlevels = 2\n'
    text = plan_text(component("{ kind = 'rate', rate = 0.1 }"))
    plan = plan_from_text(text.replace("[[credits]]", rules + "[[credits]]", 1))
    sellers, large = ("A", "B", "C"), 10_000_000_000
    above = [*((rep, "M") for rep in sellers), ("M", "T")]
    data = pay_data(
        transactions=book([(3, large)], ("A",)),
        people=people(*sellers, "M", "T"),
        splits=decimals([("D00", rep, "0.333333333") for rep in sellers],
                        ["transaction_id", "rep_id", "share"]),
        hierarchy=pl.DataFrame(above, schema=["rep_id", "manager_id"], orient="row"),
    )  # fmt: skip
    given_ = work_out(plan, data).credits
    sums = dict(
        given_.group_by(pl.col("kind").cast(pl.String)).agg(pl.col("pay.amount").sum()).rows()
    )
    assert sums == {"direct": large, "rollup": 2 * large}
    assert dict(given_.select("rep_id", "pay.amount").rows())["M"] == large
