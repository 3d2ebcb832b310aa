"""A company of ten deals to try metrics on; the dictionary's worked examples are its figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection

AS_OF = date(2026, 3, 31)
_DEALS = """
d1  ann a1 1200 Won      2026-01-05 2026-02-04 2026-02-10 -
d2  ann a1  800 Won      2026-01-12 2026-03-03 2026-02-28 -
d3  ann a2  500 Lost     2026-01-20 2026-02-16 2026-03-15 price
d4  ann a3 2000 Proposal 2026-02-09 -          2026-03-31 -
d5  ann a3    - Won      2026-02-11 2026-03-13 2026-03-20 -
d6  ben a4  700 Lost     2026-01-08 2026-03-09 2026-03-01 price
d7  ben a4  900 Lost     2026-01-15 2026-01-15 2026-02-20 timing
d8  ben a5 1500 Won      2026-01-18 2026-03-19 2026-03-25 -
d9  ben a5  600 Lead     2026-03-02 -          2026-04-30 -
d10 ben a6 1100 Lead     2026-03-16 -          -          -
"""
_EVENTS = """
d1 2026-01-05 Lead|d1 2026-01-19 Proposal|d1 2026-02-04 Won
d2 2026-01-12 Lead|d2 2026-02-01 Proposal|d2 2026-02-10 Lead|d2 2026-02-20 Proposal
d2 2026-03-03 Won
d3 2026-01-20 Lead|d3 2026-02-02 Proposal|d3 2026-02-16 Lost
d4 2026-02-09 Lead|d4 2026-03-01 Proposal
d5 2026-02-11 Lead|d5 2026-03-13 Won
d6 2026-01-08 Lead|d6 2026-03-09 Lost
d7 2026-01-15 Lost
d8 2026-01-18 Proposal|d8 2026-03-19 Won
d9 2026-03-02 Lead
d10 2026-03-16 Lead
"""
_ACTIVITIES = """
ann call 2026-01-06|ann call 2026-01-13|ann call 2026-02-10|ann meeting 2026-01-15
ann meeting 2026-02-20|ann proposal 2026-01-19|ann proposal 2026-02-20
ben call 2026-01-09|ben call 2026-01-19|ben call 2026-03-03|ben call 2026-03-17
ben meeting 2026-01-22|ben proposal 2026-01-25|ben email 2026-03-18
"""
_ORDERS = """
o1 1 ann a1 2026-02-05 700 300|o1 2 ann a1 2026-02-05 500 250|o2 1 ann a1 2026-03-05 800 450
o3 1 ben a5 2026-03-20 1500 700|o4 1 ben a5 2026-03-28 - -
"""
_COSTS = """
2026-01-01 salaries ann 200|2026-01-01 salaries ben 200|2026-02-01 salaries ann 200
2026-02-01 salaries ben 200|2026-03-01 salaries ann 200|2026-03-01 salaries ben 200
2026-03-01 commission ann 100|2026-03-01 commission ben 75|2026-02-01 travel ben 25
2026-01-01 tools - 100
"""
_REPS = "ann Ann 2024-05-01|ben Ben 2026-01-15"


def example_company(*, engine: str = "polars") -> Company:
    """Return the example: two people and ten deals with all that goes with them.

    As of 31 March 2026, in shekels, stages Lead, Proposal, Won, Lost.

    Examples
    --------
    >>> co = example_company()
    >>> co.table("opportunities").height, co.as_of
    (10, datetime.date(2026, 3, 31))
    """
    settings = Settings(
        path=Path("spm.toml"),
        workspace=WorkspaceSection(id="example", name="Example", currency="ILS"),
        pipelines={"default": Stages(open=("Lead", "Proposal"), won=("Won",), lost=("Lost",))},
    )
    return company_from_frames(_frames(), settings, as_of=AS_OF, engine=engine)


def _frames() -> dict[str, pl.DataFrame]:
    deals = (
        "opportunity_id rep_id account_id amount stage created_at closed_at expected_close "
        "lost_reason"
    )
    activities = _table("rep_id kind happened_at", _ACTIVITIES).with_row_index("activity_id")
    quarter = {"period_start": date(2026, 1, 1), "period_end": date(2026, 4, 1)}
    targets = [{"rep_id": rep, **quarter, "value": 4000} for rep in ("ann", "ben")]
    members = {"rep_id": ["ann", "ben"], "team": ["North", "South"], "manager_id": ["mia", "mia"]}
    return {
        "opportunities": _table(deals, _DEALS),
        "stage_events": _table("opportunity_id entered_at stage", _EVENTS),
        "activities": activities,
        "orders": _table("order_id line rep_id account_id date amount cost", _ORDERS),
        "costs": _table("period_start kind rep_id amount", _COSTS),
        "reps": _table("rep_id name hired_on", _REPS),
        "targets": pl.DataFrame(targets),
        "memberships": pl.DataFrame(members),
    }


def _table(columns: str, text: str) -> pl.DataFrame:
    rows = [row.split() for line in text.strip().splitlines() for row in line.split("|")]
    names = columns.split()
    data = {
        name: [None if row[i] == "-" else row[i] for row in rows] for i, name in enumerate(names)
    }
    return pl.DataFrame(data, schema=dict.fromkeys(names, pl.String))
