"""Naive second routes: rows and loops, no code of the room under test."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from spm_lib.model import Company

EPOCH = date(1970, 1, 1)


def won_rows(company: Company) -> list[dict]:
    deals = company.table("opportunities").to_dicts()
    return [d for d in deals if d["outcome"] == "won" and d["closed_on"] is not None]


def won_between(company: Company, start: date, end: date) -> dict[str, float]:
    """Won value per rep with the close in [start, end)."""
    found: dict[str, float] = defaultdict(float)
    for deal in won_rows(company):
        if start <= deal["closed_on"] < end:
            found[deal["rep_id"] or ""] += deal["amount"] or 0
    return found


def histories(company: Company) -> dict[str, list[dict]]:
    """The events of each deal in order, with stage and amount carried forward."""
    events: dict[str, list[dict]] = defaultdict(list)
    rows = company.table("stage_events").sort("opportunity_id", "entered_at", "seq").to_dicts()
    for row in rows:
        before = events[row["opportunity_id"]][-1] if events[row["opportunity_id"]] else {}
        state = {
            "day": row["entered_on"],
            "stage": row["stage"] or before.get("stage"),
            "rank": row["stage_rank"] if row["stage"] else before.get("rank"),
            "amount": row["amount"] if row["amount"] is not None else before.get("amount"),
        }
        same = before.get("rank") == state["rank"]
        state["entered"] = before["entered"] if before and same else state["day"]
        events[row["opportunity_id"]].append(state)
    return events


def state_on(events: list[dict], day: date) -> dict | None:
    """The last state at the end of a day."""
    known = [event for event in events if event["day"] <= day]
    return known[-1] if known else None


def open_on(company: Company, day: date, *, stages: int = 4) -> dict[str, dict]:
    """Deals that sat in an open stage at the end of a day."""
    found = {}
    known = set(company.table("opportunities")["opportunity_id"].to_list())
    for deal, events in histories(company).items():
        state = state_on(events, day)
        if deal in known and state is not None and 0 <= state["rank"] < stages:
            found[deal] = state
    return found


def days(count: int) -> timedelta:
    return timedelta(days=count)
