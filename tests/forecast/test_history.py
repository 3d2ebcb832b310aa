"""A history is what rows cut at the origin by other code say, and nothing later."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.forecast import History, history_of, reps_of
from spm_lib.forecast.horizon import date_of, day_number
from spm_lib.model import Company, company_from_frames
from tests.forecast.conftest import settings, simulated
from tests.forecast.oracles import open_on, won_rows

ORIGINS = [date(2024, 5, 31), date(2025, 2, 10), date(2026, 8, 31)]


def cut(frames: dict[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """Cut the raw rows at a day: later events and deals vanish, deals stand as history tells."""
    events = frames["stage_events"].filter(pl.col("entered_at").cast(pl.Date) <= day)
    last = (
        events.sort("opportunity_id", "entered_at", "seq")
        .group_by("opportunity_id")
        .agg(
            pl.col("stage", "amount", "rep_id", "expected_close").drop_nulls().last(),
            moved=pl.col("entered_at").last(),
        )
    )
    deals = frames["opportunities"].filter(pl.col("created_at").cast(pl.Date) <= day)
    told = deals.drop("stage", "amount", "rep_id", "expected_close").join(
        last, on="opportunity_id", how="left"
    )
    closed = pl.col("stage").str.starts_with("Closed")
    told = told.with_columns(closed_at=pl.when(closed).then(pl.col("moved").cast(pl.Date)))
    return {**frames, "opportunities": told.drop("moved"), "stage_events": events}


def told(history: History) -> dict[str, list]:
    ids = np.array(history.deal_ids)
    won = zip(
        ids[history.won.deal], history.won.day, history.won.rep, history.won.amount, strict=True
    )
    open_ = history.open
    there = zip(ids[open_.deal], open_.rep, open_.stage, open_.entered, open_.amount, strict=True)
    return {"won": sorted(map(tuple, won)), "open": sorted(map(tuple, there))}


@pytest.mark.parametrize("origin", ORIGINS, ids=str)
def test_it_is_the_history_of_rows_cut_at_the_origin(tiny: Company, origin: date) -> None:
    reps = reps_of(tiny)
    seen = told(history_of(tiny.at(origin), reps=reps))
    alone = company_from_frames(cut(simulated("tiny", 1), origin), settings(), as_of=origin)
    assert seen == told(history_of(alone, reps=reps))
    assert seen["won"]
    assert seen["open"]


@pytest.mark.parametrize("origin", ORIGINS, ids=str)
def test_open_and_won_deals_by_a_loop(tiny: Company, origin: date) -> None:
    known = tiny.at(origin)
    history = history_of(known, reps=reps_of(tiny))
    rows = {d["opportunity_id"]: d for d in known.table("opportunities").to_dicts()}
    still = {d for d, row in rows.items() if row["outcome"] == "open"}
    states = {d: s for d, s in open_on(known, origin).items() if d in still}
    open_ = history.open
    found = {
        history.deal_ids[deal]: (stage, date_of(entered), amount)
        for deal, stage, entered, amount in zip(
            open_.deal, open_.stage, open_.entered, open_.amount, strict=True
        )
    }
    assert found == {d: (s["rank"], s["entered"], s["amount"]) for d, s in states.items()}
    assert sorted(history.won.amount) == sorted(r["amount"] for r in won_rows(known))


@pytest.mark.parametrize("origin", ORIGINS, ids=str)
def test_nothing_in_it_is_later_than_the_origin(tiny: Company, origin: date) -> None:
    history = history_of(tiny.at(origin), reps=reps_of(tiny))
    day = day_number(origin)
    assert history.origin == day
    assert history.won.day.max() <= day
    assert history.states.since.max() <= day
    assert history.won.created.max() <= day
    assert history.open.entered.max() <= day


def test_without_a_history_past_open_deals_have_no_stage(tiny: Company) -> None:
    frames = {k: v for k, v in simulated("tiny", 1).items() if k != "stage_events"}
    company = company_from_frames(frames, settings(), as_of=tiny.as_of)
    past = history_of(company.at(date(2025, 2, 10)), reps=reps_of(company))
    assert past.stages == 0
    assert not past.open.priced.any()
    assert not past.states.deal.size
    assert past.won.day.size
