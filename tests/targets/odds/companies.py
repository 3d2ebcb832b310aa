"""Simulated companies as the model sees them."""

from __future__ import annotations

from datetime import date

from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import Preset, frames, in_major_units
from spm_lib.workspace import settings_from_text

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
TABLES = ("opportunities", "stage_events", "reps", "memberships", "activities")


def company_of(preset: Preset, seed: int, *, as_of: date) -> Company:
    """Return a simulated company with its activities, without leads and the rest."""
    made = in_major_units(frames(preset, seed))
    found = {name: made[name] for name in TABLES}
    return company_from_frames(found, settings_from_text(TEXT), as_of=as_of)
