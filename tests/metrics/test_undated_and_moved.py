"""Deals without dates, and people who moved: which window and which team a deal counts in."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames
from tests.metrics.companies import SETTINGS

START = date(2026, 1, 1)


def deal(name: str, stage: str = "Won", **more: object) -> dict[str, object]:
    row = {"opportunity_id": name, "rep_id": "a", "amount": 100, "stage": stage}
    closed = date(2026, 2, 1) if stage in ("Won", "Lost") else None
    return {**row, "created_at": START, "closed_at": closed, **more}


def table(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_velocity_sets_deals_without_dates_aside(engine: str) -> None:
    """A loss of 2019 without a close date was worked in every window for ever."""
    rows = [
        deal("x"),
        deal("l", "Lost", created_at=date(2019, 1, 1), closed_at=None),
        deal("u", "Lost", created_at=None, closed_at=None),
        deal("o", "Lead", created_at=None),
    ]
    co = company_from_frames({"opportunities": table(rows)}, SETTINGS, engine=engine)
    figure = measure(co, "velocity", window="2026-Q1").figures()[0]
    assert (figure.value, figure.n) == ("3.23", 1)
    aside = {reason: part.rows for reason, part in figure.receipt.set_aside.items()}
    assert aside == {"no close date": 2, "no created date": 1}


def moved() -> Company:
    """One rep, in North until mid-February and in South from then on."""
    change = date(2026, 2, 15)
    members = [
        {"rep_id": "a", "team": "North", "valid_from": date(2025, 1, 1), "valid_to": change},
        {"rep_id": "a", "team": "South", "valid_from": change, "valid_to": None},
    ]
    quarter = {"period_start": START, "period_end": date(2026, 4, 1)}
    due = date(2026, 3, 10)
    rows = [
        deal("x", closed_at=date(2026, 1, 20), expected_close=due),
        deal("o", "Lead", expected_close=due),
    ]
    frames = {
        "opportunities": table(rows),
        "memberships": table(members),
        "targets": table([{"rep_id": "a", **quarter, "value": 1000}]),
    }
    return company_from_frames(frames, SETTINGS, as_of="2026-03-05")


def test_coverage_credits_the_team_of_the_day_on_which_a_deal_was_won() -> None:
    """Won deals were put in the team of their expected close."""
    frame = measure(moved(), "coverage", by="team", window="2026-Q1").frame
    assert frame.select("team", "won", "open_due", "target").rows() == [
        ("North", 10_000, 0, 100_000),
        ("South", 0, 10_000, None),
    ]
    won = measure(moved(), "won.amount", by="team", window="2026-Q1").frame
    assert won.select("team", "value").rows() == [("North", 10_000), ("South", 0)]
