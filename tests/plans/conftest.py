"""A small simulated company, and a scenario of its next year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from spm_lib.model import Company, company_from_frames
from spm_lib.plans import Basis, Planner, Share, TargetPlan, TargetScenario
from spm_lib.simulate import frames, in_major_units, preset_of
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
TABLES = ("opportunities", "stage_events", "reps", "memberships")
AS_OF = date(2026, 9, 30)
SMALL = replace(preset_of("clean"), opportunities=700, seats=6, teams=2, movers=1, accounts=100)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company, in a folder of its own."""
    file = tmp_path_factory.mktemp("client") / "spm.toml"
    made = in_major_units(frames(SMALL, 5))
    found = {name: made[name] for name in TABLES}
    return company_from_frames(found, settings_from_text(TEXT, path=file), as_of=AS_OF)


@pytest.fixture(scope="session")
def scenario() -> TargetScenario:
    basis = Basis(
        as_of=AS_OF,
        start=date(2027, 1, 1),
        end=date(2028, 1, 1),
        target=800_000_000,
        step=100_000,
    )
    share = Share(
        weights={"history": 0.6, "even": 0.2, "pipeline": 0.2}, over_assignment=(0.05, 0.1)
    )
    return TargetScenario(name="Next year", currency="ILS", basis=basis, share=share)


@pytest.fixture(scope="session")
def planner(company: Company) -> Planner:
    return Planner(company)


@pytest.fixture(scope="session")
def plan(planner: Planner, scenario: TargetScenario) -> TargetPlan:
    return planner.plan(scenario, draws=2_000)
