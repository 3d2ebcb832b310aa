"""Small made-up companies as plain rows, and their truncation at a day, in plain Python.

The truncation knows each table's own dates and shares no code with the library: it is the oracle of
the as-of property. ``frames(truncated(company, day))`` are inputs that end at ``day``.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import strategies as st

START = date(2026, 3, 20)
STAGES = ["Lead", "Proposal", "Talks", "Won", "Lost"]
OUTCOME = {"Lead": "open", "Proposal": "open", "Talks": "open", "Won": "won", "Lost": "lost"}
REPS = ["ann", "bob", None]
SCHEMAS = {
    "opportunities": {
        "opportunity_id": pl.String,
        "rep_id": pl.String,
        "account_id": pl.String,
        "amount": pl.Int64,
        "stage": pl.String,
        "outcome": pl.String,
        "created_at": pl.Date,
        "closed_at": pl.Date,
        "expected_close": pl.Date,
        "recorded_at": pl.Date,
        "next_step": pl.String,
        "lost_reason": pl.String,
        "Segment": pl.String,
    },
    "stage_events": {
        "opportunity_id": pl.String,
        "entered_at": pl.Date,
        "stage": pl.String,
        "seq": pl.Int64,
        "amount": pl.Int64,
        "expected_close": pl.Date,
        "rep_id": pl.String,
        "recorded_at": pl.Date,
    },
    "activities": {
        "activity_id": pl.String,
        "rep_id": pl.String,
        "kind": pl.String,
        "happened_at": pl.Date,
        "recorded_at": pl.Date,
    },
    "leads": {
        "lead_id": pl.String,
        "created_at": pl.Date,
        "rep_id": pl.String,
        "first_response_at": pl.Date,
        "converted_at": pl.Date,
        "opportunity_id": pl.String,
    },
    "orders": {
        "order_id": pl.String,
        "rep_id": pl.String,
        "date": pl.Date,
        "amount": pl.Int64,
        "invoiced_at": pl.Date,
    },
    "memberships": {
        "rep_id": pl.String,
        "team": pl.String,
        "manager_id": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    },
    "reps": {
        "rep_id": pl.String,
        "name": pl.String,
        "hired_on": pl.Date,
        "left_on": pl.Date,
    },
}


def truncated(company: dict[str, list[dict]], day: date) -> dict[str, list[dict]]:
    """Return the rows that somebody could have written down at the end of ``day``."""
    events = [e for e in company["stage_events"] if known(e, "entered_at", day)]
    return {
        "opportunities": [
            row
            for deal in company["opportunities"]
            if (row := _deal_upto(deal, company, events, day)) is not None
        ],
        "stage_events": events,
        "activities": [a for a in company["activities"] if known(a, "happened_at", day)],
        "leads": [lead_then(x, day) for x in company["leads"] if known(x, "created_at", day)],
        "orders": [
            {**o, "invoiced_at": upto(o["invoiced_at"], day)}
            for o in company["orders"]
            if known(o, "date", day)
        ],
        "memberships": [
            {**m, "valid_to": upto(m["valid_to"], day)}
            for m in company["memberships"]
            if known(m, "valid_from", day)
        ],
        "reps": [
            {**r, "left_on": upto(r["left_on"], day)}
            for r in company["reps"]
            if known(r, "hired_on", day)
        ],
    }


def known(row: dict, column: str, day: date) -> bool:
    return all(row.get(c) is None or row[c] <= day for c in (column, "recorded_at"))


def upto(value: date | None, day: date) -> date | None:
    return value if value is not None and value <= day else None


def lead_then(lead: dict, day: date) -> dict:
    converted = lead["converted_at"] is None or lead["converted_at"] <= day
    return {
        **lead,
        "first_response_at": upto(lead["first_response_at"], day),
        "converted_at": upto(lead["converted_at"], day),
        "opportunity_id": lead["opportunity_id"] if converted else None,
    }


def _deal_upto(
    deal: dict, company: dict[str, list[dict]], events: list[dict], day: date
) -> dict | None:
    if not known(deal, "created_at", day):
        return None
    if day >= newest(company):
        return deal
    return deal_then(deal, company["stage_events"], events, day)


def deal_then(deal: dict, all_events: list[dict], events: list[dict], day: date) -> dict | None:
    """Return a deal's row as it would have been written at the end of ``day``; None: unknown."""
    mine = sorted(
        (e for e in events if e["opportunity_id"] == deal["opportunity_id"]),
        key=lambda e: (e["entered_at"], e["seq"]),
    )
    everything = [e for e in all_events if e["opportunity_id"] == deal["opportunity_id"]]
    state = replay(mine)
    closed_on = deal["closed_at"]
    if closed_on is None and state and state["outcome"] == deal["outcome"] != "open":
        closed_on = state["closed_at"]
    quiet = all(known(e, "entered_at", day) for e in everything)
    if deal["outcome"] != "open" and closed_on is not None and closed_on <= day and quiet:
        return deal
    if state is None:
        dateless = deal["created_at"] is None
        dateless = dateless or (deal["outcome"] != "open" and deal["closed_at"] is None)
        if dateless:
            return None
    blank = dict.fromkeys(deal)
    kept = {c: deal[c] for c in ("opportunity_id", "created_at", "recorded_at", "Segment")}
    return {**blank, "outcome": "open", **kept, **(state or {})}


def replay(events: list[dict]) -> dict | None:
    """Walk a deal's changes one by one."""
    if not events:
        return None
    now: dict = dict.fromkeys(("stage", "outcome", "amount", "rep_id", "expected_close"))
    credit = None
    for event in events:
        for column in ("amount", "rep_id", "expected_close"):
            if event[column] is not None:
                now[column] = event[column]
        if event["stage"] is not None:
            outcome = OUTCOME[event["stage"]]
            if outcome != now["outcome"]:
                closed, credit = event["entered_at"], now["rep_id"]
            now.update(stage=event["stage"], outcome=outcome)
    if now["outcome"] in ("won", "lost"):
        return {**now, "closed_at": closed, "rep_id": credit}
    return {**now, "outcome": now["outcome"] or "open", "closed_at": None}


def newest(company: dict[str, list[dict]]) -> date:
    """Return the newest thing that happened, by reading every row."""
    days = []
    for deal in company["opportunities"]:
        days += [deal["created_at"], deal["recorded_at"]]
        days += [deal["closed_at"]] if deal["outcome"] != "open" else []
    for event in company["stage_events"]:
        days += [event["entered_at"], event["recorded_at"]]
    for activity in company["activities"]:
        days += [activity["happened_at"], activity["recorded_at"]]
    for lead in company["leads"]:
        days += [lead["created_at"], lead["first_response_at"], lead["converted_at"]]
    for order in company["orders"]:
        days += [order["date"], order["invoiced_at"]]
    return max(d for d in days if d is not None)


DAYS = st.integers(0, 20).map(lambda n: START + timedelta(days=n))
MAYBE = st.none() | DAYS
REP = st.sampled_from(REPS)
AMOUNT = st.none() | st.integers(1, 9)


@st.composite
def deals(draw: st.DrawFn) -> dict[str, list[dict]]:
    """Deals with and without history: reopened, skipping, returning, undated, recorded late."""
    rows, events = [], []
    for n in range(draw(st.integers(1, 6))):
        key = f"d{n}"
        stage = draw(st.sampled_from(STAGES))
        created = draw(MAYBE)
        for seq in range(draw(st.integers(0, 5))):
            entered = draw(DAYS)
            late = draw(st.booleans()) and draw(st.booleans())
            events.append(
                {
                    "opportunity_id": key,
                    "entered_at": entered,
                    "stage": draw(st.sampled_from([*STAGES, None])) if seq else stage,
                    "seq": seq,
                    "amount": draw(AMOUNT),
                    "expected_close": draw(MAYBE),
                    "rep_id": draw(REP),
                    "recorded_at": entered + timedelta(days=draw(st.integers(0, 6)))
                    if late
                    else None,
                }
            )
        rows.append(
            {
                "opportunity_id": key,
                "rep_id": draw(REP),
                "account_id": draw(st.sampled_from(["x", None])),
                "amount": draw(AMOUNT),
                "stage": stage,
                "outcome": OUTCOME[stage],
                "created_at": created,
                "closed_at": draw(MAYBE) if OUTCOME[stage] != "open" else None,
                "expected_close": draw(MAYBE),
                "recorded_at": draw(MAYBE) if draw(st.booleans()) else None,
                "next_step": "call",
                "lost_reason": draw(st.sampled_from(["price", None])),
                "Segment": draw(st.sampled_from(["big", "small"])),
            }
        )
    return {"opportunities": rows, "stage_events": events}


@st.composite
def companies(draw: st.DrawFn) -> dict[str, list[dict]]:
    made = draw(deals())
    count = st.integers(0, 3)
    made["activities"] = [
        {
            "activity_id": f"a{n}",
            "rep_id": draw(REP),
            "kind": "call",
            "happened_at": draw(DAYS) if n else START,
            "recorded_at": draw(MAYBE) if n else None,
        }
        for n in range(1 + draw(count))
    ]
    made["leads"] = [
        {
            "lead_id": f"l{n}",
            "created_at": draw(DAYS),
            "rep_id": draw(REP),
            "first_response_at": draw(MAYBE),
            "converted_at": draw(MAYBE),
            "opportunity_id": draw(st.sampled_from(["d0", None])),
        }
        for n in range(draw(count))
    ]
    made["orders"] = [
        {
            "order_id": f"o{n}",
            "rep_id": draw(REP),
            "date": draw(DAYS),
            "amount": draw(AMOUNT),
            "invoiced_at": draw(MAYBE),
        }
        for n in range(draw(count))
    ]
    made["memberships"] = [
        {
            "rep_id": draw(st.sampled_from(["ann", "bob"])),
            "team": draw(st.sampled_from(["north", "south"])),
            "manager_id": "mo",
            "valid_from": draw(MAYBE),
            "valid_to": draw(MAYBE),
        }
        for n in range(draw(count))
    ]
    made["reps"] = [
        {"rep_id": r, "name": r.title(), "hired_on": draw(MAYBE), "left_on": draw(MAYBE)}
        for r in ("ann", "bob")
    ]
    return made


def frames(company: dict[str, list[dict]]) -> dict[str, pl.DataFrame]:
    return {
        name: pl.DataFrame(
            [{c: row.get(c) for c in schema} for row in company[name]], schema=schema, orient="row"
        )
        for name, schema in SCHEMAS.items()
    }
