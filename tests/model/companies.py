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
        "source": pl.String,
        "type": pl.String,
        "Segment": pl.String,
        "Result": pl.String,
        "month": pl.String,
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
        "source": pl.String,
        "Region": pl.String,
        "Status": pl.String,
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
    "payments": {
        "payment_id": pl.String,
        "rep_id": pl.String,
        "date": pl.Date,
        "amount": pl.Int64,
        "recorded_at": pl.Date,
    },
    "forecast_calls": {
        "rep_id": pl.String,
        "period_start": pl.Date,
        "submitted_at": pl.Date,
        "amount": pl.Int64,
    },
    "costs": {
        "period_start": pl.Date,
        "kind": pl.String,
        "rep_id": pl.String,
        "amount": pl.Int64,
    },
    "targets": {
        "rep_id": pl.String,
        "period_start": pl.Date,
        "period_end": pl.Date,
        "value": pl.Int64,
    },
    "fx_rates": {"currency": pl.String, "date": pl.Date, "rate": pl.String},
    "accounts": {"account_id": pl.String, "name": pl.String, "created_at": pl.Date},
    "splits": {
        "opportunity_id": pl.String,
        "order_id": pl.String,
        "rep_id": pl.String,
        "share": pl.Float64,
        "recorded_at": pl.Date,
    },
    "reps": {
        "rep_id": pl.String,
        "name": pl.String,
        "hired_on": pl.Date,
        "left_on": pl.Date,
    },
}


NEVER_CHANGED = {"opportunities": ["source", "Segment", "month"], "leads": ["Region"]}
DATES = {
    "payments": "date",
    "forecast_calls": "submitted_at",
    "costs": "period_start",
    "fx_rates": "date",
    "accounts": "created_at",
}


def truncated(
    company: dict[str, list[dict]], day: date, *, exported: date | None = None
) -> dict[str, list[dict]]:
    """Return the rows that somebody could have written down at the end of ``day``.

    ``exported`` is the day of the export; without it that of the newest thing that happened.
    """
    exported = exported or newest(company)
    events = [e for e in company["stage_events"] if known(e, "entered_at", day)]
    rows = [_deal_upto(d, company, events, day, exported) for d in company["opportunities"]]
    present = [row for row in rows if row is not None]
    sold = {r["opportunity_id"] for r in present if r["outcome"] != "open"}
    sold |= {o["order_id"] for o in company["orders"] if known(o, "date", day)}
    late = day >= exported
    return {
        **{
            name: [r for r in company[name] if known(r, column, day)]
            for name, column in DATES.items()
        },
        "targets": company["targets"],
        "splits": [
            s
            for s in company["splits"]
            if known(s, "recorded_at", day)
            and (late or s["recorded_at"] or {s["opportunity_id"], s["order_id"]} & sold)
        ],
        "opportunities": present,
        "stage_events": events,
        "activities": [a for a in company["activities"] if known(a, "happened_at", day)],
        "leads": [lead_then(x, day, late) for x in company["leads"] if known(x, "created_at", day)],
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


def lead_then(lead: dict, day: date, late: bool) -> dict:
    undated = lead["converted_at"] is None
    converted = (late and undated) or upto(lead["converted_at"], day) is not None
    return {
        **lead,
        "first_response_at": upto(lead["first_response_at"], day),
        "converted_at": upto(lead["converted_at"], day),
        **{c: lead[c] if converted else None for c in ("opportunity_id", "source", "Status")},
    }


def _deal_upto(
    deal: dict,
    company: dict[str, list[dict]],
    events: list[dict],
    day: date,
    exported: date,
) -> dict | None:
    if not known(deal, "created_at", day):
        return None
    mine = [e for e in company["stage_events"] if e["opportunity_id"] == deal["opportunity_id"]]
    closes_later = deal["closed_at"] is not None and deal["closed_at"] > day
    changes_later = closes_later or any(not known(e, "entered_at", day) for e in mine)
    if day >= exported and not changes_later:
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
    steady = ("opportunity_id", "created_at", "recorded_at", *NEVER_CHANGED["opportunities"])
    kept = {c: deal[c] for c in steady}
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
    """Return the newest thing that happened, by reading every row.

    Activities may be planned and answers promised, so that neither tells.
    """
    days = []
    for deal in company["opportunities"]:
        days += [deal["created_at"], deal["recorded_at"]]
        days += [deal["closed_at"]] if deal["outcome"] != "open" else []
    for event in company["stage_events"]:
        days += [event["entered_at"], event["recorded_at"]]
    for activity in company["activities"]:
        days += [activity["recorded_at"]]
    for lead in company["leads"]:
        days += [lead["created_at"], lead["converted_at"]]
    for order in company["orders"]:
        days += [order["date"], order["invoiced_at"]]
    for payment in company["payments"]:
        days += [payment["date"], payment["recorded_at"]]
    days += [call["submitted_at"] for call in company["forecast_calls"]]
    days += [split["recorded_at"] for split in company["splits"]]
    happened = [d for d in days if d is not None]
    return max(happened or [a["happened_at"] for a in company["activities"]])


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
                "source": draw(st.sampled_from(["web", "fair", None])),
                "type": draw(st.sampled_from(["new", "renewal"])),
                "Segment": draw(st.sampled_from(["big", "small"])),
                "Result": f"final {stage}",
                "month": draw(st.sampled_from(["first", "second"])),
            }
        )
    return {"opportunities": rows, "stage_events": events}


@st.composite
def others(draw: st.DrawFn) -> dict[str, list[dict]]:
    """Tables with one date each, and splits, which have none unless somebody entered it."""
    count = st.integers(0, 2)
    maker = {
        "payments": lambda n: {
            "payment_id": f"p{n}",
            "date": draw(DAYS),
            "recorded_at": draw(MAYBE),
        },
        "forecast_calls": lambda _: {"period_start": START, "submitted_at": draw(DAYS)},
        "costs": lambda _: {"kind": "pay", "period_start": draw(DAYS)},
        "targets": lambda n: {
            "period_start": START + timedelta(days=90 * n),
            "period_end": START + timedelta(days=90 * n + 90),
            "value": n,
        },
        "fx_rates": lambda n: {"currency": f"C{n}", "date": draw(DAYS), "rate": "1.5"},
        "accounts": lambda n: {"account_id": f"c{n}", "name": "C", "created_at": draw(MAYBE)},
        "splits": lambda n: {
            "opportunity_id": "d0" if n else None,
            "order_id": None if n else "o0",
            "share": 0.5,
            "recorded_at": draw(MAYBE),
        },
    }
    made = {}
    for name, make in maker.items():
        rows = [{**dict.fromkeys(SCHEMAS[name]), **make(n)} for n in range(draw(count))]
        for row in rows:
            if "rep_id" in row:
                row["rep_id"] = draw(st.sampled_from(["ann", "bob"]))
            if "amount" in row:
                row["amount"] = draw(AMOUNT)
        made[name] = rows
    return made


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
            "source": draw(st.sampled_from(["web", None])),
            "Region": draw(st.sampled_from(["north", None])),
            "Status": draw(st.sampled_from(["converted", "nurture"])),
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
    made |= draw(others())
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
    once = {(m["rep_id"], m["team"], m["valid_from"]): m for m in made["memberships"]}
    made["memberships"] = list(once.values())  # of one stay with two ends nobody knows which holds
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
