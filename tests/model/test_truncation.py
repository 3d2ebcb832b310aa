"""The as-of property: a company at D is the company made of inputs that end at D."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from spm_lib.model import company_from_frames
from tests.examples import examples
from tests.model.companies import (
    DATES,
    DAYS,
    NEVER_CHANGED,
    SCHEMAS,
    START,
    companies,
    frames,
    newest,
    truncated,
)

pytestmark = pytest.mark.slow


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns, nulls_last=True)


def late_evening(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables with moments at 23:30 on the wall clock, which is another day in UTC."""
    return {
        name: frame.with_columns(
            pl.col(c).cast(pl.Datetime("us")).dt.offset_by("23h30m").dt.replace_time_zone(ZONE)
            for c in frame.columns
            if c.endswith("_at")
        )
        for name, frame in tables.items()
    }


ZONE = "America/New_York"


@hypothesis_settings(max_examples=examples(8, tenfold=200), deadline=None)
@given(company=companies(), day=DAYS, instants=st.booleans())
def test_at_a_day_is_the_company_made_of_inputs_that_end_there(
    settings_of, company, day, instants
) -> None:
    settings = settings_of(timezone=ZONE)
    given_, left = frames(company), frames(truncated(company, day))
    if instants:
        given_, left = late_evening(given_), late_evening(left)
    steady = NEVER_CHANGED
    whole = company_from_frames(given_, settings, known_at_creation=steady)
    cut = company_from_frames(left, settings, as_of=day, known_at_creation=steady)
    then = whole.at(day)
    assert whole.exported_on == newest(company)
    for name in SCHEMAS:
        assert_frame_equal(
            ordered(then.table(name)),
            ordered(cut.table(name).select(then.table(name).columns)),
            check_row_order=True,
        )
    assert_frame_equal(ordered(then.stints), ordered(cut.stints))


@pytest.mark.parametrize("name", sorted({*SCHEMAS} - {"targets"}))
def test_the_truncation_forgets_something_in_every_table(name) -> None:
    """The oracle is not the identity."""
    later = START + timedelta(days=9)
    rows: dict[str, list[dict]] = {n: [] for n in SCHEMAS}
    rows["orders"] = [{**dict.fromkeys(SCHEMAS["orders"]), "date": START}]
    before = {**rows}
    column = {
        "opportunities": "created_at",
        "stage_events": "entered_at",
        "activities": "happened_at",
        "leads": "created_at",
        "orders": "date",
        "memberships": "valid_from",
        "reps": "hired_on",
        "splits": "recorded_at",
        **DATES,
    }[name]
    row = {**dict.fromkeys(SCHEMAS[name]), column: later, "opportunity_id": "d0"}
    rows[name] = [*rows[name], row]
    assert truncated(rows, START)[name] == before[name]
