"""States kept week by week are a history: they bring a plain export to the top of the ladder."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from spm_lib.forecast import history_of, method_named, months_ahead, reps_of
from spm_lib.model import Company, company_from_frames
from tests.forecast.conftest import MIDDLE, settings, simulated

LAST = date(2026, 9, 28)
WEEKS = [LAST - timedelta(weeks=n) for n in range(110, -1, -1)]
STAGES = ["Lead", "Qualified", "Proposal", "Negotiation"]


@pytest.fixture(scope="module")
def kept(middle: Company) -> Company:
    """The deals as somebody looked at them every Monday, side by side, and no other history."""
    states = []
    for week in WEEKS:
        deals = middle.at(week).table("opportunities")
        there = deals.filter(
            (pl.col("closed_on") > week - timedelta(weeks=1)).fill_null(value=True)
        )
        states.append(
            there.select(
                "opportunity_id",
                "stage",
                "rep_id",
                "expected_close",
                entered_at=pl.lit(week),
                amount=(pl.col("amount").cast(pl.Decimal(20, 2)) / 100).cast(pl.Decimal(20, 2)),
            )
        )
    frames = simulated(MIDDLE, 7)
    frames["stage_events"] = pl.concat(states)
    return company_from_frames(frames, settings(), as_of=LAST)


def test_the_deals_of_a_past_week_are_those_looked_at(kept: Company, middle: Company) -> None:
    reps = reps_of(middle)
    for week in (WEEKS[30], WEEKS[100]):
        mine, true = (history_of(c.at(week), reps=reps) for c in (kept, middle))
        stages = [
            {h.deal_ids[d]: s for d, s in zip(h.open.deal, h.open.stage, strict=True)}
            for h in (mine, true)
        ]
        assert stages[0] == stages[1]
        assert len(stages[0]) > 50
        assert mine.stages == len(STAGES)


def test_models_of_stages_are_offered_and_learn_nearly_the_same(
    kept: Company, middle: Company
) -> None:
    horizon = months_ahead(kept.calendar, WEEKS[100], months=3)
    reps, totals = reps_of(middle), []
    for company in (kept, middle):
        history = history_of(company.at(WEEKS[100]), reps=reps)
        for name in ("snapshot_conversion", "multi_state", "hazard"):
            assert method_named(name).lacks(history, horizon) is None
        totals.append(method_named("hybrid").fit(history).expect(horizon)["open"].sum())
    assert totals[0] == pytest.approx(totals[1], rel=0.15)
