"""Small companies as plain facts: made by chance, told by loops, with no code under test.

A deal is a dict with its events; ``state_at`` walks the events and says how the deal stood at the
end of a day. Frames for the model are written from such states.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.calendar import WorkCalendar
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Scope, Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection

OPEN = ("Lead", "Qualified", "Proposal", "Negotiation")
OUTCOME = {**dict.fromkeys(OPEN, "open"), "Won": "won", "Lost": "lost"}
REPS = ("r1", "r2", "r3")
FIRST = date(2025, 11, 20)
SETTINGS = Settings(
    path=Path("spm.toml"),
    workspace=WorkspaceSection(id="tiny", name="Tiny", currency="ILS"),
    pipelines={"default": Stages(open=OPEN, won=("Won",), lost=("Lost",))},
)
CALENDAR = WorkCalendar()

Row = dict[str, Any]


@dataclass
class Facts:
    """All that is known of a company; ``history`` says whether events are told to the model."""

    deals: list[Row] = field(default_factory=list)
    activities: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    targets: list[Row] = field(default_factory=list)
    memberships: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    costs: list[Row] = field(default_factory=list)
    history: bool = True
    as_of: date = date(2026, 3, 31)


def random_facts(
    seed: int, *, deals: int = 30, history: bool = True, moves: bool = True, undated: bool = True
) -> Facts:
    """Return a company made by chance: ties, skips, regressions, reopened deals, null values.

    ``moves``: deals may change owner. ``undated``: rows may lack dates (without history).
    """
    rng = random.Random(seed)
    made = [_deal(rng, i, moves=moves) for i in range(deals)]
    facts = Facts(
        deals=made,
        activities=[_activity(rng, i) for i in range(deals * 2)],
        orders=with_costs(_orders(rng, deals), random.Random(seed + 2)),
        targets=_targets(rng),
        memberships=_memberships(),
        costs=random_costs(random.Random(seed + 1), REPS, ("North", "South")),
        history=history,
    )
    if not history and undated:
        for deal in facts.deals:
            if rng.random() < 0.15:
                deal["created"] = None
    return facts


def _deal(rng: random.Random, number: int, *, moves: bool) -> Row:
    day = FIRST + timedelta(rng.randrange(110))
    rep = rng.choice([*REPS, None]) if number % 7 == 0 else rng.choice(REPS)
    amount = rng.choice([None, 0, 100, 250, 999, 12_345])
    stage = rng.choice(OPEN[:3]) if rng.random() < 0.9 else rng.choice(["Won", "Lost"])
    events = [_event(day, stage, rep, amount, rng)]
    for _ in range(rng.randrange(6)):
        day += timedelta(rng.choice([0, 0, 1, 3, 10, 25]))
        if day > date(2026, 3, 31):
            break
        new_rep = rng.choice(REPS) if moves and rng.random() < 0.2 else None
        new_amount = rng.choice([None, None, 500, 7_000])
        choices = (stage, *OPEN, "Won", "Lost", "Won", "Lost")
        stage = rng.choice(choices)
        events.append(_event(day, stage, new_rep, new_amount, rng))
        if OUTCOME[stage] != "open" and rng.random() < 0.8:
            break
    for seq, event in enumerate(events):
        event["seq"] = seq
    return {
        "id": f"d{number}",
        "account": rng.choice(["a1", "a2", "a3", None]),
        "segment": rng.choice(["small", "large", None]),
        "lost_reason": rng.choice(["price", "timing", None]),
        "result": f"ended in {stage}",
        "created": events[0]["day"],
        "events": events,
    }


def _event(day: date, stage: str, rep: str | None, amount: int | None, rng: random.Random) -> Row:
    expected = day + timedelta(rng.randrange(90)) if rng.random() < 0.5 else None
    return {"day": day, "stage": stage, "rep": rep, "amount": amount, "expected": expected}


def _activity(rng: random.Random, number: int) -> Row:
    return {
        "id": f"t{number}",
        "rep": rng.choice([*REPS, None]),
        "kind": rng.choice(["call", "Call", "meeting", "proposal", "email", None]),
        "day": FIRST + timedelta(rng.randrange(130)),
    }


def _orders(rng: random.Random, number: int) -> list[Row]:
    lines = []
    for order in range(number // 2):
        rep, day = rng.choice(REPS), FIRST + timedelta(rng.randrange(130))
        for line in range(rng.randrange(1, 4)):
            amount = rng.choice([None, 10, 20, 333])
            lines.append(
                {"order": f"o{order}", "line": str(line), "rep": rep, "day": day, "amount": amount}
            )
    return lines


def with_costs(lines: list[Row], rng: random.Random) -> list[Row]:
    """Return order lines that tell what was sold cost; of some nobody knows."""
    return [{**line, "cost": rng.choice([None, 5, 12, 150, 400])} for line in lines]


def random_costs(
    rng: random.Random, people: Sequence[str], teams: Sequence[str], *, first: date = FIRST
) -> list[Row]:
    """Return months of costs of people, of teams and of nobody; kinds and amounts may lack."""
    kinds = ("Salaries", "commission", "tools", "training", "travel", "campaigns", "rent", None)
    owners = [(rep, None) for rep in people] + [(None, team) for team in teams] + [(None, None)]
    return [
        {"day": (first.replace(day=1) + timedelta(31 * month)).replace(day=1), "kind": kind,
         "rep": rep, "team": team, "amount": rng.choice([None, 7, 80, 90, 700])}
        for month in range(5)
        for rep, team in owners
        for kind in rng.sample(kinds, 3)
    ]  # fmt: skip


def _targets(rng: random.Random) -> list[Row]:
    months = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    ends = [*months[1:], date(2026, 4, 1)]
    rows = [
        {
            "rep": rep,
            "start": start,
            "end": end,
            "metric": metric,
            "value": rng.choice([0, 500, 9_000]),
        }
        for metric in ("won.amount", "orders.amount")
        for rep in REPS[:2]
        for start, end in zip(months, ends, strict=True)
    ]
    quarter = {"rep": "r1", "start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    return [*rows, {**quarter, "metric": "won.amount", "value": 20_000}]


def _memberships() -> list[Row]:
    return [
        {"rep": "r1", "team": "North", "manager": "m1", "from": None, "to": date(2026, 1, 15)},
        {"rep": "r1", "team": "South", "manager": "m2", "from": date(2026, 1, 15), "to": None},
        {"rep": "r2", "team": "South", "manager": "m2", "from": date(2025, 1, 1), "to": None},
        {
            "rep": "r3",
            "team": "North",
            "manager": "m1",
            "from": date(2026, 2, 1),
            "to": date(2026, 3, 1),
        },
    ]


def state_at(deal: Row, day: date) -> Row:
    """Say how a deal stood at the end of a day by walking through its events."""
    now: Row = {"stage": None, "outcome": None, "rep": None, "amount": None, "expected": None}
    closed, closer = None, None
    for event in deal["events"]:
        if event["day"] > day:
            break
        for name in ("rep", "amount", "expected"):
            if event[name] is not None:
                now[name] = event[name]
        outcome = OUTCOME[event["stage"]]
        if outcome != now["outcome"]:
            closed, closer = (event["day"], now["rep"]) if outcome != "open" else (None, None)
        now["stage"], now["outcome"] = event["stage"], outcome
    if now["outcome"] != "open":
        now["rep"] = closer
    later = any(event["day"] > day for event in deal["events"])
    names = ("id", "account", "segment", "lost_reason", "result", "created")
    known = {name: deal[name] for name in names}
    return {**known, **now, "closed": closed, "later": later}


def visits_of(deal: Row, day: date) -> list[Row]:
    """Walk through a deal's events and return its visits to stages, won and lost among them."""
    visits: list[Row] = []
    rep = amount = None
    for event in deal["events"]:
        if event["day"] > day:
            break
        rep = event["rep"] if event["rep"] is not None else rep
        amount = event["amount"] if event["amount"] is not None else amount
        if visits and visits[-1]["stage"] == event["stage"]:
            continue
        if visits:
            visits[-1]["left"] = event["day"]
        visits.append(
            {
                "deal": deal["id"],
                "stage": event["stage"],
                "entered": event["day"],
                "left": None,
                "rep": rep,
                "amount": amount,
            }
        )
    return visits


def deal_states(facts: Facts) -> list[Row]:
    """Return how all deals stand at the end."""
    return [state_at(deal, date.max) for deal in facts.deals]


def _states_for_frames(facts: Facts, day: date) -> list[Row]:
    """Return the deals known at a day, with what nobody could know by then blanked."""
    rows = []
    for deal in facts.deals:
        if deal["created"] is not None and deal["created"] > day:
            continue
        state = state_at(deal, day)
        final = not state["later"] if facts.history else not state_at(deal, date.max)["later"]
        trusted = state["outcome"] not in (None, "open") and final
        if facts.history and day < facts.as_of and not trusted:
            state.update(account=None, lost_reason=None, result=None)
        if not facts.history:
            state = _without_history(deal, day, facts.as_of)
        rows.append(state)
    return rows


def _without_history(deal: Row, day: date, last: date) -> Row:
    state = state_at(deal, date.max)
    closed_later = state["closed"] is None or state["closed"] > day
    if day < last and closed_later:
        blank = ("stage", "amount", "rep", "account", "expected", "lost_reason", "result")
        state.update(**dict.fromkeys(blank), outcome="open", closed=None)
    return state


def frames(facts: Facts, *, day: date | None = None) -> dict[str, pl.DataFrame]:
    """Return the model's input frames, of all facts or of those known at the end of ``day``."""
    last = day or facts.as_of
    made = {
        "opportunities": _opportunities(_states_for_frames(facts, last)),
        "activities": _table(
            facts.activities, "activity_id=id rep_id=rep kind happened_at=day", until=last
        ),
        "orders": _table(
            facts.orders, "order_id=order line rep_id=rep date=day amount cost", until=last
        ),
        "targets": _table(
            facts.targets, "rep_id=rep period_start=start period_end=end metric value", until=None
        ),
        "memberships": _memberships_until(facts, last),
        "costs": _table(facts.costs, "period_start=day kind amount rep_id=rep team", until=last),
    }
    if facts.history:
        made["stage_events"] = _events(facts, last)
    if facts.calls:
        columns = "rep_id=rep period_start=start submitted_at=day category amount"
        made["forecast_calls"] = _table(facts.calls, columns, until=last)
    return made


TYPES = {
    "happened_at": pl.Date,
    "submitted_at": pl.Date,
    "date": pl.Date,
    "amount": pl.Int64,
    "cost": pl.Int64,
    "value": pl.Int64,
    "created_at": pl.Date,
    "closed_at": pl.Date,
    "expected_close": pl.Date,
    "seq": pl.Int64,
    "entered_at": pl.Date,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
}


def _table(rows: list[Row], columns: str, *, until: date | None) -> pl.DataFrame:
    pairs = [(c.split("=")[0], c.split("=")[-1]) for c in columns.split()]
    kept = [r for r in rows if until is None or r["day"] is None or r["day"] <= until]
    data = {new: [row.get(old) for row in kept] for new, old in pairs}
    return pl.DataFrame(data, schema={new: TYPES.get(new, pl.String) for new, _ in pairs})


def _opportunities(states: list[Row]) -> pl.DataFrame:
    columns = (
        "opportunity_id=id rep_id=rep account_id=account segment lost_reason result stage outcome "
        "amount "
        "created_at=created closed_at=closed expected_close=expected"
    )
    return _table(states, columns, until=None)


def _events(facts: Facts, day: date) -> pl.DataFrame:
    rows = [{"deal": d["id"], **e} for d in facts.deals for e in d["events"] if e["day"] <= day]
    columns = (
        "opportunity_id=deal entered_at=day seq stage rep_id=rep amount expected_close=expected"
    )
    return _table(rows, columns, until=None)


def _memberships_until(facts: Facts, day: date) -> pl.DataFrame:
    known = [dict(m) for m in facts.memberships if m["from"] is None or m["from"] <= day]
    for row in known:
        row["to"] = None if row["to"] and row["to"] > day else row["to"]
    return _table(
        known, "rep_id=rep team manager_id=manager valid_from=from valid_to=to", until=None
    )


def company(
    facts: Facts, *, engine: str = "polars", scope: Scope | None = None, day: date | None = None
) -> Company:
    """Return the company that the facts make, or that they made at the end of ``day``."""
    return company_from_frames(
        frames(facts, day=day),
        SETTINGS,
        as_of=day or facts.as_of,
        engine=engine,
        scope=scope,
        known_at_creation={"opportunities": ["segment"]},
    )


def team_on(facts: Facts, rep: str | None, day: date) -> str | None:
    """Return the rep's team on a day."""
    team = None
    for row in facts.memberships:
        begun = row["from"] is None or row["from"] <= day
        if row["rep"] == rep and begun and (row["to"] is None or day < row["to"]):
            team = row["team"]
    return team
