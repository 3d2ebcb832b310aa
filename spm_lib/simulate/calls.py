"""What people said they would close: calls per quarter with a bias that is known.

Who calls knows what is won by then, and sees the rest through a bias of his own and some luck: of
a bias of +0.2 he expects a fifth more of what is still to come than will come. Managers call for
their team, and take half of each bias out. Calls have chance streams of their own, so that nothing
else of a company depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.history import last_rows
from spm_lib.simulate.records import Records
from spm_lib.simulate.staff import memberships_table
from spm_lib.simulate.world import World

WEEKS = (14, 12, 9, 6, 4, 2, 1)  # before the quarter closes
NOISE = 0.35  # log spread of what a rep expects of the rest
MANAGER_NOISE = 0.10
MANAGER_KEEPS = 0.5  # of the bias of each of his people
LOOK_BACK = 364  # days; what is still to come after the export is taken to go on as before
ROUND = 100_000  # minor units: people call in whole thousands
COMMIT = "commit"
CALLS = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "submitted_at": pl.Date,
    "category": pl.String,
    "amount": pl.Int64,
}


def call_bias(world: World) -> Floats:
    """Return each rep's bias on what is still to come: below 0 he sandbags, above he hopes."""
    preset, who = world.preset, np.arange(len(world.staff.rep_ids))
    drawn = world.chance("calls/bias").normal(who, draw=0)
    return np.maximum(preset.call_bias + preset.call_bias_sd * drawn, -0.9)


def call_truth(world: World) -> pl.DataFrame:
    """Return the planted bias of each rep: rep_id, call_bias."""
    bias = call_bias(world)
    return pl.DataFrame({"rep_id": world.staff.rep_ids, "call_bias": np.round(bias, 6)})


@dataclass(frozen=True, eq=False)
class Wins:
    """Deals that stand as won at the end: who won them, when, and what they brought."""

    owner: Ints
    day: Ints
    amount: Ints

    def between(self, start: int, end: int, *, reps: int) -> Floats:
        """Return what each rep won in `[start, end)`."""
        inside = (self.day >= start) & (self.day < end)
        owner = self.owner[inside]
        return np.bincount(owner, self.amount[inside], minlength=reps).astype(float)

    @classmethod
    def of(cls, records: Records) -> Wins:
        """Return those of some deals."""
        changes = records.changes
        last = last_rows(changes)
        last = last[changes.stage[last] == h.WON]
        day = np.floor(changes.moment[last]).astype(np.int64)
        return cls(changes.owner[last], day, changes.amount[last])

    @classmethod
    def together(cls, parts: Sequence[Wins]) -> Wins:
        """Return the wins of all parts."""
        names = ("owner", "day", "amount")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def quarters(world: World) -> list[tuple[date, date]]:
    """Return the quarters people call for: from the second one on, the one after the export too."""
    first = _quarter_start(world.preset.start + timedelta(days=92))
    found, last = [first], world.preset.as_of + timedelta(days=1)
    while _next_quarter(found[-1]) <= last:
        found.append(_next_quarter(found[-1]))
    return [(start, _next_quarter(start)) for start in found]


def _quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _next_quarter(start: date) -> date:
    return _quarter_start(start + timedelta(days=92))


def make_calls(world: World, wins: Wins) -> pl.DataFrame:
    """Return the canonical table forecast_calls: what reps and managers committed to, and when.

    Columns out: rep_id, period_start, submitted_at (a day), category ("commit"), amount (minor
    units: what is won in the quarter by then, and what is expected of the rest).
    """
    bias = call_bias(world)
    spells = memberships_table(world.staff, world.preset)
    rows: list[tuple[str, date, date, str, int]] = []
    for number, (start, end) in enumerate(quarters(world)):
        for weeks in WEEKS:
            day = end - timedelta(weeks=weeks)
            if day > world.preset.as_of:
                continue
            draw = number * 100 + weeks
            rows += [
                (who, start, day, COMMIT, amount)
                for who, amount in _called(world, wins, bias, spells, (start, end, day), draw=draw)
            ]
    return pl.DataFrame(rows, schema=CALLS, orient="row")


def _called(
    world: World,
    wins: Wins,
    bias: Floats,
    spells: pl.DataFrame,
    days: tuple[date, date, date],
    *,
    draw: int,
) -> list[tuple[str, int]]:
    """Return what everybody who is there calls on a day: reps, then managers."""
    start, end, day = days
    staff, chance = world.staff, world.chance("calls")
    who = np.arange(len(staff.rep_ids))
    done, rest = _done_and_rest(world, wins, start, end, day)
    luck = np.exp(NOISE * chance.normal(who, draw=draw) - NOISE**2 / 2)
    said = done + rest * (1 + bias) * luck
    there = (staff.hired <= day_number(day)) & (staff.left > day_number(day))
    found = [(staff.rep_ids[k], _rounded(said[k])) for k in np.flatnonzero(there)]
    seen = done + rest * (1 + MANAGER_KEEPS * bias) * luck
    return found + _managers(world, spells, day, seen, draw=draw)


def _done_and_rest(
    world: World, wins: Wins, start: date, end: date, day: date
) -> tuple[Floats, Floats]:
    """Return what each rep had won by the end of a day, and what came, or should come, after it."""
    first, last, now = day_number(start), day_number(end), day_number(day) + 1
    reps = len(world.staff.rep_ids)
    done = wins.between(first, now, reps=reps)
    if end <= world.preset.as_of + timedelta(days=1):
        return done, wins.between(max(now, first), last, reps=reps)
    pace = wins.between(now - LOOK_BACK, now, reps=reps) / LOOK_BACK
    return done, pace * (last - max(now, first))


def _managers(
    world: World, spells: pl.DataFrame, day: date, seen: Floats, *, draw: int
) -> list[tuple[str, int]]:
    """Return what each manager calls for the people he has on a day."""
    now = spells.filter(
        pl.col("valid_from") <= day, pl.col("valid_to").is_null() | (pl.col("valid_to") > day)
    )
    value = dict(zip(world.staff.rep_ids, seen.tolist(), strict=True))
    chance, found = world.chance("calls/managers"), []
    for manager, people in now.group_by("manager_id").agg("rep_id").sort("manager_id").iter_rows():
        luck = chance.normal(np.array([int(manager[1:])]), draw=draw)[0]
        total = sum(value[rep] for rep in people)
        found.append((manager, _rounded(total * np.exp(MANAGER_NOISE * luck))))
    return found


def _rounded(amount: float) -> int:
    return round(amount / ROUND) * ROUND
