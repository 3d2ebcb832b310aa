"""Whom reports are for, and that each has a folder of its own on every system."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import ParameterError
from spm_lib.model import company_from_frames
from spm_lib.reports import RepsPage, find_notebook
from spm_lib.reports.runs.planning import Plan, Request
from spm_lib.reports.scopes import alike
from tests.metrics.companies import SETTINGS

pytestmark = pytest.mark.slow

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


def test_a_comparison_of_one_person_claims_nothing(sample_workspace) -> None:
    page = RepsPage(sample_workspace, scope="rep:R01", language="en")
    assert page.key_figures().tiles == ()
    parts = [page.rates(), page.chance(), page.table_of_people(), page.aspects(), page.mix()]
    for part in parts:
        told = " ".join(s.text for block in part.blocks for s in getattr(block, "sentences", ()))
        assert told == "There is nobody to compare: Only one person closed deals in this window."
        assert all(block.type == "text" for block in part.blocks)


def test_the_whole_of_a_team_is_not_called_the_company(sample_workspace) -> None:
    def first_rows(scope: str) -> set[str]:
        mix = RepsPage(sample_workspace, scope=scope, language="en").mix()
        tables = [block for block in mix.blocks if block.type == "table"]
        return {table.rows[0][0].text for table in tables}

    assert first_rows("company") == {"Company"}
    assert first_rows("team:צפון") == {"These people together"}


def test_each_of_nobody_is_refused_and_not_made_the_company(bare_client, tmp_path) -> None:
    plan = Plan(bare_client, as_of=None, output=tmp_path)
    with pytest.raises(ParameterError, match="--each manager finds none"):
        plan.jobs(Request("manager", each="manager"), find_notebook("manager"))
