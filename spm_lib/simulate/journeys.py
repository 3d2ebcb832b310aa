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
    sleeps: np.ndarray

    def take(self, rows: Ints | np.ndarray) -> Deals:
        """Return some of the deals."""
        return Deals(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class State:
    """Where each deal stands: stage, since when, in which time bucket, who owns it, how late it is."""

    moment: Floats
    stage: Ints
    since: Floats
    bucket: Ints
    owner: Ints


@dataclass(frozen=True, eq=False)
class Events:
    """What happened, sorted by deal and moment: `deal` is a row of the deals, `moved` a stage change."""

    deal: Ints
    moment: Floats
    stage: Ints
    owner: Ints
    moved: np.ndarray


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


def _limits(
    deals: Deals, state: State, staff: Staff, until: float
) -> tuple[Floats, Floats, Floats]:
    """Return the next change point of each deal, and of what kind: end of bucket, owner's leaving."""
    bucket_end = state.since + h.BUCKET_EDGES[state.bucket + 1]
    landmark = deals.created + h.LANDMARK_DAYS
    landmark = np.where(landmark > state.moment, landmark, np.inf)
    heir = staff.successor[state.owner] != state.owner
    leaving = np.where(heir, staff.left[state.owner], np.inf)
    limit = np.minimum(np.minimum(bucket_end, landmark), np.minimum(leaving, until))
    return np.maximum(limit, state.moment), bucket_end, leaving


def _waits(
    deals: Deals, state: State, found: Floats, *, clocks: Clocks, chance: Chance, draw: int
) -> tuple[Floats, np.ndarray]:
    """Return the moment of each deal's next event, and whether it came from the closing clock."""
    working = found[:, [0, 1, 2, 4]].sum(axis=1)
    wait = chance.exponential(deals.number, draw=draw) / working
    moved = clocks.work.moment(clocks.work.reading(state.moment) + wait)
    with np.errstate(divide="ignore"):
        wait = chance.exponential(deals.number, draw=draw + 1) / found[:, 3]
    closed = clocks.closing.moment(clocks.closing.reading(state.moment) + wait)
    return np.minimum(moved, closed), closed < moved


def _destination(stage: Ints, found: Floats, closing: np.ndarray, level: Floats) -> Ints:
    """Return the stage to which each event leads; on the working clock causes share by their rates."""
    shares = np.cumsum(found[:, [0, 1, 2, 4]], axis=1)
    cause = (level[:, None] * shares[:, -1:] >= shares).sum(axis=1)
    to = np.select([cause == 0, cause == 1, cause == 2], [stage + 1, stage + 2, stage - 1], h.LOST)
    return np.where(closing, h.WON, to)


def _reopened(
    stage: Ints,
    before: Ints,
    moment: Floats,
    *,
    number: Ints,
    clocks: Clocks,
    chance: Chance,
    draw: int,
) -> tuple[Floats, Ints]:
    """Return when a close is undone (infinite: never) and the stage to which the deal returns."""
    won = stage == h.WON
    share = np.where(won, h.REOPEN_WON, h.REOPEN_LOST)
    undone = chance.uniform(number, draw=draw) < share
    days = np.where(
        won,
        5 + 35 * chance.uniform(number, draw=draw + 1),
        10 + 90 * chance.uniform(number, draw=draw + 1),
    )
    back = clocks.next_working(moment + days)
    return np.where(undone, back, np.inf), np.where(
        won, h.NEGOTIATION, np.maximum(before, h.QUALIFIED)
    )


def run(
    deals: Deals,
    state: State,
    *,
    staff: Staff,
    clocks: Clocks,
    chance: Chance,
    until: float,
    first_draw: int = 0,
) -> Events:
    """Let deals live from a state until a moment.

    Parameters
    ----------
    until
        Epoch day; nothing at or after it happens.
    first_draw
        Number of the first draw; another one gives another life of the same deal.

    Returns
    -------
    Events
        Every stage change and change of owner, without the creation itself.
    """
    row = np.arange(len(deals.number))
    parts: list[tuple[np.ndarray, ...]] = []
    draw = first_draw
    while len(row):
        row, deals, state, part = _step(row, deals, state, staff, clocks, chance, until, draw)
        parts += part
        draw += 5
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Events(none, none.astype(float), none, none, none.astype(bool))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Events(*(column[order] for column in columns))


def _step(
    row: Ints,
    deals: Deals,
    state: State,
    staff: Staff,
    clocks: Clocks,
    chance: Chance,
    until: float,
    draw: int,
) -> tuple[Ints, Deals, State, list[tuple[np.ndarray, ...]]]:
    """Move every deal to its next event or change point; those that are done drop out."""
    found = rates(deals, state, staff)
    limit, bucket_end, leaving = _limits(deals, state, staff, until)
    moment, closing = _waits(deals, state, found, clocks=clocks, chance=chance, draw=draw)
    hit = moment < limit
    to = np.where(
        hit,
        _destination(state.stage, found, closing, chance.uniform(deals.number, draw=draw + 2)),
        state.stage,
    )
    now = np.where(hit, moment, limit)
    left = ~hit & (now >= leaving) & (now < until)
    owner = np.where(left, staff.successor[state.owner], state.owner)
    parts = [(row[hit], now[hit], to[hit], owner[hit], np.ones(int(hit.sum()), dtype=bool))]
    heirs = left & (owner != state.owner)
    parts.append(
        (row[heirs], now[heirs], to[heirs], owner[heirs], np.zeros(int(heirs.sum()), dtype=bool))
    )
    closed = hit & (to >= h.WON)
    back, returns = _reopened(
        to, state.stage, now, number=deals.number, clocks=clocks, chance=chance, draw=draw + 3
    )
    again = closed & (back < until)
    parts.append(
        (
            row[again],
            back[again],
            returns[again],
            owner[again],
            np.ones(int(again.sum()), dtype=bool),
        )
    )
    now, to = np.where(again, back, now), np.where(again, returns, to)
    aged = ~hit & (now >= bucket_end)
    bucket = np.where(hit, 0, state.bucket + aged)
    since = np.where(hit, now, state.since)
    goes_on = (now < until) & (~closed | again)
    after = State(*(values[goes_on] for values in (now, to, since, bucket, owner)))
    return row[goes_on], deals.take(goes_on), after, parts
