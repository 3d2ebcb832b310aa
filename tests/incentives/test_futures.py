"""A plan on simulated years: each future is what the chain pays, and parts make the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from spm_lib.core.calendar import Period
from spm_lib.core.errors import PayError, PlanError
from spm_lib.core.language import language
from spm_lib.forecast import Draws
from spm_lib.incentives import (
    PayData,
    PayModel,
    Plan,
    calculate,
    compare_models,
    model_pay,
    pay_data,
)
from spm_lib.incentives.modelling.mix import mix_of
from spm_lib.incentives.modelling.replay import in_millionths
from tests.incentives.small import component, deals, people, quotas, small_plan

REPS = ("R1", "R2", "R3")
TARGET = '[[target_pay]]\namount = 1000\nper = "month"\n'
GOAL = component(
    '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 2 }] }',
    weight="1", grouping='"to_date"', true_up='"deduct"', against='"so_far"',
    cap="{ times_target = 3 }",
)  # fmt: skip
RATE = component('{ kind = "rate", rate = 0.07 }')
DRAW = '[[draws]]\namount = 400\nrecoverable = true\nform = "guarantee"\n'
FLAT = small_plan(RATE)
CURVED = small_plan(TARGET + GOAL + DRAW, boundary='"lower"', negative='"carried"')


def months(first: int, last: int, year: int = 2026) -> tuple[Period, ...]:
    edges = [date(year + m // 12, m % 12 + 1, 1) for m in range(first - 1, last + 1)]
    return tuple(Period("month", a, b, f"{a:%Y-%m}") for a, b in pairwise(edges))


def drawn(scenarios: int, first: int = 1, last: int = 4, *, year: int = 2026) -> Draws:
    chance = np.random.default_rng(3)
    shape = (len(REPS), last - first + 1, scenarios)
    amounts = chance.integers(0, 400_000, shape) * chance.integers(0, 2, shape)
    return Draws(REPS, months(first, last, year), amounts, "ILS", 3)


def known(*, year: int = 2026, past: pl.DataFrame | None = None) -> PayData:
    ends = ("01-01", "05-01")
    days = [f"{year}-{end}" for end in ends]
    values = dict(zip(REPS, ("4000", "8000", "6000"), strict=True))
    return pay_data(
        transactions=deals() if past is None else past,
        people=people(*REPS),
        quotas=quotas(*((rep, "sales", days[0], days[1], v) for rep, v in values.items())),
    )


def by_hand(plan: Plan, draws: Draws, number: int, *, past: pl.DataFrame | None = None) -> dict:
    """Return what calculate pays on the same amounts, given as deals of the fifth of the month."""
    rows = [
        (f"{rep}-{period.label}", rep, f"{period.start:%Y-%m}-05", str(Decimal(int(n)) / 100))
        for rep, of_rep in zip(draws.reps, draws.values[:, :, number], strict=True)
        for period, n in zip(draws.periods, of_rep, strict=True)
        if n
    ]
    made = deals(*rows)
    data = known(past=made if past is None else pl.concat([past, made]))
    run = calculate(plan, data, through=draws.periods[-1].label)
    return dict(run.payments.group_by("rep_id").agg(pl.col("amount").sum()).iter_rows())


def modelled(plan: Plan, draws: Draws, data: PayData, **given: Any) -> PayModel:
    """Model a plan without its cost at given attainments."""
    return model_pay(plan, draws, data, steps=(), **given)


@pytest.fixture(scope="module")
def curved() -> PayModel:
    return model_pay(CURVED, drawn(25), known())


def test_each_future_is_what_the_chain_pays_on_the_same_amounts(curved: PayModel) -> None:
    draws = drawn(25)
    for number in range(0, 25, 6):
        due = by_hand(CURVED, draws, number)
        assert curved.pay[:, number].tolist() == [due.get(rep, 0) for rep in REPS]


def test_the_mean_of_a_flat_rate_is_the_rate_times_mean_bookings() -> None:
    draws = drawn(24)
    model = modelled(FLAT, draws, known())
    expected = draws.horizon().mean(axis=1) * 0.07
    # each month of each future is rounded to the cent: 4 x half a cent at most
    assert np.abs(np.array(model.people["pay"]) - expected).max() <= 2.5
    cost = model.company.row(0, named=True)
    assert abs(cost["pay"] - draws.total().mean() * 0.07) <= 7
    assert cost["cost_rate"] == pytest.approx(Decimal("0.07"), abs=Decimal("0.000001"))


def test_parts_add_up_to_the_whole_and_spreads_are_those_of_the_futures(curved: PayModel) -> None:
    told, cost = curved.people, curved.company.row(0, named=True)
    assert told["pay"].sum() == cost["pay"] == round(Fraction(int(curved.pay.sum()), 25))
    assert told["sales"].sum() == cost["sales"]
    totals = sorted(sum(int(n) for n in column) for column in curved.pay.T)
    assert (cost["p10"], cost["p50"], cost["p90"]) == (totals[2], totals[12], totals[22])
    assert cost["error"] == pytest.approx(np.std(totals, ddof=1) / 5, abs=1)
    own = sorted(curved.pay[1].tolist())
    assert told.row(1, named=True)["p90"] == own[22]
    mean = np.mean([int(n) for n in drawn(25).horizon()[0]]) / 400_000
    assert float(told["attainment"][0]) == pytest.approx(mean)


def test_cost_at_given_attainments_of_all_together(curved: PayModel) -> None:
    """All quotas are 18,000; of the flat plan any attainment costs the rate."""
    sales = [Decimal(n) / 100 for n in curved.steps["sales"]]
    assert [round(n) for n in sales] == [14_400, 18_000, 21_600]
    assert curved.steps["pay"].is_sorted()
    flat = model_pay(FLAT, drawn(4), known())
    assert all(abs(rate - Decimal("0.07")) < Decimal("0.00001") for rate in flat.steps["cost_rate"])


def test_winners_and_losers_future_by_future(curved: PayModel) -> None:
    flat = modelled(FLAT, drawn(25), known())
    found = compare_models(flat, curved)
    for row in found.people.to_dicts():
        i = REPS.index(row["rep_id"])
        change = curved.pay[i] - flat.pay[i]
        assert row["better"] == pytest.approx(Decimal(int((change > 0).sum())) / 25)
        clear = abs(change.mean()) > 2 * change.std(ddof=1) / 5
        side = ("winner" if change.mean() > 0 else "loser") if clear else None
        assert row["side"] == side
    assert found.people["change"].sum() == found.company["pay"][1] - found.company["pay"][0]
    assert found.winners.height + found.losers.height > 0
    with pytest.raises(PayError, match="same futures"):
        compare_models(curved, modelled(FLAT, drawn(3), known()))


def test_who_is_paid_less_for_more_is_told_by_name() -> None:
    """A flat rate pays by sales, so never out of turn of sales; quotas of 4,000 and 8,000 do."""
    draws = drawn(24)
    found = modelled(FLAT, draws, known()).inversions
    assert set(found["of"]) == {"attainment"}
    row = found.filter((pl.col("higher") == "R1") & (pl.col("lower") == "R2")).row(0, named=True)
    one, two = (sum(draws.values[i]) for i in (0, 1))
    so = (one / 4 > two / 8) & (one < two)
    assert row["share"] == pytest.approx(Decimal(int(so.sum())) / 24)
    assert row["gap"] == pytest.approx(((two - one)[so] * 0.07).mean(), abs=3)


def test_amounts_of_small_currencies_stay_exact() -> None:
    """Minor units of a hundred million times as many: their millionths pass 64 bits."""
    model, many = modelled(FLAT, drawn(24), known()), 10**8
    large = replace(
        model,
        counted=model.counted * many,
        quotas=tuple(quota and quota * many for quota in model.quotas),
    )
    assert large.inversions.equals(model.inversions)
    amounts = drawn(5).values * many + 7
    told = in_millionths(amounts, 333_333)
    assert told.ravel().tolist() == [
        (2 * int(n) * 333_333 + 10**6) // (2 * 10**6) for n in amounts.ravel()
    ]


def test_what_happened_is_paid_and_the_rest_is_simulated() -> None:
    past = deals(("D1", "R1", "01-20", "3000"), ("D2", "R2", "02-03", "900"))
    draws = drawn(5, first=3)
    model = modelled(CURVED, draws, known(past=past), start=date(2026, 1, 1))
    for number in (0, 4):
        due = by_hand(CURVED, draws, number, past=past)
        assert model.pay[:, number].tolist() == [due[rep] for rep in REPS]
    assert model.people["sales"].sum() == round(draws.total().mean()) + 390_000


def test_a_plan_of_another_year_is_moved_and_says_so() -> None:
    model = modelled(CURVED, drawn(5, year=2028), known(year=2028))
    same = modelled(CURVED, drawn(5), known())
    # February has 29 days in 2028, but target pay and rates are of months
    assert (model.start, model.people["sales"].to_list()) == (
        date(2028, 1, 1),
        same.people["sales"].to_list(),
    )
    assert "moved by 2 years" in model.notes[0].tell(language("en"))
    longer = Draws(REPS, months(1, 24), np.zeros((3, 24, 1), int), "ILS", 1)
    with pytest.raises(PlanError, match="not in force on all the days"):
        modelled(CURVED, longer, known())


MIXED = (
    '[[measures]]\nid = "new"\nbase = "amount"\nwhere = { type = "new" }\n'
    '[[measures]]\nid = "margin"\nbase = "margin"\n'
    + component('{ kind = "rate", rate = 0.10 }', id='"n"', measure='"new"')
    + component('{ kind = "rate", rate = 0.20 }', id='"m"', measure='"margin"')
)


def test_bookings_are_made_up_as_past_deals_were() -> None:
    """R1 sold three quarters new, R2 nothing yet; all together 3,250 of 4,000; margin is 10 %."""
    past = deals(
        ("D1", "R1", "2025-06-01", "750"), ("D2", "R1", "2025-07-01", "250"),
        ("D3", "R3", "2025-08-01", "2500"), ("D4", "R3", "2025-09-01", "500"),
        type=["new", "old", "new", "old"], margin=[75_00, 25_00, 250_00, 50_00],
    )  # fmt: skip
    draws = drawn(8)
    model = modelled(small_plan(MIXED), draws, known(past=past))
    sold = draws.horizon().mean(axis=1)
    for i, share in enumerate((0.75, 0.8125, 2500 / 3000)):
        due = sold[i] * (0.10 * share + 0.20 * 0.10)
        assert model.people["pay"][i] == pytest.approx(due, abs=8)
    told = " ".join(note.tell(language("en")) for note in model.notes)
    assert "made up by type and margin" in told
    with pytest.raises(PayError, match="No deal of the last 12 months"):
        modelled(small_plan(MIXED), draws, known(past=past.head(0)))
    with pytest.raises(PayError, match="columns that past deals lack"):
        modelled(small_plan(MIXED), draws, known())


def test_the_twelve_months_before_a_leap_day_begin_on_the_28th() -> None:
    past = deals(
        ("D1", "R1", "2027-02-27", "900"), ("D2", "R1", "2027-02-28", "300"),
        ("D3", "R1", "2028-02-28", "100"), ("D4", "R1", "2028-02-29", "500"),
        type=["old", "old", "new", "new"], margin=[0, 0, 0, 0],
    )  # fmt: skip
    parts = mix_of(small_plan(MIXED), past, date(2028, 2, 29)).of("R1")
    assert [(*part.values, part.amount) for part in parts] == [("new", 100_00), ("old", 300_00)]


UNKNOWABLE = {
    "single deals": component(
        '{ kind = "table", of = "base", bands = [{ up_to = 9, rate = 0.1 }, { rate = 0.2 }] }',
        grouping='"transaction"',
    ),
    "the number of deals": component('{ kind = "bonus", amount = 5, per = "transaction" }'),
    "kinds of events": RATE + '[[measures]]\nid = "x"\nbase = "amount"\nevent = "invoiced"\n',
    "sellers named in a column": RATE
    + '[[credits]]\nid = "x"\nkind = "overlay"\nto = "column"\ncolumn = "helper"\n',
}


@pytest.mark.parametrize("what", UNKNOWABLE)
def test_what_sums_by_person_and_month_cannot_tell_is_refused(what: str) -> None:
    with pytest.raises(PayError, match=f"looks at {what}"):
        modelled(small_plan(UNKNOWABLE[what]), drawn(1), known())


def test_people_without_a_quota_are_left_out_by_name() -> None:
    data = known()
    fewer = pay_data(
        transactions=data.transactions, people=data.people,
        quotas=data.quotas.filter(pl.col("rep_id") != "R2"),
    )  # fmt: skip
    model = modelled(CURVED, drawn(2), fewer)
    assert model.reps == ("R1", "R3")
    assert "without a quota that the plan asks for: R2" in model.notes[-1].tell(language("en"))
    assert modelled(FLAT, drawn(2), fewer).reps == REPS
    with pytest.raises(PayError, match="Nobody is left"):
        modelled(CURVED, drawn(2), pay_data(transactions=deals(), people=people(*REPS)))


def test_pools_are_shared_within_a_future_and_scores_count_as_reached() -> None:
    pool = component('{ kind = "pool", pool = 300, share = "base", scaled = "fixed" }')
    score = component(
        '{ kind = "score", objectives = [{ id = "a", weight = 1, cap = 1.5, '
        "ladder = [{ score = 3, achievement = 1 }] }] }",
        id='"score"', measure="", weight="1", period='"quarter"',
    )  # fmt: skip
    draws = drawn(4)
    model = modelled(small_plan(pool), draws, known())
    busy = (draws.company() > 0).sum(axis=0)
    idle = 4 - busy  # a month without any sales shares the pool equally
    assert np.abs(model.pay.sum(axis=0) - 30_000 * (busy + idle)).max() <= 4
    scored = modelled(small_plan(TARGET + score), draws, known())
    assert set(scored.pay.ravel().tolist()) == {300_000}  # a whole quarter of target pay


def test_base_pay_makes_the_cost_of_sales() -> None:
    draws = drawn(3)
    model = modelled(FLAT, draws, known(), salaries=1_000_000)
    cost = model.company.row(0, named=True)
    assert cost["ccos"] == pytest.approx(
        Decimal(cost["pay"] + 1_000_000) / cost["sales"], abs=Decimal("0.0000001")
    )
