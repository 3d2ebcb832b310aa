"""Whom reports are for, and that each has a folder of its own on every system."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.model import company_from_frames
from spm_lib.reports.scopes import alike
from tests.metrics.companies import SETTINGS

FACTS = [
    {
        "opportunity_id": f"o{n}",
        "rep_id": rep,
        "stage": "Lead",
        "segment": segment,
        "created_at": date(2026, 3, 1),
    }
    for n, (rep, segment) in enumerate([("a1B", "Retail"), ("a1b", "retail"), ("C2", "Public")])
]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("rep:a1B", True),
        ("rep:a1b", True),
        ("rep:C2", False),
        ("segment=Retail", True),
        ("segment=Public", False),
        ("company", False),
    ],
)
def test_scopes_that_differ_in_capitals_only_are_told(scope: str, told: bool) -> None:
    """Ids of Salesforce differ in capitals; the file systems of Windows and macOS do not."""
    company = company_from_frames({"opportunities": pl.DataFrame(FACTS)}, SETTINGS)
    assert alike(company, scope) is told
