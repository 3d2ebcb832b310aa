"""Contract costs: months add up to the cent, the roll-forward ties, a clawback is written off."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import PayError
from spm_lib.incentives import (
    CostPolicy,
    calculate,
    contract_costs,
    cost_schedule,
    pay_data,
    roll_forward,
)
from tests.examples import examples
from tests.incentives.small import component, day, small_plan

SCHEMA = {
    "contract_id": pl.String, "start": pl.Date, "amount": pl.Int64, "class": pl.String,
    "term_months": pl.Int64, "ended_on": pl.Date, "clawback": pl.Int64,
}  # fmt: skip


def costs(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


CONTRACTS = st.lists(
    st.tuples(
        st.integers(0, 10_000_000), st.integers(1, 60), st.integers(0, 40),
        st.sampled_from(["contract_term", "benefit_period", "at_once"]),
        st.none() | st.tuples(st.integers(0, 70), st.integers(0, 100)),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def month(number: int) -> date:
    return date(2026 + number // 12, number % 12 + 1, 1)


@settings(max_examples=examples(24), deadline=None)
@given(CONTRACTS)
def test_the_schedule_adds_up_and_the_roll_forward_ties(contracts: list[tuple]) -> None:
    """Beside it: what is still to come of each contract, summed month by month in a plain loop."""
    rows = []
    for n, (amount, term, start, kind, end) in enumerate(contracts):
        ended = None if end is None else month(start + end[0])
        back = None if end is None else amount * end[1] // 100
        rows.append((f"C{n}", month(start), amount, kind, term, ended, back))
    plan = cost_schedule(costs(*rows), CostPolicy(benefit_months=24))
    per: dict[str, list[tuple[date, str, int]]] = defaultdict(list)
    for name, when, kind, amount in plan.iter_rows():
        per[name].append((when, kind, amount))
    for name, _, amount, kind, *_, back in rows:
        assert sum(n for *_, n in per[name]) == amount - (kind == "at_once" and (back or 0))
        parts = [n for _, k, n in per[name] if k == "amortised"]
        assert not parts or max(parts) - min(parts) <= 1, "straight line"
    rolled = roll_forward(plan)
    for row in rolled.iter_rows(named=True):
        to_come = sum(
            n
            for told in per.values()
            for when, kind, n in told
            if kind != "at_once" and min(t[0] for t in told) <= row["month"] < when
        )
        assert row["closing"] == to_come
    assert rolled["closing"].to_list()[-1:] in ([0], [])
    assert rolled["opening"].to_list()[1:] == rolled["closing"].to_list()[:-1]


def test_what_is_left_is_written_off_less_what_is_clawed_back() -> None:
    given_ = ("C1", day("01-15"), 1_200_00, "contract_term", 12, day("05-10"), 500_00)
    told = cost_schedule(costs(given_)).select("month", "kind", "amount").rows()
    assert told[:4] == [(day(f"0{m}-01"), "amortised", 100_00) for m in (1, 2, 3, 4)]
    assert told[4:] == [
        (day("05-01"), "written_off", 300_00), (day("05-01"), "clawed_back", 500_00)
    ]  # fmt: skip


def test_short_costs_may_be_expensed_at_once_and_stand_beside_the_asset() -> None:
    both = costs(
        ("S", day("01-01"), 600_00, "contract_term", 12, None, None),
        ("L", day("01-01"), 2_400_00, "contract_term", 24, None, None),
    )
    rolled = roll_forward(cost_schedule(both, CostPolicy(expedient=True)))
    first = rolled.row(0, named=True)
    assert (first["expensed_at_once"], first["capitalised"], first["closing"]) == (
        600_00, 2_400_00, 2_300_00,
    )  # fmt: skip
    assert rolled.height == 24


def test_costs_come_from_a_run_deal_by_deal() -> None:
    plan = small_plan(component('{ kind = "rate", rate = 0.1 }'))
    deals = pl.DataFrame(
        {"transaction_id": ["A", "B"], "rep_id": ["R1", "R1"],
         "date": [day("01-05"), day("02-06")], "amount": [100_000, 333]}
    )  # fmt: skip
    people = pl.DataFrame({"rep_id": ["R1"], "name": ["Noa"]})
    run = calculate(plan, pay_data(transactions=deals, people=people))
    assert contract_costs(run, ["main"]).rows() == [
        ("A", day("01-05"), 10_000), ("B", day("02-06"), 33)
    ]  # fmt: skip
    with pytest.raises(PayError, match="no such component"):
        contract_costs(run, ["bonus"])


def test_what_cannot_be_scheduled_is_named() -> None:
    bad = costs(
        ("A", day("01-01"), -1, "contract_term", None, None, None),
        ("B", day("01-01"), 1, "forever", 1, None, 5),
    )
    with pytest.raises(PayError) as caught:
        cost_schedule(bad)
    for fault in ("A: no term_months", "A: a negative amount", "B: class 'forever'"):
        assert fault in str(caught.value)
