"""Snapshot conversion: what became of past pipelines that looked like today's (the floor)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.luck import sample_bookings
from spm_lib.forecast.methods.method import Fitted, Method, Parts, recent_sizes
from spm_lib.forecast.methods.stage_weighted import draw_open, expected_open, lacks_stages
from spm_lib.forecast.past.history import NEVER, History
from spm_lib.forecast.past.lives import days_within

TIME_EDGES = (20, 60, 120)
STEP = 14
LOOK_BACK = 730
NEW_LOOK_BACK = 365
SNAPSHOTS = 12


class SnapshotConversion(Method):
    """Won share of open value per stage and time in stage in past snapshots, + new business.

    For snapshots s of the past whose windows have closed:
    ``r_k = sum_s won_k(s, s+H] / sum_s open_k(s)``, k = stage x days in stage
    (0-19, 20-59, 60-119, 120+); new business is the mean won in such windows by deals that were
    not open at s. Source: design notes on methods, b3.
    """

    id = "snapshot_conversion"
    name = "Conversion of past pipelines"
    rank = 4
    naive = False

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for stages, and for twelve past snapshots whose windows have closed."""
        missing = lacks_stages(history)
        if missing:
            return missing
        found = len(snapshot_days(history, horizon))
        if found < SNAPSHOTS:
            return Statement(
                "needs {needed} past pipelines whose outcome is known; there {found:is|are} "
                "{found}",
                {"needed": SNAPSHOTS, "found": found},
            )
        return None

    def fit(self, history: History) -> SnapshotFitted:
        """Index the won deals; the conversion depends on the horizon asked for."""
        day = np.full(len(history.deal_ids), NEVER, dtype=np.int64)
        amount = np.zeros(len(history.deal_ids))
        day[history.won.deal] = history.won.day
        amount[history.won.deal] = history.won.amount
        return SnapshotFitted(history, day, amount)


def snapshot_days(history: History, horizon: Horizon) -> np.ndarray:
    """Return the past days s whose windows have closed: s + H <= origin, every 14 days."""
    last = history.origin - horizon.days
    first = max(history.since + STEP, last - LOOK_BACK + 1)
    return np.arange(last, first - 1, -STEP)


@dataclass(frozen=True, eq=False)
class Conversion:
    """What past snapshots say: per cell and window, and per rep and window for new business.

    ``value`` is won value / open value, ``chance`` won deals / open deals (cells, windows);
    ``new`` is the mean won value per snapshot window by deals not open then (reps, windows).
    """

    value: np.ndarray
    chance: np.ndarray
    new: np.ndarray


@dataclass(frozen=True, eq=False)
class SnapshotFitted(Fitted):
    """Past snapshots of the pipeline, ready to be asked for any horizon."""

    history: History
    won_day: np.ndarray
    won_amount: np.ndarray

    def conversion(self, horizon: Horizon) -> Conversion:
        """Return what came of past snapshots within windows like those of the horizon."""
        return self.history.once(("conversion", horizon.edges), lambda: self._counted(horizon))

    def _counted(self, horizon: Horizon) -> Conversion:
        offsets = np.array(horizon.edges) - horizon.edges[0]
        cells, windows = self.history.stages * (len(TIME_EDGES) + 1), horizon.count
        opened, number = np.zeros(cells), np.zeros(cells)
        won, wins = np.zeros((cells, windows)), np.zeros((cells, windows))
        days = snapshot_days(self.history, horizon)
        new = []
        for day, deal, cell, value in self._snapshots(days):
            opened += np.bincount(cell, value, cells)
            number += np.bincount(cell, minlength=cells)
            window = np.searchsorted(offsets, self.won_day[deal] - day - 1, side="right") - 1
            for j in range(windows):
                hit = window == j
                won[:, j] += np.bincount(cell[hit], self.won_amount[deal[hit]], cells)
                wins[:, j] += np.bincount(cell[hit], minlength=cells)
            if day > self.history.origin - horizon.days - NEW_LOOK_BACK:
                new.append(self._new(day + 1 + offsets, deal))
        return Conversion(_ratio(won, opened), _ratio(wins, number), np.mean(new, axis=0))

    def _snapshots(
        self, days: np.ndarray
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield (day, deal, cell, value) of what was open at the end of each day, latest first."""
        states = self.history.states
        rows, seen = days_within(states.since, states.until, days[::-1])
        for day in days.tolist():
            there = rows[seen == day]
            time = np.searchsorted(TIME_EDGES, day - states.entered[there], side="right")
            cell = states.stage[there] * (len(TIME_EDGES) + 1) + time
            yield day, states.deal[there], cell, states.amount[there]

    def _new(self, edges: np.ndarray, open_then: np.ndarray) -> np.ndarray:
        """Return won value per rep and window of the deals that were not open at the snapshot."""
        won = self.history.won
        known = np.zeros(len(self.won_day), dtype=bool)
        known[open_then] = True
        columns = []
        for first, last in pairwise(np.searchsorted(won.day, edges)):
            hit = np.flatnonzero(~known[won.deal[first:last]]) + first
            value = won.amount[hit].astype(float)
            columns.append(np.bincount(won.rep[hit], value, minlength=len(self.history.reps)))
        return np.stack(columns, axis=1)

    def _rates(self, conversion: Conversion) -> tuple[np.ndarray, np.ndarray]:
        """Return per open deal the value and the chance converted: (deals, windows)."""
        open_ = self.history.open
        time = np.searchsorted(TIME_EDGES, self.history.origin - open_.entered, side="right")
        cell = np.maximum(open_.stage, 0) * (len(TIME_EDGES) + 1) + time
        known = (open_.stage >= 0)[:, None]
        return conversion.value[cell] * known, conversion.chance[cell] * known

    def chances(self, horizon: Horizon) -> np.ndarray:
        """Return the share of like deals won within the horizon, per open deal."""
        return self._rates(self.conversion(horizon))[1].sum(axis=1)

    def expect(self, horizon: Horizon) -> Parts:
        """Return open value times its conversion, and mean new business."""
        conversion = self.conversion(horizon)
        value, _ = self._rates(conversion)
        return {"open": expected_open(self.history, value), "new": conversion.new}

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw each open deal won or not at its realised worth, and new deals around their mean."""
        conversion = self.conversion(horizon)
        value, chance = self._rates(conversion)
        return {
            "open": self._draw_open(value, chance, draws=draws, rng=rng),
            "new": sample_bookings(
                conversion.new, recent_sizes(self.history), draws=draws, rng=rng
            ),
        }

    def _draw_open(
        self, value: np.ndarray, chance: np.ndarray, *, draws: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Draw won or not by count; a won deal pays its amount times realised / quoted value."""
        worth, odds = value.sum(axis=1), np.minimum(chance.sum(axis=1), 1.0)
        some = (worth > 0) & (odds > 0)
        paid = np.divide(worth, odds, out=np.zeros_like(worth), where=some)
        share = np.divide(odds, worth, out=np.zeros_like(worth), where=some)
        amount = self.history.open.amount * paid
        return draw_open(self.history, value * share[:, None], draws=draws, rng=rng, amount=amount)


def _ratio(won: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Return won / open per cell; a cell never seen open takes the ratio of all cells."""
    overall = won.sum(axis=0) / max(opened.sum(), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = won / opened[:, None]
    return np.where(opened[:, None] > 0, ratio, overall[None, :])
