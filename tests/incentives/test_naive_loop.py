"""Tables of rates against a plain loop over deals, months and bands in Decimal, on random plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.incentives import pay_data
from spm_lib.incentives.chain.calculate import work_out
from tests.examples import examples
from tests.incentives.small import component, day, people, small_plan

pytestmark = pytest.mark.slow

ZERO = Decimal(0)
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
Band = tuple[Decimal | None, Decimal]


@dataclass(frozen=True)
class Case:
    """A plan of one table, said in the words of the file."""

    bands: list[Band]
    how: str
    side: str
    grouping: str
    true_up: str
    reset: str
    cap: Decimal | None
    excess: str
    negative: str

    @property
    def deducts(self) -> bool:
        return self.grouping == "to_date" and self.true_up == "deduct"

    def plan(self):
        rows = ", ".join(
            "{ " + ("" if up is None else f"up_to = {up}, ") + f"rate = {rate} }}"
            for up, rate in self.bands
        )
        keys = {"true_up": f'"{self.true_up}"'} if self.grouping == "to_date" else {}
        if self.cap is not None:
            keys["cap"] = f'{{ amount = {self.cap}, excess = "{self.excess}" }}'
        pays = f'{{ kind = "table", of = "base", bands = [{rows}] }}'
        return small_plan(
            component(pays, **keys),
            boundary=f'"{self.side}"', table=f'"{self.how}"', grouping=f'"{self.grouping}"',
            reset=f'"{self.reset}"', negative=f'"{self.negative}"',
        )  # fmt: skip


def rate_at(case: Case, x: Decimal) -> Decimal:
    for up, rate in case.bands:
        if up is None or x < up or (x == up and case.side == "upper"):
            return rate
    raise AssertionError


def pays(case: Case, x: Decimal) -> Decimal:
    if case.how == "whole":
        return x * rate_at(case, x)
    total, low = ZERO, None
    for up, rate in case.bands:
        high = x if up is None else min(x, up)
        if low is None or high > low:
            total += (high if low is None else high - low) * rate
        low = up
    return total


def cents(x: Decimal) -> Decimal:
    return x.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def earned(case: Case, months: dict[int, list[Decimal]], month: int) -> tuple[Decimal, Decimal]:
    """Return what the month earned, and what was earned before it where that is deducted."""
    own, first = sum(months[month], ZERO), month - (month - 1) % MONTHS[case.reset]
    before = sum((sum(months[m], ZERO) for m in range(first, month)), ZERO)
    if case.grouping == "transaction":
        parts = ((-1 if a < 0 else 1) * pays(case, abs(a)) for a in months[month])
        return sum(parts, ZERO), ZERO
    if case.grouping == "period":
        return pays(case, own), ZERO
    if case.true_up == "own":
        whole = own * rate_at(case, before + own)
        part = pays(case, before + own) - pays(case, before)
        return (whole if case.how == "whole" else part), ZERO
    now, then = pays(case, before + own), pays(case, before) if month > first else ZERO
    if case.cap is None:
        return now, then
    return min(now, case.cap * (month - first + 1)), min(then, case.cap * (month - first))


def loop(case: Case, months: dict[int, list[Decimal]]) -> list[Decimal]:
    paid, held, carried = [], ZERO, ZERO
    for month in range(1, 13):
        now, before = earned(case, months, month)
        if case.cap is not None and not case.deducts:
            over, now = max(ZERO, now - case.cap), min(now, case.cap)
            back = max(ZERO, min(case.cap - now, held)) if case.excess == "carried" else ZERO
            held, now = held + over - back, now + back
        pay = cents(now) - cents(before)
        if case.negative == "floored":
            pay = max(ZERO, pay)
        if case.negative == "carried":
            pay, carried = max(ZERO, pay + carried), min(ZERO, pay + carried)
        paid.append(pay)
    return paid


cases = st.builds(
    lambda bounds, rates, **said: Case(
        list(zip([*map(Decimal, sorted(bounds)), None], sorted(rates), strict=True)), **said
    ),
    st.lists(st.integers(1, 60).map(lambda n: n * 50), min_size=2, max_size=2, unique=True),
    st.lists(st.integers(1, 9).map(lambda n: Decimal(n) / 100), min_size=3, max_size=3),
    how=st.sampled_from(["marginal", "whole"]), side=st.sampled_from(["upper", "lower"]),
    grouping=st.sampled_from(["transaction", "period", "to_date"]),
    true_up=st.sampled_from(["deduct", "own"]), reset=st.sampled_from(sorted(MONTHS)),
    cap=st.sampled_from([None, Decimal(50)]), excess=st.sampled_from(["lost", "carried"]),
    negative=st.sampled_from(["paid", "carried", "floored"]),
)  # fmt: skip


@settings(max_examples=examples(30))
@given(cases, st.lists(st.tuples(st.integers(0, 364), st.integers(-20_000, 150_000)), min_size=1,
                       max_size=12))  # fmt: skip
def test_a_table_pays_what_a_plain_loop_pays(case: Case, sold: list[tuple[int, int]]) -> None:
    rows = [(f"D{n:02d}", "R1", day("01-01") + timedelta(days=d), a) for n, (d, a) in
            enumerate(sold)]  # fmt: skip
    deals = pl.DataFrame(rows, schema=["transaction_id", "rep_id", "date", "amount"], orient="row")
    months: dict[int, list[Decimal]] = {month: [] for month in range(1, 13)}
    for _, _, when, amount in rows:
        months[when.month].append(Decimal(amount) / 100)
    data = pay_data(transactions=deals, people=people("R1"))
    run = work_out(case.plan(), data, through="2026-12")
    got = [Decimal(run.paid("R1", f"2026-{month:02d}")) / 100 for month in range(1, 13)]
    assert got == loop(case, months)
