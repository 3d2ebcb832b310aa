"""Capacity from below: published example, a loop over months, and gaps that close as told."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.model import Company, company_from_frames
from spm_lib.targets.capacity import bookings_capacity, close_gap, known_capacity, plan_capacity
from spm_lib.targets.over_time import Season
from tests.metrics.companies import SETTINGS

YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))
PLAN = {"window": YEAR, "calendar": WorkCalendar(), "season": Season(per="month")}
STAFF = pl.DataFrame(
    {"rep_id": ["a", "b", "c"], "hired_on": [None, None, date(2025, 12, 1)], "left_on": [None] * 3},
    schema_overrides={"left_on": pl.Date},
)


def test_vq4_ramped_and_ramping_heads() -> None:
    quarter = {"quota": 15_000_000, "ramped_heads": 7, "attainment": "0.85"}
    assert bookings_capacity(**quarter) == 89_250_000
    both = bookings_capacity(**quarter, ramping_heads=3, productivity="0.40")
    assert both == 107_250_000
    with pytest.raises(ParameterError):
        bookings_capacity(quota=1, ramped_heads=-1, attainment=1)


def test_vq4_as_a_plan_of_people() -> None:
    """The same ten heads by name: three were hired at the quarter's start, 40 % over its months."""
    quarter = Window(date(2026, 1, 1), date(2026, 4, 1))
    ids = [f"r{i}" for i in range(10)]
    hired = [None] * 7 + [quarter.start] * 3
    planned = plan_capacity(
        pl.DataFrame({"rep_id": ids, "hired_on": hired}),
        window=quarter,
        calendar=WorkCalendar(),
        per_head=15_000_000 * 85 // 100,
        ramp=[0.40 / 0.85] * 3,
    )
    assert planned.total == 107_250_000
    assert planned.months["ramped"].sum() == 89_250_000
    assert planned.months["ramped_heads"].to_list() == pytest.approx([7] * 3)
    assert planned.months["ramping_heads"].to_list() == pytest.approx([3] * 3)


def test_capacity_is_that_of_a_loop_over_months() -> None:
    ramp, rate, hires = [0.2, 0.5, 0.8], 0.2, [date(2026, 4, 1), date(2026, 4, 1)]
    planned = plan_capacity(
        STAFF, per_head=1_200_000, ramp=ramp, attrition=rate, hires=hires, **PLAN
    )
    for k, row in enumerate(planned.months.rows(named=True)):
        middle = row["period_start"] + (row["period_end"] - row["period_start"]) / 2
        here = 0.8 ** ((middle - YEAR.start).days / 365.2425)
        old = 2 * here
        newer = here * ([0.5, 0.8][k] if k < 2 else 1)
        months = k - 3
        there = 0.8 ** (max((middle - hires[0]).days, 0) / 365.2425)
        new = 2 * there * (0 if months < 0 else ramp[months] if months < 3 else 1)
        assert row["capacity"] == pytest.approx(100_000 * (old + newer + new), abs=2)
        heads = 3 * here + (2 * there if months >= 0 else 0)
        assert row["ramped_heads"] + row["ramping_heads"] == pytest.approx(heads)
    assert planned.total == planned.months["ramped"].sum() + planned.months["ramping"].sum()


def test_each_way_closes_the_gap_when_it_is_gone() -> None:
    staff = {"per_head": 1_200_000, "ramp": [0.2, 0.5, 0.8], **PLAN}
    gap = close_gap(STAFF, target=5_000_000, hire_on=date(2026, 3, 1), attrition=0.1, **staff)
    before = plan_capacity(STAFF, attrition=0.1, **staff).total
    assert (gap.capacity, gap.amount) == (before, 5_000_000 - before)
    needed = dict(gap.ways.select("way", "needed").iter_rows())
    heads = int(needed["hire"])
    for hired, enough in ((heads, True), (heads - 1, False)):
        days = [date(2026, 3, 1)] * hired
        total = plan_capacity(STAFF, attrition=0.1, hires=days, **staff).total
        assert (total >= 5_000_000) is enough
    raised = {**staff, "per_head": round(1_200_000 * (1 + needed["productivity"]))}
    assert plan_capacity(STAFF, attrition=0.1, **raised).total == pytest.approx(5_000_000, abs=5)
    assert needed["attrition"] is None
    none_leaves = plan_capacity(STAFF, attrition=0, **staff).total
    kept = gap.ways.row(by_predicate=pl.col("way") == "attrition", named=True)
    assert kept["closes"] == none_leaves - before
    assert kept["left"] == 5_000_000 - none_leaves
    assert needed["target"] == gap.amount


def test_a_gap_that_closes_by_keeping_people_says_at_which_attrition() -> None:
    staff = {"per_head": 1_200_000, **PLAN}
    target = plan_capacity(STAFF, attrition=0.05, **staff).total
    gap = close_gap(STAFF, target=target, hire_on=date(2026, 3, 1), attrition=0.2, **staff)
    needed = dict(gap.ways.select("way", "needed").iter_rows())
    assert needed["attrition"] == pytest.approx(0.05, abs=1e-4)


def test_no_gap_needs_nothing_and_late_hires_are_no_way() -> None:
    staff = {"per_head": 1_200_000, **PLAN}
    none = close_gap(STAFF, target=1, hire_on=date(2026, 3, 1), attrition=0.1, **staff)
    assert none.ways["needed"].to_list() == [0, 0, 0.1, 0]
    late = close_gap(STAFF, target=9_000_000, hire_on=date(2027, 1, 1), **staff)
    assert late.ways["needed"][0] is None
    assert late.ways["left"][0] == late.amount
    with pytest.raises(ParameterError):
        close_gap(STAFF, target=-1, hire_on=date(2027, 1, 1), **staff)
    with pytest.raises(ParameterError):
        plan_capacity(STAFF, attrition=1.5, **staff)


def test_what_is_known_of_the_sample_company_by_a_loop(sample: Company) -> None:
    company = sample
    known = known_capacity(company)
    window = company.default_window()
    deals = company.table("opportunities").rows(named=True)
    won = [d for d in deals if d["outcome"] == "won" and window.contains(d["closed_on"])]
    days, sold = 0, 0
    for rep in company.table("reps").rows(named=True):
        own = [d for d in won if d["rep_id"] == rep["rep_id"]]
        hired, month = rep["hired_on"], rep["hired_on"].month + 5
        ramped = hired.replace(year=hired.year + month // 12, month=month % 12 + 1)
        since = max(ramped, window.start)
        until = min(rep["left_on"] or window.end, window.end)
        if own and since < until:
            days += (until - since).days
            sold += sum(d["amount"] or 0 for d in own if since <= d["closed_on"] < until)
    assert known.per_head == round(sold / (days / 365.2425))
    decided = sum(
        d["amount"] or 0
        for d in deals
        if d["outcome"] in ("won", "lost") and window.contains(d["closed_on"])
    )
    assert known.win_rate == pytest.approx(sum(d["amount"] or 0 for d in won) / decided, rel=1e-4)
    assert known.pipeline == sum(d["amount"] or 0 for d in deals if d["outcome"] == "open")
    target = known.expected_pipeline + 1_000_000
    assert known.to_create(target) == round(1_000_000 / known.win_rate)
    assert known.to_create(0) == 0


def test_a_company_without_results_has_no_capacity_known() -> None:
    orders = pl.DataFrame(
        {"order_id": ["o"], "rep_id": ["a"], "date": [date(2020, 1, 1)], "amount": [5]}
    )
    company = company_from_frames({"orders": orders}, SETTINGS, as_of=date(2026, 3, 31))
    with pytest.raises(DataError, match="No ramped person"):
        known_capacity(company, metric="orders.amount")
