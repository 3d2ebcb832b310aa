"""A company of eight people, three years long: enough for every room to have something to say.

Rooms that compare people or forecast say nothing of three people and four months.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from spm_lib.model import Company, company_from_frames
from tests.metrics.companies import (
    OPEN,
    SETTINGS,
    Facts,
    Row,
    frames,
    random_costs,
    state_at,
    with_costs,
)

PEOPLE = tuple(f"r{number}" for number in range(1, 9))
BEGIN, AS_OF = date(2023, 4, 1), date(2026, 3, 31)


def long_facts(seed: int = 10, *, begin: date = BEGIN) -> Facts:
    """Return a company whose people win from a seventh to three quarters of their deals.

    Deals come in waves, which those who look at the open ones see and others do not.
    """
    rng = random.Random(seed)
    days = (AS_OF - begin).days
    begun = [
        begin + timedelta(30 * wave + rng.randrange(30))
        for wave in range(days // 30)
        for _ in range(rng.choice([1, 4, 12, 40]))
    ]
    made = [_deal(rng, n, day) for n, day in enumerate(begun)]
    return Facts(
        deals=made,
        activities=[_activity(rng, n, begin) for n in range(120)],
        orders=with_costs([_order(rng, n, begin) for n in range(90)], random.Random(seed + 3)),
        targets=_targets(),
        memberships=_memberships(),
        calls=_calls(random.Random(seed + 1)),
        costs=random_costs(random.Random(seed + 2), PEOPLE, (), first=date(2025, 11, 1)),
        as_of=AS_OF,
    )


def _deal(rng: random.Random, number: int, day: date) -> Row:
    rep = rng.randrange(len(PEOPLE))
    amount, events = rng.randrange(1_000, 30_000), []
    created, stage = day, OPEN[0]
    while day <= AS_OF:
        plan = day + timedelta(rng.randrange(10, 60))
        told = {"day": day, "stage": stage, "rep": PEOPLE[rep], "amount": amount}
        events.append({**told, "expected": plan, "seq": len(events)})
        if stage not in OPEN:
            break
        day += timedelta(rng.randrange(2, 25))
        stage = _next(rng, stage, wins=0.14 + 0.09 * rep)
    return {
        "id": f"d{number}",
        "account": f"a{rng.randrange(9)}",
        "segment": rng.choice(["small", "large"]) if rep % 2 else "small",
        "lost_reason": "price" if stage == "Lost" else None,
        "result": f"ended in {stage}",
        "created": created,
        "events": events,
    }


def _next(rng: random.Random, stage: str, *, wins: float) -> str:
    if stage == OPEN[-1]:
        return "Won" if rng.random() < wins else "Lost"
    if rng.random() < 0.05:
        return "Lost"
    if rng.random() < 0.05:
        return OPEN[0]  # once more from the start
    return OPEN[min(OPEN.index(stage) + rng.choice([1, 1, 1, 2]), len(OPEN) - 1)]


def _activity(rng: random.Random, number: int, begin: date) -> Row:
    kind = rng.choice(["call", "meeting", "proposal"])
    day = begin + timedelta(rng.randrange((AS_OF - begin).days))
    return {"id": f"t{number}", "rep": rng.choice(PEOPLE), "kind": kind, "day": day}


def _order(rng: random.Random, number: int, begin: date) -> Row:
    day = begin + timedelta(rng.randrange((AS_OF - begin).days))
    rep, amount = rng.choice(PEOPLE), rng.randrange(10, 900)
    return {"order": f"o{number // 2}", "line": str(number), "rep": rep, "day": day,
            "amount": amount}  # fmt: skip


def _targets() -> list[Row]:
    starts = [date(2023 + m // 12, m % 12 + 1, 1) for m in range(3, 52)]
    return [
        {"rep": rep, "start": start, "end": end, "metric": metric, "value": value}
        for metric, value in (("won.amount", 20_000), ("orders.amount", 20_000), ("won.count", 3))
        for rep in PEOPLE
        for start, end in pairwise(starts)
    ]


def _memberships() -> list[Row]:
    return [
        {"rep": rep, "team": team, "manager": f"m{team}", "from": BEGIN, "to": None}
        for number, rep in enumerate(PEOPLE)
        for team in ("North" if number % 2 else "South",)
    ]


def _calls(rng: random.Random) -> list[Row]:
    """Return a call per person, manager and quarter, twelve, six and two weeks before its end."""
    starts = [date(2023 + m // 12, m % 12 + 1, 1) for m in range(6, 43, 3)]
    return [
        {"rep": who, "start": start, "day": end - timedelta(weeks=weeks), "category": "commit",
         "amount": rng.randrange(20_000, 300_000)}
        for start, end in pairwise(starts)
        for weeks in (14, 12, 6, 2)
        for who in (*PEOPLE, "mNorth", "mSouth")
    ]  # fmt: skip


def undated_facts() -> Facts:
    """Return the same company without a history or a date of creation: only closings are known."""
    facts = long_facts()
    return replace(facts, history=False, deals=[{**d, "created": None} for d in facts.deals])


def young_facts() -> Facts:
    """Return a company of two years: it is forecast in half the time."""
    return long_facts(13, begin=date(2024, 4, 1))


def kept_states(*, day: date = AS_OF) -> Company:
    """Return the same company as states kept at the end of each month; every tenth deal is gone.

    It was deleted after the first state in which it stood. There is no table of deals but the log.
    """
    facts = long_facts()
    days = [date(2023 + m // 12, m % 12 + 1, 1) - timedelta(1) for m in range(4, 40)]
    days = [d for d in days if d <= day]
    rows = []
    for number, deal in enumerate(facts.deals):
        there = [d for d in days if d >= deal["created"]]
        for kept in there[:1] if number % 10 == 0 else there:
            now = state_at(deal, kept)
            told = {name: now[name] for name in ("stage", "amount")}
            plan = {"rep_id": now["rep"], "expected_close": now["expected"]}
            rows.append({"opportunity_id": deal["id"], "entered_at": kept, **told, **plan})
    events = pl.DataFrame(rows, schema_overrides={"expected_close": pl.Date})
    tables = {n: f for n, f in frames(facts, day=day).items() if n != "opportunities"}
    return company_from_frames(tables | {"stage_events": events}, SETTINGS, as_of=day)


def with_steps(*, day: date | None = None) -> Company:
    """Return the company whose export names the next step of every second deal.

    A step has no history: inputs cut at an earlier day do not know it.
    """
    made = frames(long_facts(), day=day)
    if day is None:
        deals = made["opportunities"].with_row_index("_n")
        step = pl.when(pl.col("_n") % 2 == 0).then(pl.lit("call"))
        made["opportunities"] = deals.with_columns(next_step=step).drop("_n")
    return company_from_frames(made, SETTINGS, as_of=day or AS_OF)


def with_hires(*, day: date | None = None) -> Company:
    """Return the company in which three of the eight were hired on the way."""
    hired = {"r6": date(2024, 3, 1), "r7": date(2025, 2, 1), "r8": date(2025, 11, 15)}
    reps = {"rep_id": PEOPLE, "hired_on": [hired.get(who, date(2020, 1, 1)) for who in PEOPLE]}
    made = {**frames(long_facts(), day=day), "reps": pl.DataFrame(reps)}
    return company_from_frames(made, SETTINGS, as_of=day or AS_OF)


def with_linked(*, day: date | None = None) -> Company:
    """Return the company whose activities are on deals."""
    made = frames(long_facts(), day=day)
    number = pl.col("activity_id").str.strip_prefix("t").cast(pl.Int64)
    deal = pl.format("d{}", number * 3)
    made["activities"] = made["activities"].with_columns(opportunity_id=deal)
    return company_from_frames(
        made, SETTINGS, as_of=day or AS_OF, known_at_creation={"opportunities": ["segment"]}
    )


def with_customers(*, day: date | None = None) -> Company:
    """Return the company whose orders name sixty customers and three products."""
    last = day or AS_OF
    made = frames(long_facts(), day=day) | {"orders": _customer_orders(last)}
    return company_from_frames(made, SETTINGS, as_of=last)


def _customer_orders(last: date) -> pl.DataFrame:
    rng = random.Random(4)
    rows = [
        {"order_id": f"c{n}", "line": "1", "rep_id": PEOPLE[n % 8], "account_id": f"a{n % 60}",
         "date": BEGIN + timedelta(rng.randrange((AS_OF - BEGIN).days)),
         "product_id": rng.choice(["saw", "oil", "oil", "file"]), "amount": rng.randrange(9, 99)}
        for n in range(180)
    ]  # fmt: skip
    orders = pl.DataFrame(rows, schema_overrides={"amount": pl.Int64})
    return orders.filter(pl.col("date") <= last)


TRAINED, SPIF = PEOPLE[::2], date(2025, 8, 1)
BOOKED = (  # kind and day of what is booked for the trained, beside the months of all costs
    ("SPIF", SPIF),  # its six months are over on 1 February 2026
    ("coaching", date(2025, 9, 20)),  # its six months are over on 20 March 2026
    ("training", date(2026, 3, 25)),  # the newest month of a training that began before
    ("SPIF", date(2026, 3, 15)),
)


def with_returns(*, day: date | None = None) -> Company:
    """Return the company with trainings, new customers and amounts that fall on the way.

    Those who took part sell five times as much from the SPIF on. Every deal is of a customer of
    its own, and the amount of every second one falls by a tenth with its third event.
    """
    facts, last = long_facts(), day or AS_OF
    booked = [{"day": on, "kind": kind, "rep": rep, "team": None, "amount": 60}
              for kind, on in BOOKED for rep in TRAINED]  # fmt: skip
    deals = [_fallen(deal) if n % 2 else deal for n, deal in enumerate(facts.deals)]
    deals = [{**deal, "account": f"a{n}"} for n, deal in enumerate(deals)]
    made = frames(replace(facts, deals=deals, costs=[*facts.costs, *booked]), day=day)
    lifted = pl.col("rep_id").is_in(TRAINED) & (pl.col("date") >= SPIF)
    amount = pl.when(lifted).then(pl.col("amount") * 5).otherwise("amount")
    orders = _customer_orders(last).with_columns(amount=amount)
    made["orders"] = orders.with_columns(cost=pl.col("amount") // 3)
    return company_from_frames(made, SETTINGS, as_of=last)


def _fallen(deal: Row) -> Row:
    events = [
        {**event, "amount": event["amount"] * 9 // 10 if event["seq"] >= 2 else event["amount"]}
        for event in deal["events"]
    ]
    return {**deal, "events": events}


def with_leads(*, day: date | None = None) -> Company:
    """Return the company with the leads of two years; some are answered late, or never.

    Of the large ones that are answered most become deals, of the small ones few.
    """
    rng = random.Random(5)
    rows = []
    for number in range(800):
        came = date(2024, 4, 1) + timedelta(rng.randrange(729))
        size = rng.choice(["small", "large"])
        answered = came + timedelta(rng.randrange(4)) if rng.random() < 0.8 else None
        sold = rng.random() < (0.8 if size == "large" else 0.2)
        made = answered + timedelta(rng.randrange(6)) if answered and sold else None
        told = {"created_at": came, "first_response_at": answered, "converted_at": made}
        seen = {k: v if v is None or day is None or v <= day else None for k, v in told.items()}
        rep, source = rng.choice(PEOPLE), rng.choice(["web", "fair"])
        if seen["created_at"]:
            known = {"rep_id": rep, "source": source, "size": size}
            rows.append({"lead_id": f"l{number}", **known, **seen})
    dates = ("created_at", "first_response_at", "converted_at")
    leads = pl.DataFrame(rows, schema_overrides=dict.fromkeys(dates, pl.Date))
    tables = frames(long_facts(), day=day) | {"leads": leads}
    return company_from_frames(
        tables, SETTINGS, as_of=day or AS_OF, known_at_creation={"leads": ["source", "size"]}
    )
