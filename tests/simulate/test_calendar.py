"""Nobody works on a Friday, a Saturday or a holiday, and nothing is known after the export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core import WorkCalendar
from spm_lib.simulate import PRESETS, frames, make_world
from spm_lib.simulate.records import make_records
from spm_lib.simulate.truth import deal_truth

pytestmark = pytest.mark.slow

DATED = {
    "opportunities": ["created_at", "closed_at"],
    "stage_events": ["entered_at"],
    "activities": ["happened_at"],
    "leads": ["created_at", "first_response_at", "converted_at"],
}


@pytest.mark.parametrize("preset", ["sample", "rep_churn", "zombies", "rep_is_region"])
def test_everything_happens_on_working_days(preset: str) -> None:
    calendar, company = WorkCalendar(), frames(preset, 4)
    for table, columns in DATED.items():
        for column in columns:
            values = company[table][column].drop_nulls()
            if values.dtype != pl.Date:
                values = values.dt.convert_time_zone("Asia/Jerusalem")
                assert values.dt.hour().is_between(8, 17).all()
                values = values.dt.date()
            off = [day for day in values.unique() if not calendar.is_working_day(day)]
            assert not off, (table, column, off[:5])
            assert values.max() <= PRESETS[preset].as_of
            assert values.min() >= PRESETS[preset].start


def test_the_history_of_a_deal_runs_forward(clean) -> None:
    events = clean["stage_events"].with_columns(
        pl.col("entered_at").diff().over("opportunity_id").alias("step"),
        pl.col("seq").diff().over("opportunity_id").alias("turn"),
    )
    assert (events["step"].drop_nulls().dt.total_seconds() >= 0).all()
    assert (events["turn"].drop_nulls() == 1).all()


def test_an_activity_belongs_to_whoever_owned_the_deal_then(clean) -> None:
    done = clean["activities"].filter(pl.col("opportunity_id").is_not_null()).sort("happened_at")
    owners = clean["stage_events"].sort("entered_at", "seq").rename({"rep_id": "owner"})
    then = done.join_asof(
        owners,
        left_on="happened_at",
        right_on="entered_at",
        by="opportunity_id",
        check_sortedness=False,
    )
    assert (then["owner"] == then["rep_id"]).mean() > 0.9999  # minutes are cut off


def test_an_activity_falls_into_the_life_of_its_deal(clean) -> None:
    done = clean["activities"].join(clean["opportunities"], on="opportunity_id")
    day = done["happened_at"].dt.convert_time_zone("Asia/Jerusalem").dt.date()
    assert (day >= done["created_at"]).all()
    assert (day <= done["closed_at"].fill_null(date(2026, 9, 30))).all()


def test_leavers_do_nothing_after_they_left(clean) -> None:
    company = frames("rep_churn", 4)
    people = company["reps"].filter(pl.col("left_on").is_not_null())
    assert people.height > 20
    for table, column in (("activities", "happened_at"), ("stage_events", "entered_at")):
        late = (
            company[table]
            .join(people, on="rep_id")
            .filter(
                pl.col(column).dt.convert_time_zone("Asia/Jerusalem").dt.date() >= pl.col("left_on")
            )
        )
        assert late.is_empty()


def test_memberships_cover_every_rep_without_gap_or_overlap(clean) -> None:
    spells = (
        clean["memberships"]
        .sort("rep_id", "valid_from")
        .with_columns(pl.col("valid_from").shift(-1).over("rep_id").alias("next"))
    )
    inner = spells.filter(pl.col("next").is_not_null())
    assert (inner["next"] == inner["valid_to"]).all()
    ends = spells.filter(pl.col("next").is_null()).join(clean["reps"], on="rep_id")
    assert ends["valid_to"].eq_missing(ends["left_on"]).all()
    assert set(spells["rep_id"]) == set(clean["reps"].filter(pl.col("role") == "rep")["rep_id"])
    assert set(spells["manager_id"]) == set(
        clean["reps"].filter(pl.col("role") == "manager")["rep_id"]
    )
    assert inner.height >= 3  # movers, and a team whose manager changed


def test_first_week_behaviours_are_in_the_activities() -> None:
    calendar, preset = WorkCalendar(), replace(PRESETS["clean"], opportunities=2500)
    world = make_world(preset, 4)
    records = make_records(world, np.arange(preset.opportunities))
    truth = deal_truth(world, records).select(
        "opportunity_id",
        "created",
        "fast_follow_up",
        "discovery_meeting",
        "early_emails",
        "early_demo",
    )
    local = pl.col("happened_at").dt.convert_time_zone("Asia/Jerusalem")
    share = (local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute() - 480 + 0.5) / 600
    done = records.activities.join(truth, on="opportunity_id").with_columns(
        day=local.dt.date(), moment=local.dt.date().cast(pl.Int32) + share
    )
    week = done.filter(pl.col("moment") < pl.col("created") + 7)
    for kind, name in (
        ("call", "fast_follow_up"),
        ("meeting", "discovery_meeting"),
        ("email", "early_emails"),
        ("demo", "early_demo"),
    ):
        counts = week.filter(pl.col("kind") == kind).group_by("opportunity_id").len()
        both = truth.join(counts, on="opportunity_id", how="left").with_columns(
            pl.col("len").fill_null(0)
        )
        assert (both["len"] == both[name]).mean() > 0.99  # but for minutes, and closes undone
        assert (both["len"] <= both[name]).all()
    calls = week.filter(pl.col("kind") == "call")
    since = calls.select(pl.col("created").cast(pl.Int32).cast(pl.Date), "day").rows()
    waits = [calendar.working_days(created, day) for created, day in since]
    assert max(waits) <= 2


def test_costs_follow_the_people(clean) -> None:
    salaries = clean["costs"].filter(pl.col("kind") == "salaries")
    for month, team, amount in salaries.select("period_start", "team", "amount").rows():
        there = clean["memberships"].filter(
            (pl.col("team") == team)
            & (pl.col("valid_from") <= month)
            & (pl.col("valid_to").is_null() | (pl.col("valid_to") > month))
        )
        assert amount == there.height * 24_000 * 100
