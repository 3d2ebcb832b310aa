"""What the CRM kept of a deal: every change of stage, amount, expected close and owner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.deals import Origins
from spm_lib.simulate.journeys import Events
from spm_lib.simulate.world import World

FIRST_ID = 100_000
PUSHES = 6
ZONE = "Asia/Jerusalem"


@dataclass(frozen=True, eq=False)
class Changes:
    """Every change of every deal, sorted by deal and moment; the first row of a deal creates it."""

    deal: Ints
    moment: Floats
    stage: Ints
    owner: Ints
    amount: Ints
    expected: Ints


def _month_end(day: Ints) -> Ints:
    """Return the last day of each day's month."""
    months = day.astype("datetime64[D]").astype("datetime64[M]") + 1
    return (months.astype("datetime64[D]").astype(np.int64)) - 1


def _expected(day: Floats, level: Floats) -> Ints:
    """Round a plan: most people write the end of the month."""
    whole = np.floor(day).astype(np.int64)
    return np.where(level < 0.55, _month_end(whole), whole)


def first_close(deals: int, events: Events) -> Floats:
    """Return the moment of each deal's first close, infinite if it never closed."""
    closes = events.moved & (events.stage >= h.WON)
    found = np.full(deals, np.inf)
    np.minimum.at(found, events.deal[closes], events.moment[closes])
    return found


def pushes(world: World, origin: Origins, closed: Floats) -> tuple[Ints, Floats, Ints, Ints]:
    """Return each deal's first plan, then deal, moment and new plan of every push."""
    chance, number = world.chance("plan"), origin.number
    days = 42 * np.exp(0.4 * chance.normal(number, draw=0)) - 9.0 * origin.deals.entry_stage
    plan = first = _expected(
        origin.deals.created + np.maximum(days, 10), chance.uniform(number, draw=1)
    )
    row, found = np.arange(len(number)), []
    for k in range(PUSHES):
        late = plan + 1 + 6 * chance.uniform(number[row], draw=10 + 4 * k)
        moment = world.clocks.next_working(late)
        kept = chance.uniform(number[row], draw=11 + 4 * k) < 0.85
        on = kept & (moment < np.minimum(closed[row], world.until))
        row, moment = row[on], moment[on]
        wait = 18 + 45 * chance.uniform(number[row], draw=12 + 4 * k)
        plan = _expected(moment + wait, chance.uniform(number[row], draw=13 + 4 * k))
        found.append((row, moment, plan))
    deal, moment, plans = (np.concatenate(part) for part in zip(*found, strict=True))
    return first, deal, moment, plans


def make_changes(world: World, origin: Origins, events: Events) -> Changes:
    """Merge creations, journeys and pushes into one history with the values after each change."""
    count = len(origin.number)
    first, pushed, moment, plans = pushes(world, origin, first_close(count, events))
    rows = np.arange(count)
    deal = np.concatenate([rows, events.deal, pushed])
    when = np.concatenate([origin.deals.created, events.moment, moment])
    rank = np.concatenate([np.zeros(count), np.ones(len(events.deal)), np.full(len(pushed), 2)])
    missing_events, missing_pushes = np.full(len(events.deal), -1), np.full(len(pushed), -1)
    stage = np.concatenate([origin.deals.entry_stage, events.stage, missing_pushes])
    owner = np.concatenate([origin.deals.owner, events.owner, missing_pushes])
    expected = np.concatenate([first, missing_events, plans])
    order = np.lexsort((rank, when, deal))
    deal, when = deal[order].astype(np.int64), when[order].astype(np.float64)
    stage, owner, expected = (_carried(x[order]) for x in (stage, owner, expected))
    amount = _amounts(world, origin, deal, stage)
    return Changes(deal, when, stage, owner, amount, _replanned(deal, when, stage, expected))


def _carried(values: Ints) -> Ints:
    """Carry the last known value forward over rows that say -1 (a deal's first row never does)."""
    known = np.maximum.accumulate(np.where(values >= 0, np.arange(len(values)), 0))
    return values[known]


def _replanned(deal: Ints, when: Floats, stage: Ints, expected: Ints) -> Ints:
    """Give a reopened deal a new plan, six weeks after it came back."""
    again = np.zeros(len(deal), dtype=bool)
    again[1:] = (deal[1:] == deal[:-1]) & (stage[:-1] >= h.WON) & (stage[1:] < h.WON)
    plan = np.where(again, np.floor(when).astype(np.int64) + 42, -1)
    starts = np.concatenate([[True], deal[1:] != deal[:-1]])
    marks = np.where(again | starts, np.arange(len(deal)), 0)
    source = np.maximum.accumulate(marks)
    return np.maximum(expected, plan[source])


def _amounts(world: World, origin: Origins, deal: Ints, stage: Ints) -> Ints:
    """Return the amount after each change: first guess, then the quote, then what was signed."""
    quoted = np.round(origin.amount * origin.revision / 10_000).astype(np.int64) * 10_000
    quoted = np.maximum(quoted, 10_000)
    signed = np.round(quoted * (1 - origin.discount) / 100).astype(np.int64) * 100
    starts = np.concatenate([[True], deal[1:] != deal[:-1]]) if len(deal) else np.zeros(0, bool)
    proposed = np.where((stage >= h.PROPOSAL) & (stage <= h.WON), np.arange(len(deal)), -1)
    ever = np.maximum.accumulate(proposed) >= np.maximum.accumulate(
        np.where(starts, np.arange(len(deal)), 0)
    )
    amount = np.where(ever, quoted[deal], origin.amount[deal])
    amount = np.where(stage == h.WON, signed[deal], amount)
    share = world.preset.zero_amount_lost
    zeroed = world.chance("zeroed").uniform(origin.number, draw=0) < share
    return np.where((stage == h.LOST) & zeroed[deal], 0, amount)


def instants(moment: Floats) -> pl.Series:
    """Turn moments into UTC instants: a day's share is spread over office hours, 8:00 to 18:00."""
    day = np.floor(moment)
    minute = np.floor((moment - day) * 600) + 480
    local = pl.Series((day * 1440 + minute).astype(np.int64) * 60_000_000).cast(pl.Datetime("us"))
    return local.dt.replace_time_zone(ZONE).dt.convert_time_zone("UTC")


def dates(day: Floats | Ints) -> pl.Series:
    """Turn epoch days (or moments) into dates."""
    return pl.Series(np.floor(day).astype(np.int32)).cast(pl.Date)


def opportunity_ids(number: Ints) -> pl.Series:
    """Name deals by their numbers."""
    return "OP-" + pl.Series(number + FIRST_ID).cast(pl.String)


def named(position: Ints, words: tuple[str, ...] | list[str]) -> pl.Series:
    """Turn positions into words; a position outside the words gives null."""
    return pl.Series(list(words), dtype=pl.String).gather(pl.Series(position))


def stage_events(world: World, origin: Origins, changes: Changes) -> pl.DataFrame:
    """Return the changes as the canonical table stage_events.

    Columns out: opportunity_id, entered_at (UTC), seq (1 creates the deal), stage, rep_id,
    amount (minor units), expected_close.
    """
    starts = np.concatenate([[True], changes.deal[1:] != changes.deal[:-1]])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))
    return pl.DataFrame(
        {
            "opportunity_id": opportunity_ids(origin.number[changes.deal]),
            "entered_at": instants(changes.moment),
            "seq": np.arange(len(starts)) - first + 1,
            "stage": named(changes.stage, h.STAGES),
            "rep_id": named(changes.owner, world.staff.rep_ids),
            "amount": changes.amount,
            "expected_close": dates(changes.expected),
        }
    )


def last_rows(changes: Changes) -> Ints:
    """Return the position of each deal's last change."""
    return np.flatnonzero(np.concatenate([changes.deal[1:] != changes.deal[:-1], [True]]))
