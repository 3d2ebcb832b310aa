"""The day of the export: plans and slips of the pen never make the present the past."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from spm_lib.metrics.measure import measure
from spm_lib.model import Company, company_from_frames
from spm_lib.model.export_day import newest_believed
from tests.examples import examples
from tests.model.companies import (
    DAYS,
    NEVER_CHANGED,
    SCHEMAS,
    START,
    companies,
    frames,
    newest,
    truncated,
)
from tests.model.test_truncation import ordered

TODAY = date(2026, 3, 31)
SLIP = date(2062, 3, 1)
OPEN = [
    {
        "opportunity_id": f"d{n}",
        "rep_id": "ann",
        "stage": "Proposal",
        "amount": 200,
        "created_at": date(2026, 1, 1 + n),
        "closed_at": None,
    }
    for n in range(3)
]
WON = {**OPEN[0], "opportunity_id": "w", "stage": "Won", "closed_at": date(2026, 3, 20)}


def call(day: date) -> dict:
    return {"activity_id": str(day), "rep_id": "ann", "kind": "meeting", "happened_at": day}


@pytest.fixture
def made(settings, frame_of):
    def make(*, as_of: date | None = None, own=settings, **tables: list[dict]) -> Company:
        rows = {name: frame_of(listed) for name, listed in tables.items()}
        return company_from_frames(rows, own, as_of=as_of)

    return make


def kinds(company: Company) -> set[str]:
    return {notice.kind for notice in company.notices}


@pytest.mark.parametrize("as_of", [None, TODAY, date(2026, 4, 11)])
def test_a_planned_meeting_leaves_the_pipeline_as_it_is(made, as_of) -> None:
    meetings = [call(date(2026, 4, d)) for d in (10, 11, 12)]
    company = made(as_of=as_of, opportunities=[*OPEN, WON], activities=[call(TODAY), *meetings])
    assert company.exported_on == date(2026, 3, 20)
    assert company.as_of == (as_of or date(2026, 3, 20))
    assert measure(company, "open.amount").frame["value"].to_list() == [60000]
    deals = company.table("opportunities").filter(outcome="open")
    assert deals.select("stage", "rep_id").unique().rows() == [("Proposal", "ann")]
    held = sum(day <= company.as_of for day in (TODAY, *(m["happened_at"] for m in meetings)))
    assert measure(company, "activity.count").frame["value"].to_list() == [held]
    (told,) = [n for n in company.notices if n.kind == "planned"]
    assert (told.table, told.column, told.rows) == ("activities", "happened_at", 4)


def test_promised_answers_to_leads_are_plans_and_conversions_are_not(made) -> None:
    lead = {"lead_id": "l", "created_at": date(2026, 3, 1), "first_response_at": date(2026, 4, 9)}
    assert made(opportunities=OPEN, leads=[lead]).exported_on == date(2026, 3, 1)
    lead["converted_at"] = date(2026, 4, 2)
    assert made(opportunities=OPEN, leads=[lead]).exported_on == date(2026, 4, 2)


def test_activities_tell_the_day_where_nothing_else_is_dated(made) -> None:
    deals = [{"opportunity_id": "d", "stage": "Lead"}]
    company = made(opportunities=deals, activities=[call(TODAY)])
    assert company.exported_on == TODAY
    assert "planned" not in kinds(company)


@pytest.mark.parametrize("as_of", [None, TODAY])
def test_a_close_date_typed_wrong_hides_its_own_deal_only(made, as_of) -> None:
    slip = {**WON, "closed_at": SLIP}
    company = made(as_of=as_of, opportunities=[*OPEN, slip])
    assert company.exported_on == date(2026, 1, 3)
    answer = measure(company, "open.amount")
    assert answer.frame["value"].to_list() == [60000]
    assert answer.reasons.select("reason", "rows").rows() == [("no amount", 1)]
    assert measure(company, "won.count").frame["value"].to_list() == [0]
    (told,) = [n for n in company.notices if n.kind == "lonely_newest_day"]
    assert (told.values, told.rows) == ((str(SLIP),), 1)
    assert "closed_at of opportunities" in str(told)


def test_what_the_file_says_of_the_export_is_believed(made, settings) -> None:
    section = settings.workspace.model_copy(update={"exported_on": SLIP})
    own = settings.model_copy(update={"workspace": section})
    company = made(own=own, opportunities=[*OPEN, {**WON, "closed_at": SLIP}])
    assert company.as_of == company.exported_on == SLIP
    assert measure(company, "won.count").frame["value"].to_list() == [1]
    ahead = [{**WON, "opportunity_id": str(d), "closed_at": date(2026, 4, d)} for d in range(1, 9)]
    section = settings.workspace.model_copy(update={"exported_on": TODAY})
    own = settings.model_copy(update={"workspace": section})
    company = made(own=own, opportunities=[*OPEN, *ahead])
    assert measure(company, "open.amount").frame["value"].to_list() == [60000]
    assert kinds(company) & {"lonely_newest_day", "planned", "as_of_before_export"} == set()


def test_a_files_as_of_before_the_newest_day_is_told_and_stays_a_past_day(made, settings) -> None:
    """It is no word on the export: what was known then is not what the export says."""
    section = settings.workspace.model_copy(update={"as_of": date(2026, 3, 10)})
    own = settings.model_copy(update={"workspace": section})
    company = made(own=own, opportunities=[*OPEN, WON])
    assert measure(company, "open.amount").frame["value"].to_list() == [0]
    assert "as_of_before_export" in kinds(company)


def test_days_are_believed_by_how_many_there_are() -> None:
    first = date(2026, 1, 1)
    many = [first + timedelta(days=2 * n) for n in range(200)]
    a_year_late = many[-1] + timedelta(days=365)
    assert newest_believed([*many, a_year_late]) == many[-1]
    some = [a_year_late + timedelta(days=n) for n in range(10)]
    assert newest_believed([*many, *some]) == many[-1]
    lots = [a_year_late + timedelta(days=n) for n in range(11)]
    assert newest_believed([*many, *lots]) == lots[-1]
    apart = [date(2062, 3, 1), date(2062, 9, 1), date(2099, 1, 1)]
    assert newest_believed([*many, *apart]) == many[-1]
    assert newest_believed([first]) == first
    few = [first + timedelta(days=200 * n) for n in range(6)]
    assert newest_believed(few) == few[-1]


@pytest.mark.slow
@hypothesis_settings(max_examples=examples(6, tenfold=150))
@given(company=companies(), day=DAYS, data=st.data())
def test_a_day_is_inputs_that_end_there_whatever_lies_ahead(settings, company, day, data) -> None:
    """The as-of property, with slips and plans far ahead of everything."""
    for name, column in (("opportunities", "closed_at"), ("stage_events", "entered_at")):
        rows = [r for r in company[name] if r.get("outcome") != "open"]
        if rows and data.draw(st.booleans()):
            data.draw(st.sampled_from(rows))[column] = SLIP
    company["activities"].append(
        {**company["activities"][0], "activity_id": "plan", "happened_at": SLIP}
    )
    paid = dict.fromkeys(SCHEMAS["payments"])
    company["payments"].append({**paid, "payment_id": "sure", "date": START})
    believed = {
        name: [{c: None if v == SLIP else v for c, v in row.items()} for row in rows]
        for name, rows in company.items()
    }
    exported = newest(believed)
    steady = NEVER_CHANGED
    whole = company_from_frames(frames(company), settings, known_at_creation=steady)
    assert whole.exported_on == exported
    left = truncated(company, day, exported=exported)
    cut = company_from_frames(frames(left), settings, as_of=day, known_at_creation=steady)
    then = whole.at(day)
    for name in SCHEMAS:
        expected = cut.table(name).select(then.table(name).columns)
        assert_frame_equal(ordered(then.table(name)), ordered(expected))
    assert_frame_equal(ordered(then.stints), ordered(cut.stints))
