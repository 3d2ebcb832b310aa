"""Who is where on a day: against a loop over the rows, ends and starts included."""

from __future__ import annotations

from datetime import date, timedelta

from spm_lib.model import members_on, places_on
from tests.metrics.companies import company, random_facts


def test_memberships_hold_from_their_first_day_up_to_their_last_not_included() -> None:
    co = company(random_facts(7, deals=20))
    rows = co.table("memberships").to_dicts()
    assert len({row["valid_from"] for row in rows}) > 1
    edges = {d for row in rows for d in (row["valid_from"], row["valid_to"]) if d}
    for day in sorted({d + timedelta(step) for d in edges for step in (-1, 0, 1)} | {co.as_of}):
        held = [
            row
            for row in rows
            if (row["valid_from"] or date.min) <= day < (row["valid_to"] or date.max)
        ]
        assert members_on(co, day).to_dicts() == held
        last: dict[str, dict] = {}
        for row in sorted(held, key=lambda row: row["valid_from"] or date.min):
            last[row["rep_id"]] = {k: row[k] for k in ("rep_id", "team", "manager_id")}
        assert places_on(co, day).to_dicts() == [last[rep] for rep in sorted(last)]
    assert members_on(co).equals(members_on(co, co.as_of))
