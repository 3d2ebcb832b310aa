"""Multi-state: deals pass from stage to stage, at rates that depend on how long they sat there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard import HazardFitted, lacks_lives
from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.methods.new_business import arrivals_by_day, rep_shares
from spm_lib.forecast.past.clocks import progress_pace, winning_pace
from spm_lib.forecast.past.exposure import BUCKETS, closing_cells, moves, sat_by_day
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.landmarks import TIME
from spm_lib.forecast.past.lives import Lives

LOOK_BACK = 730
POOL_DAYS = 300.0  # weight of the stage's rate in each cell, in deal-days
LONGEST = TIME[-1] + 1
CLASSES = 3
MOST = 0.95  # of the deals of a cell leave it on one day at most


class MultiState(Method):
    """Stage by stage: rates of moving, winning and losing by stage and time in stage.

    Rates are occurrences over exposure, shrunk to the stage's. Newcomers enter the stages that
    recent newcomers entered, not the first one. Source: design notes on methods, 1.2.
    """

    id = "multi_state"
    name = "Stage by stage"
    rank = 7
    naive = False

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for dated stages, and for what a hazard needs."""
        if not history.lives.staged:
            return Statement("needs the dated stage history of deals; the data has none")
        return lacks_lives(history, horizon)

    def fit(self, history: History) -> MultiStateFitted:
        """Count moves and days per stage and time in stage."""
        return MultiStateFitted(history)


@dataclass(frozen=True, eq=False)
class StageRates:
    """Rates per day of plain pace: winning and losing (stages, times), moving (from, to, times)."""

    win: np.ndarray
    lose: np.ndarray
    move: np.ndarray


def stage_rates(
    history: History, lives: Lives | None = None, *, pool: StageRates | None = None
) -> StageRates:
    """Return occurrences over exposure per stage and time in stage, over the last two years.

    ``lives`` are some of the deals in place of all; their rates are shrunk to ``pool``.
    """
    lives, origin = lives or history.lives, history.origin
    since = max(history.since, origin - LOOK_BACK)
    sat = sat_by_day(lives, since=since, origin=origin)
    stages = len(sat) // BUCKETS
    days = np.arange(since, origin + 2)
    at_win, at_work = (
        sat @ np.diff(pace.until(days)) for pace in (winning_pace(history), progress_pace(history))
    )
    won, lost = (
        np.bincount(closing_cells(lives, since=since, origin=origin, won=which), minlength=len(sat))
        for which in (True, False)
    )
    cell, to = moves(lives, since=since, origin=origin)
    moved = np.bincount(cell * stages + to, minlength=len(sat) * stages).reshape(-1, stages)
    win = _pooled(won, at_win, pool.win if pool else None)
    lose = _pooled(lost, at_work, pool.lose if pool else None)
    move = [_pooled(moved[:, k], at_work, pool.move[:, k] if pool else None) for k in range(stages)]
    return StageRates(win, lose, np.stack(move, axis=1))


def _pooled(count: np.ndarray, exposure: np.ndarray, pool: np.ndarray | None) -> np.ndarray:
    """Return (count + weight x pool) / (exposure + weight) as (stages, times).

    Without a pool it is the stage's rate over all times.
    """
    count, exposure = count.reshape(-1, BUCKETS), exposure.reshape(-1, BUCKETS)
    stage = (count.sum(axis=1) / np.maximum(exposure.sum(axis=1), 1e-9))[:, None]
    prior = stage if pool is None else pool
    return (count + POOL_DAYS * prior) / (exposure + POOL_DAYS)


def size_classes(history: History) -> np.ndarray:
    """Return the third of all amounts that each deal's last known amount lies in; 0 if unknown."""
    return history.once("size classes", lambda: _size_classes(history))


def _size_classes(history: History) -> np.ndarray:
    spans = history.lives.stretches
    amount = np.zeros(len(history.lives.created))
    told = spans.amount > 0
    amount[spans.deal[told]] = spans.amount[told]
    if not told.any():
        return np.zeros(len(amount), dtype=np.int64)
    edges = np.quantile(amount[amount > 0], (1 / 3, 2 / 3))
    return np.searchsorted(edges, amount, side="left")


def _only(lives: Lives, deals: np.ndarray) -> Lives:
    """Return the lives with the stretches of some deals only; stages keep their number."""
    spans = lives.stretches
    kept = deals[spans.deal]
    kept[np.flatnonzero(spans.stage == spans.stage.max(initial=0))[:1]] = True
    return replace(lives, stretches=spans.take(np.flatnonzero(kept)))


@dataclass(frozen=True, eq=False)
class StageChances:
    """P(won in each window).

    ``now`` (windows, stages, days in stage) at the end of the origin; ``fresh`` (days, windows,
    stages) of a deal that enters a stage on a day of the horizon.
    """

    now: np.ndarray
    fresh: np.ndarray


def stage_chances(history: History, horizon: Horizon, rates: StageRates) -> StageChances:
    """Return the chances of every stage and time in stage, by going backwards day by day.

    Odds are the same on all days of a bucket of time in stage, and are worked out for buckets. Of
    windows before the day there are no chances yet.
    """
    lengths = np.diff((0, *TIME, LONGEST))
    by_bucket = np.ascontiguousarray(np.moveaxis(rates.move, -1, 0))  # sums have one order
    days = np.arange(horizon.edges[0], horizon.end + 1)
    closing = np.diff(winning_pace(history).until(days))
    working = np.diff(progress_pace(history).until(days))
    value = np.zeros((horizon.count, len(rates.win), LONGEST))
    fresh = np.zeros((horizon.days, horizon.count, len(rates.win)))
    window = np.searchsorted(horizon.edges, days[:-1], side="right") - 1
    for k in range(horizon.days - 1, -1, -1):
        fresh[k] = value[:, :, 0]
        moving = np.moveaxis(by_bucket * working[k], 0, -1)
        win, move, leaves = _capped(rates.win * closing[k], rates.lose * working[k], moving)
        known = value[window[k] :]
        onwards = np.einsum("stj,wt->wsj", move, known[:, :, 0])
        older = np.concatenate([known[:, :, 1:], known[:, :, -1:]], axis=2)
        older *= np.repeat(1 - leaves, lengths, axis=1)
        np.add(older, np.repeat(onwards, lengths, axis=2), out=known)
        known[0] += np.repeat(win, lengths, axis=1)
    return StageChances(value, fresh)


def _capped(
    win: np.ndarray, lose: np.ndarray, move: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scale the odds of one day down where more than all would leave."""
    leaves = win + lose + move.sum(axis=1)
    scale = np.minimum(1.0, MOST / np.maximum(leaves, 1e-12))
    return win * scale, move * scale[:, None, :], leaves * scale


@dataclass(frozen=True, eq=False)
class MultiStateFitted(HazardFitted):
    """The stages' rates; chances depend on stage and time in stage only."""

    def tables(self, horizon: Horizon) -> list[StageChances]:
        """Return the chances per stage and time in stage: of all deals, then by size class."""
        return self.history.once(("stage chances", horizon.edges), lambda: self._tables(horizon))

    def _tables(self, horizon: Horizon) -> list[StageChances]:
        rates, size = stage_rates(self.history), size_classes(self.history)
        each = [
            stage_rates(self.history, _only(self.history.lives, size == k), pool=rates)
            for k in range(CLASSES)
        ]
        return [stage_chances(self.history, horizon, found) for found in (rates, *each)]

    def by_deal(self, horizon: Horizon) -> np.ndarray:
        """Return P(won in each window) per open deal: (deals, windows)."""
        open_ = self.history.open
        size = size_classes(self.history)[open_.deal]
        tables = np.stack([table.now for table in self.tables(horizon)[1:]])
        sat = np.clip(self.history.origin - open_.entered, 0, LONGEST - 1)
        chance = tables[size, :, np.maximum(open_.stage, 0), sat]
        return np.where((open_.stage >= 0)[:, None], chance, 0.0)

    def new(self, horizon: Horizon) -> np.ndarray:
        """Return what newcomers bring who enter where recent ones entered: (reps, windows)."""
        history, lives = self.history, self.history.lives
        entry, at_once, worth = entries(history)
        coming = arrivals_by_day(history, horizon)
        total = np.einsum("k,kws,s->w", coming, self.tables(horizon)[0].fresh, entry)
        starts = np.array(horizon.edges[:-1]) - horizon.edges[0]
        total += at_once * np.add.reduceat(coming, starts)
        share = rep_shares(
            lives,
            reps=len(history.reps),
            origin=history.origin,
            since=history.since,
            days=horizon.days,
        )
        return share[:, None] * total * worth


def entries(history: History) -> tuple[np.ndarray, float, float]:
    """Return where newcomers of the last two years entered, per newcomer.

    Returns the share that entered each open stage, the share that was logged as won without ever
    being open, and the mean value of the deals won.
    """
    lives, spans = history.lives, history.lives.stretches
    recent = (lives.created > history.origin - LOOK_BACK) & (lives.created >= history.since)
    first = np.full(len(lives.created), len(spans.deal))
    np.minimum.at(first, spans.deal, np.arange(len(spans.deal)))
    entered = recent & (first < len(spans.deal))
    stages = int(spans.stage.max(initial=0)) + 1
    count = max(int(recent.sum()), 1)
    entry = np.bincount(spans.stage[first[entered]], minlength=stages) / count
    at_once = float((recent & ~entered & lives.won).sum()) / count
    amounts = lives.won_amount[lives.won & recent]
    return entry, at_once, float(amounts.mean()) if amounts.size else 0.0
