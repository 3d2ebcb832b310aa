"""Simulated companies as the model sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import Preset, frames, preset_of
from spm_lib.workspace import Settings, settings_from_text

TEXT = """
version = 1
[workspace]
id = "simulated"
name = "Simulated"
currency = "ILS"
[stages]
open = ["Lead", "Qualified", "Proposal", "Negotiation"]
won = ["Closed Won"]
lost = ["Closed Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", stage = "stage" }
"""
MONEY = {"opportunities": "amount", "stage_events": "amount", "targets": "value"}
TABLES = ("opportunities", "stage_events", "reps", "memberships", "targets")


def settings() -> Settings:
    return settings_from_text(TEXT)


def simulated(preset: str | Preset, seed: int) -> dict[str, pl.DataFrame]:
    """The frames of a simulated company in major units, as ``company_from_frames`` takes them."""
    made = frames(preset, seed)
    found = {name: made[name] for name in TABLES}
    for name, column in MONEY.items():
        major = pl.col(column).cast(pl.Decimal(20, 2)) / 100
        found[name] = found[name].with_columns(major.cast(pl.Decimal(20, 2)).alias(column))
    return found


def company_of(preset: str | Preset, seed: int, *, as_of: date | None = None) -> Company:
    return company_from_frames(simulated(preset, seed), settings(), as_of=as_of)


MIDDLE = replace(preset_of("clean"), opportunities=2500)


@pytest.fixture(scope="session")
def middle() -> Company:
    """2,500 deals: enough to learn a hazard from."""
    return company_of(MIDDLE, 7, as_of=date(2026, 9, 30))


@pytest.fixture(scope="session")
def tiny() -> Company:
    """400 deals of 6 seats, with stage history."""
    return company_of("tiny", 1, as_of=date(2026, 9, 30))
