"""What the reps did: first-week behaviours as planted, then a steady stream without any effect."""

from __future__ import annotations

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.deals import Origins
from spm_lib.simulate.history import Changes, instants, last_rows, named, opportunity_ids
from spm_lib.simulate.world import World

KINDS = ("call", "email", "meeting", "demo", "proposal")
CALL, EMAIL, MEETING, DEMO, PROPOSAL = range(5)
PACE = {CALL: 0.040, EMAIL: 0.036, MEETING: 0.018}  # per working day while the deal is open
FOLLOW_UP_DAYS = 2.0  # working days within which a call is a fast follow-up
PROSPECTING_CALLS = 0.6  # per rep and working day, to nobody's deal

_Part = tuple[Ints, Floats, Ints]


def _first_week(world: World, origin: Origins, end: Floats) -> list[_Part]:
    """Return the planted behaviours, dated in the first week (a follow-up: two working days)."""
    chance, number, clock = world.chance("first_week"), origin.number, world.clocks.days
    opened = clock.reading(origin.deals.created)
    week = clock.reading(np.minimum(origin.deals.created + h.LANDMARK_DAYS, end))
    parts = []
    plan = (("fast_follow_up", CALL), ("discovery_meeting", MEETING), ("early_demo", DEMO))
    for draw, (name, kind) in enumerate(plan):
        rows = np.flatnonzero(origin.behaviours[name])
        span = week - opened if kind != CALL else np.minimum(week - opened, FOLLOW_UP_DAYS)
        at = opened[rows] + span[rows] * chance.uniform(number[rows], draw=draw)
        parts.append((rows, clock.moment(at), np.full(len(rows), kind)))
    rows = np.repeat(np.arange(len(number)), origin.behaviours["early_emails"])
    turn = np.arange(len(rows)) - np.searchsorted(rows, rows)
    at = opened[rows] + (week - opened)[rows] * chance.uniform(number[rows], draw=10 + turn)
    return [*parts, (rows, clock.moment(at), np.full(len(rows), EMAIL))]


def _stream(world: World, origin: Origins, end: Floats) -> list[_Part]:
    """Return calls, e-mails and meetings after the first week, while the deal is open."""
    clock, number = world.clocks.work, origin.number
    begin = clock.reading(origin.deals.created + h.LANDMARK_DAYS)
    span = np.maximum(clock.reading(end) - begin, 0.0)
    asleep = np.where(origin.deals.sleeps, 0.1, 1.0)
    parts = []
    for kind, pace in PACE.items():
        chance = world.chance(f"stream/{KINDS[kind]}")
        count = chance.count(number, draw=0, mean=np.minimum(span * pace * asleep, 40))
        rows = np.repeat(np.arange(len(number)), count)
        turn = np.arange(len(rows)) - np.searchsorted(rows, rows)
        at = begin[rows] + span[rows] * chance.uniform(number[rows], draw=1 + turn)
        parts.append((rows, clock.moment(at), np.full(len(rows), kind)))
    return parts


def _proposals(changes: Changes) -> _Part:
    """Return one proposal sent per entry into the stage Proposal."""
    before = np.concatenate([[-1], changes.stage[:-1]])
    same = np.concatenate([[False], changes.deal[1:] == changes.deal[:-1]])
    rows = np.flatnonzero((changes.stage == h.PROPOSAL) & ~(same & (before == h.PROPOSAL)))
    return changes.deal[rows], changes.moment[rows], np.full(len(rows), PROPOSAL)


def _change_then(changes: Changes, deal: Ints, moment: Floats) -> Ints:
    """Return the row of each deal's last change at or before a moment."""
    count = len(changes.deal)
    deals, moments = np.concatenate([changes.deal, deal]), np.concatenate([changes.moment, moment])
    asked = np.arange(count + len(deal)) >= count
    order = np.lexsort((asked, moments, deals))
    last = np.maximum.accumulate(np.where(asked[order], 0, order))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = last
    return found[count:]


def deal_activities(world: World, origin: Origins, changes: Changes) -> pl.DataFrame:
    """Return the activities on deals as the canonical table, sorted by deal and moment."""
    last = last_rows(changes)
    end = np.where(changes.stage[last] >= h.WON, changes.moment[last], world.until)
    parts = [*_first_week(world, origin, end), *_stream(world, origin, end), _proposals(changes)]
    deal, moment, kind = (np.concatenate(part) for part in zip(*parts, strict=True))
    moment = np.maximum(moment, origin.deals.created[deal])  # not a bit earlier, by rounding
    then = _change_then(changes, deal, moment)
    on = (moment < world.until) & (changes.stage[then] < h.WON)
    deal, moment, kind, owner = deal[on], moment[on], kind[on], changes.owner[then[on]]
    order = np.lexsort((kind, moment, deal))
    deal, moment, kind, owner = deal[order], moment[order], kind[order], owner[order]
    turn = np.arange(len(deal)) - np.searchsorted(deal, deal)
    code = pl.Series(origin.number[deal] * 256 + turn)
    return pl.DataFrame(
        {
            "activity_id": "A-" + code.cast(pl.String),
            "rep_id": named(owner, world.staff.rep_ids),
            "kind": named(kind, KINDS),
            "happened_at": instants(moment),
            "opportunity_id": opportunity_ids(origin.number[deal]),
        }
    )


def prospecting(world: World, reps: Ints) -> pl.DataFrame:
    """Return the calls of some reps that belong to no deal, per rep and working day."""
    staff, clocks, chance = world.staff, world.clocks, world.chance("prospecting")
    days = clocks.origin + np.arange(len(clocks.working))
    known = clocks.working & (days >= day_number(world.preset.start)) & (days < world.until)
    days, pace = days[known], clocks.work.pace[known]
    rep, day = np.meshgrid(reps, np.arange(len(days)), indexing="ij")
    there = (days[day] >= staff.hired[rep]) & (days[day] < staff.left[rep])
    rep, day = rep[there], day[there]
    cell = rep * 1_000_000 + days[day]
    count = chance.count(cell, draw=0, mean=PROSPECTING_CALLS * pace[day])
    rows = np.repeat(np.arange(len(cell)), count)
    turn = np.arange(len(rows)) - np.searchsorted(rows, rows)
    moment = days[day[rows]] + chance.uniform(cell[rows], draw=1 + turn)
    return pl.DataFrame(
        {
            "activity_id": "P-" + pl.Series(cell[rows] * 64 + turn).cast(pl.String),
            "rep_id": named(rep[rows], staff.rep_ids),
            "kind": pl.repeat("call", len(rows), eager=True),
            "happened_at": instants(moment),
            "opportunity_id": pl.repeat(None, len(rows), dtype=pl.String, eager=True),
        }
    )
