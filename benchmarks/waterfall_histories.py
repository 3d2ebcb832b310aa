"""The waterfall against a loop: random histories, walked deal by deal in plain Python.

The loop knows nothing of the code it checks: it goes from state to state, asks whether a deal is in
the pipeline before and after, and books the difference.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from spm_lib.forecast.waterfall.moves import (
    Stretch,
    moves_of,
    of_people,
    of_whole,
    standing,
    steps_of,
)

EPOCH = date(1970, 1, 1)
PEOPLE = ("ann", "ben", "cy", None)
SCHEMA = {"opportunity_id": pl.String, "day": pl.Int64, "outcome": pl.String, "amount": pl.Int64,
          "expected_day": pl.Int64, "rep_id": pl.String, "mine": pl.Boolean}  # fmt: skip


class State(NamedTuple):
    """How a deal stands from a day on."""

    day: int
    outcome: str
    amount: int | None
    plan: int | None
    owner: str | None


class Question(NamedTuple):
    """What is asked of a history: two days, a period or none, the people looked at or all."""

    since: int
    until: int
    due: tuple[int, int] | None
    people: frozenset[str | None] | None


History = dict[str, list[State]]


def random_history(rng: random.Random) -> History:
    """Return some deals with what happened to them on 120 days: ties, returns, missing values."""
    return {f"d{n}": _deal(rng) for n in range(rng.randint(1, 6))}


def _deal(rng: random.Random) -> list[State]:
    day, states = rng.randrange(100), []
    amount: int | None = rng.choice([None, 0, 1, 99, 12_345, 10**11])
    plan: int | None = rng.choice([None, day + rng.randrange(60), day + rng.randrange(60)])
    owner = rng.choice(PEOPLE)
    outcome = rng.choice(["open"] * 8 + ["won", "lost"])
    for _ in range(rng.randint(1, 9)):
        states.append(State(day, outcome, amount, plan, owner))
        day += rng.choice([0, 0, 1, 2, 5, 15, 40])
        if rng.random() < 0.3:
            outcome = rng.choice(["open", "open", "open", "won", "lost", "gone"])
        if rng.random() < 0.4:
            amount = rng.choice([None, 0, 7, 500, 12_345, rng.randrange(10**9)])
        if rng.random() < 0.6:
            plan = rng.choice([None, *(day + rng.randint(-30, 60) for _ in range(4))])
        if rng.random() < 0.3:
            owner = rng.choice(PEOPLE)
    return states


def random_question(rng: random.Random) -> Question:
    """Return two days, sometimes a period in which deals are due, sometimes some of the people."""
    since = rng.randrange(-5, 70)
    start = rng.randrange(20, 100)
    due = rng.choice([None, (start, start + rng.randint(10, 60))])
    people = rng.choice([None, frozenset(rng.sample(PEOPLE, rng.randint(1, 3)))])
    return Question(since, since + rng.randint(10, 90), due, people)


def by_hand(history: History, ask: Question) -> dict[str, int]:
    """Return start, end and every bar that is not empty, by walking along every deal."""
    found: dict[str, int] = defaultdict(int)
    for states in history.values():
        before: State | None = None
        for state in states:
            if state.day > ask.until:
                break
            if state.day > ask.since:
                for bar, value in _step(before, state, ask):
                    found[bar] += value
            before = state
        for name, day in (("start", ask.since), ("end", ask.until)):
            known = [s for s in states if s.day <= day]
            if known and _in(known[-1], ask):
                found[name] += known[-1].amount or 0
    return {bar: value for bar, value in found.items() if value}


def _planned(day: int | None, ask: Question) -> bool:
    return ask.due is None or (day is not None and ask.due[0] <= day < ask.due[1])


def _ours(state: State, ask: Question) -> bool:
    return ask.people is None or state.owner in ask.people


def _in(state: State | None, ask: Question) -> bool:
    if state is None or state.outcome != "open":
        return False
    return _ours(state, ask) and _planned(state.plan, ask)


def _step(old: State | None, new: State, ask: Question) -> list[tuple[str, int]]:
    """Return the bars that one change fills, with their signed amounts."""
    now = new.amount or 0
    if not _ours(new, ask):
        return [("owner_out", -(old.amount or 0))] if old and _in(old, ask) else []
    if old is None:
        return _arrives("new", new, ask)
    if old.outcome != "open":
        return [("reopened", now)] if _in(new, ask) else []
    if not _ours(old, ask):
        return _arrives("owner_in", new, ask)
    was = old.amount or 0
    if _in(old, ask):
        leaves = {"lost": "lost", "gone": "deleted"}.get(new.outcome)
        if leaves:
            return [(leaves, -was)]
        if new.outcome == "open" and not _in(new, ask):
            assert ask.due is not None
            early = new.plan is not None and new.plan < ask.due[0]
            return [("moved_earlier" if early else "pushed", -was)]
        change = [("up" if now > was else "down", now - was)]
        return [*change, ("won", -now)] if new.outcome == "won" else change
    wins = new.outcome == "won" and (_planned(new.plan, ask) or _planned(new.day, ask))
    if not (wins or _in(new, ask)):
        return []
    assert ask.due is not None
    early = old.plan is not None and old.plan < ask.due[0]
    moved = [("slipped_in" if early else "pulled_in", now)]
    return [*moved, ("won", -now)] if wins else moved


def _arrives(bar: str, new: State, ask: Question) -> list[tuple[str, int]]:
    """Return what a deal brings that was not there before, or was in other hands."""
    now = new.amount or 0
    if _in(new, ask):
        return [(bar, now)]
    wins = new.outcome == "won" and (_planned(new.plan, ask) or _planned(new.day, ask))
    if wins or (new.outcome == "lost" and _planned(new.plan, ask)):
        return [(bar, now), (new.outcome, -now)]
    return []


def frame_of(history: History) -> pl.DataFrame:
    """Return a history as the frame of changes that the model makes."""
    rows = [(deal, *state, True) for deal, states in history.items() for state in states]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def by_the_code(history: History, ask: Question) -> dict[str, int]:
    """Return the same by the code that is checked."""
    steps = steps_of(frame_of(history), until=ask.until)
    if ask.people is None:
        seen = of_whole(steps)
    else:
        seen = of_people(steps, {owner or "": "us" for owner in ask.people})
    stretch = Stretch(ask.since, ask.until, ask.due)
    moves = moves_of(seen, stretch)
    found = dict(moves.group_by("bar").agg(pl.col("amount").sum()).iter_rows())
    for name, day in (("start", ask.since), ("end", ask.until)):
        found[name] = standing(seen, stretch, day=day)["amount"].sum()
    return {bar: value for bar, value in found.items() if value}


def differences(count: int, *, seed: int = 1) -> list[tuple[int, dict[str, int], dict[str, int]]]:
    """Return the histories on which code and loop differ, or the bars do not close the gap."""
    wrong = []
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        history, ask = random_history(rng), random_question(rng)
        loop, code = by_hand(history, ask), by_the_code(history, ask)
        bars = sum(v for bar, v in code.items() if bar not in ("start", "end"))
        if loop != code or code.get("start", 0) + bars != code.get("end", 0):
            wrong.append((number, loop, code))
    return wrong


def day(number: int) -> date:
    """Return the date of an epoch day."""
    return EPOCH + timedelta(days=number)
