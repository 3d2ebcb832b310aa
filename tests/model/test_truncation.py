"""The as-of property: a company at D is the company made of inputs that end at D."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from polars.testing import assert_frame_equal

from spm_lib.model import company_from_frames
from tests.model.companies import DAYS, SCHEMAS, START, companies, frames, newest, truncated


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns, nulls_last=True)


@hypothesis_settings(max_examples=120, deadline=None)
@given(company=companies(), day=DAYS)
def test_at_a_day_is_the_company_made_of_inputs_that_end_there(settings, company, day) -> None:
    whole = company_from_frames(frames(company), settings)
    cut = company_from_frames(frames(truncated(company, day)), settings, as_of=day)
    then = whole.at(day)
    assert whole.exported_on == newest(company)
    for name in SCHEMAS:
        assert_frame_equal(
            ordered(then.table(name)),
            ordered(cut.table(name).select(then.table(name).columns)),
            check_row_order=True,
        )
    assert_frame_equal(ordered(then.stints), ordered(cut.stints))


@pytest.mark.parametrize("name", list(SCHEMAS))
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
    }[name]
    row = {**dict.fromkeys(SCHEMAS[name]), column: later, "opportunity_id": "d0"}
    rows[name] = [*rows[name], row]
    assert truncated(rows, START)[name] == before[name]
