"""People paid out in a currency of their own: the rate of the period's last day, to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest

from spm_lib.core.errors import PayError
from spm_lib.core.money import exponent
from spm_lib.incentives import PayRun, calculate, pay_data
from tests.incentives.small import component, day, deals, decimals, people, small_plan

TEN = component('{ kind = "rate", rate = 0.10 }')
RATES = [("USD", "01-10", "3.7215"), ("USD", "02-01", "9"), ("USD", "02-27", "3.333333333333"),
         ("JPY", "01-31", "0.0243"), ("KWD", "01-01", "11.9")]  # fmt: skip
OWN = {"R1": "USD", "R2": "JPY", "R3": "KWD", "R4": "ILS"}


def run_of(rest: str = "", rates: list[tuple[str, str, str]] = RATES) -> PayRun:
    rows = [(f"{rep}{month}", rep, f"{month}-10", amount) for rep in OWN
            for month, amount in (("01", "12345.67"), ("02", "-100.05"))]  # fmt: skip
    told = [(code, day(when), rate) for code, when, rate in rates]
    payees = pl.DataFrame(list(OWN.items()), schema=["rep_id", "currency"], orient="row")
    data = pay_data(
        transactions=deals(*rows),
        people=people(*OWN),
        payees=payees,
        rates=decimals(told, ["currency", "date", "rate"]),
    )
    return calculate(small_plan(TEN + rest), data)


def test_each_is_paid_the_payment_over_the_rate_in_force_on_the_last_day() -> None:
    run = run_of()
    used = {("R1", "2026-01"): "3.7215", ("R1", "2026-02"): "3.333333333333"}
    used |= {("R2", month): "0.0243" for month in run.periods}
    used |= {("R3", month): "11.9" for month in run.periods}
    totals = {(rep, period): amount for rep, period, _, amount in run.totals.iter_rows()}
    expected = {}
    for (rep, period), rate in used.items():
        places = Decimal(1).scaleb(-exponent(OWN[rep]))
        money = Decimal(totals[rep, period]) / 100 / Decimal(rate)
        rounded = money.quantize(places, rounding=ROUND_HALF_UP)
        expected[rep, period] = (OWN[rep], int(rounded / places))
    rows = [row for period in run.periods for row in run.payouts(period).rows()]
    got = {(rep, period): (code, amount) for rep, period, code, _, amount in rows}
    assert got == expected


def test_a_plan_with_fixed_rates_pays_out_at_them() -> None:
    fixed = '[currency]\nrate = "fixed"\nfixed = { USD = 4, JPY = 0.02, KWD = 12 }\n'
    run = run_of(fixed, [])
    paid = [run.payouts(period).row(0, named=True) for period in run.periods]
    assert {row["rep_id"] for row in paid} == {"R1"}
    assert [row["amount"] for row in paid] == [308_64, -2_50]  # 1,234.57 / 4, and -10.01 / 4


def test_without_a_rate_nobody_is_paid_out_and_data_without_payees_keep_their_hash() -> None:
    run = run_of("", RATES[1:])
    assert run.payouts("2026-02").height == 3
    with pytest.raises(PayError, match=r"R1 \(USD, 2026-01-31\)"):
        run.payouts("2026-01")
    data = pay_data(transactions=deals(("D1", "R1", "01-10", "1")), people=people("R1"))
    with_one = pay_data(
        transactions=data.transactions, people=data.people,
        payees=pl.DataFrame({"rep_id": ["R1"], "currency": ["USD"]}),
    )  # fmt: skip
    assert data.hash != with_one.hash
