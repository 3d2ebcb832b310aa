"""The engine: every deal's way through the stages, as competing risks between change points.

Between two change points (end of a time-in-stage bucket, the landmark, the owner's leaving, the
horizon) a deal's rates are constant in clock time, so the next event is the smaller of two
exponential waits, one on the working clock and one on the closing clock (Beyersmann, Allignol and
Schumacher, Competing Risks and Multistate Models with R, 2012, ch. 8). Being memoryless, the wait
is simply drawn anew at a change point. All deals step together; each deal's draws are its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Chance, Floats, Ints
from spm_lib.simulate.clocks import Clocks
from spm_lib.simulate.staff import Staff


@dataclass(frozen=True, eq=False)
class Deals:
    """What is true of a deal before its first move; one entry per deal, `number` names it."""

    number: Ints
    created: Floats
    entry_stage: Ints
    owner: Ints
    forward: Floats
    lose: Floats
    behaviour: Floats
    sleeps: NDArray[np.bool_]

    def take(self, rows: Ints | NDArray[np.bool_]) -> Deals:
        """Return some of the deals."""
        return Deals(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class State:
    """Where each deal stands at a moment: stage, since when, in which time bucket, whose it is."""

    moment: Floats
    stage: Ints
    since: Floats
    bucket: Ints
    owner: Ints


@dataclass(frozen=True, eq=False)
class Events:
    """What happened, by deal (its row) and moment; `moved`: a stage change, not a new owner."""

    deal: Ints
    moment: Floats
    stage: Ints
    owner: Ints
    moved: NDArray[np.bool_]


def at_creation(deals: Deals) -> State:
    """Return the state in which deals are created."""
    return State(
        deals.created,
        deals.entry_stage,
        deals.created,
        np.zeros(len(deals.number), dtype=np.int64),
        deals.owner,
    )


def multipliers(deals: Deals, state: State, staff: Staff) -> tuple[Floats, Floats]:
    """Return the factors on the forward and the lose rates of deals as they stand."""
    landed = state.moment >= deals.created + h.LANDMARK_DAYS
    forward = (
        deals.forward + staff.forward_effect[state.owner] + np.where(landed, deals.behaviour, 0.0)
    )
    lose = deals.lose + staff.lose_effect[state.owner]
    pace = np.where(deals.sleeps & (state.stage >= h.QUALIFIED), h.DORMANT, 1.0)
    return np.exp(forward) * pace, np.exp(lose) * pace


def rates(deals: Deals, state: State, staff: Staff) -> Floats:
    """Return the rates of the five causes, per unit of their clock, of deals as they stand."""
    forward, lose = multipliers(deals, state, staff)
    timed = forward * h.FORWARD_BY_TIME[state.stage, state.bucket]
    found = h.BASE_RATES[state.stage].copy()
    found[:, [0, 1, 3]] *= timed[:, None]
    found[:, 4] *= lose * h.LOSE_BY_TIME[state.stage, state.bucket]
    found[:, 2] *= np.where(deals.sleeps & (state.stage >= h.QUALIFIED), h.DORMANT, 1.0)
    return found


@dataclass(frozen=True, eq=False)
class Engine:
    """What deals live under; nothing at or after `until` (an epoch day) happens."""

    staff: Staff
    clocks: Clocks
    chance: Chance
    until: float

    def limits(self, deals: Deals, state: State) -> tuple[Floats, Floats, Floats]:
        """Return each deal's next change point, the end of its time bucket, its owner's leaving."""
        bucket_end = state.since + h.BUCKET_EDGES[state.bucket + 1]
        landmark = deals.created + h.LANDMARK_DAYS
        landmark = np.where(landmark > state.moment, landmark, np.inf)
        heir = self.staff.successor[state.owner] != state.owner
        leaving = np.where(heir, self.staff.left[state.owner], np.inf)
        limit = np.minimum(np.minimum(bucket_end, landmark), np.minimum(leaving, self.until))
        return np.maximum(limit, state.moment), bucket_end, leaving

    def waits(
        self, deals: Deals, state: State, found: Floats, *, draw: int
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the moment of each deal's next event, and whether the closing clock brought it."""
        wait = self.chance.exponential(deals.number, draw=draw) / found[:, [0, 1, 2, 4]].sum(axis=1)
        moved = self.clocks.work.moment(self.clocks.work.reading(state.moment) + wait)
        with np.errstate(divide="ignore"):
            wait = self.chance.exponential(deals.number, draw=draw + 1) / found[:, 3]
        closed = self.clocks.closing.moment(self.clocks.closing.reading(state.moment) + wait)
        return np.minimum(moved, closed), closed < moved

    def reopened(
        self, deals: Deals, state: State, to: Ints, moment: Floats, *, draw: int
    ) -> tuple[Floats, Ints]:
        """Return when a close is undone (infinite: never) and the stage the deal returns to."""
        won = to == h.WON
        share = np.where(won, h.REOPEN_WON, h.REOPEN_LOST)
        undone = self.chance.uniform(deals.number, draw=draw) < share
        level = self.chance.uniform(deals.number, draw=draw + 1)
        days = np.where(won, 5 + 35 * level, 10 + 90 * level)
        back = np.where(undone, self.clocks.next_working(moment + days), np.inf)
        return back, np.where(won, h.NEGOTIATION, np.maximum(state.stage, h.QUALIFIED))


def _destination(stage: Ints, found: Floats, closing: NDArray[np.bool_], level: Floats) -> Ints:
    """Return the stage to which each event leads; causes of the working clock share by rate."""
    shares = np.cumsum(found[:, [0, 1, 2, 4]], axis=1)
    cause = (level[:, None] * shares[:, -1:] >= shares).sum(axis=1)
    to = np.select([cause == 0, cause == 1, cause == 2], [stage + 1, stage + 2, stage - 1], h.LOST)
    return np.where(closing, h.WON, to)


def run(engine: Engine, deals: Deals, state: State) -> Events:
    """Let deals live from a state until the engine's end.

    Returns
    -------
    Events
        Every stage change and change of owner, without the creation itself.
    """
    row = np.arange(len(deals.number))
    none = np.zeros(0, dtype=np.int64)
    parts = [Events(none, none.astype(np.float64), none, none, none.astype(bool))]
    draw = 0
    while len(row):
        row, deals, state, part = _step(engine, row, deals, state, draw=draw)
        parts += part
        draw += 5
    return _sorted(parts)


def _sorted(parts: list[Events]) -> Events:
    """Put events together, by deal and moment; at the same moment in the order they came in."""
    names = ("deal", "moment", "stage", "owner", "moved")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.lexsort((columns["moment"], columns["deal"]))
    return Events(**{name: values[order] for name, values in columns.items()})


def _step(
    engine: Engine, row: Ints, deals: Deals, state: State, *, draw: int
) -> tuple[Ints, Deals, State, list[Events]]:
    """Move every deal to its next event or change point; those that are done drop out."""
    found = rates(deals, state, engine.staff)
    limit, bucket_end, leaving = engine.limits(deals, state)
    moment, closing = engine.waits(deals, state, found, draw=draw)
    hit = moment < limit
    level = engine.chance.uniform(deals.number, draw=draw + 2)
    to = np.where(hit, _destination(state.stage, found, closing, level), state.stage)
    now = np.where(hit, moment, limit)
    left = ~hit & (now >= leaving) & (now < engine.until)
    owner = np.where(left, engine.staff.successor[state.owner], state.owner)
    closed = hit & (to >= h.WON)
    back, returns = engine.reopened(deals, state, to, now, draw=draw + 3)
    again = closed & (back < engine.until)
    owner = np.where(again, engine.staff.owner_at(owner, back), owner)
    closer = np.where(left, owner, state.owner)
    parts = [
        Events(row[at], when[at], stage[at], whose[at], np.full(int(at.sum()), moved))
        for at, when, stage, whose, moved in (
            (hit, now, to, closer, True),
            (left, now, to, owner, False),
            (again, back, returns, owner, True),
        )
    ]
    now, to = np.where(again, back, now), np.where(again, returns, to)
    bucket = np.where(hit, 0, state.bucket + (~hit & (now >= bucket_end)))
    since = np.where(hit, now, state.since)
    goes_on = (now < engine.until) & (~closed | again)
    after = State(*(values[goes_on] for values in (now, to, since, bucket, owner)))
    return row[goes_on], deals.take(goes_on), after, parts
