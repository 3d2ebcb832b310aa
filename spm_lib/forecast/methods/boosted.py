"""Boosted: the chances of open deals by gradient-boosted trees, an optional rival of the hazard."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from spm_lib.core.errors import MissingExtraError
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard_rates import HALF_LIFE, landmark_days
from spm_lib.forecast.methods.hybrid import Hybrid, HybridFitted
from spm_lib.forecast.past.clocks import winning_pace
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.lives import NEVER, Lives

EXTRA = "lightgbm"
ROUNDS = 120
SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbose": -1,
}


class Boosted(Hybrid):
    """Chances of open deals by LightGBM on what was known at landmarks; new business as `hybrid`.

    One model per window says of the deals open at a landmark which are won in that window; only
    landmarks whose window has closed teach it. Needs the extra `lightgbm` (MIT). Sources: landmark
    supermodel: Nicolaie et al. (2013), Stat Med 32:2031; trees: Ke et al. (2017), NeurIPS 30.
    """

    id = "boosted"
    name = "Boosted trees on open deals"
    rank = 13

    def fit(self, history: History) -> BoostedFitted:
        """Learn nothing yet: the models depend on the windows asked for.

        Raises
        ------
        MissingExtraError
            If LightGBM is not installed.
        """
        _lightgbm()
        return BoostedFitted(history)


def _lightgbm() -> Any:
    try:
        return import_module("lightgbm")
    except (ImportError, OSError):  # OSError: a library of the system is missing
        raise MissingExtraError.of(EXTRA, "The method 'boosted'") from None


@dataclass(frozen=True, eq=False)
class BoostedFitted(HybridFitted):
    """Other chances of open deals; their worth and new business are the hybrid's."""

    def by_deal(self, horizon: Horizon) -> np.ndarray:
        """Return P(won in each window) per open deal of the history: (deals, windows)."""
        return self.history.once(("boosted", horizon.edges), lambda: self._chances(horizon))

    def _chances(self, horizon: Horizon) -> np.ndarray:
        lives, open_ = self.history.lives, self.history.open
        rows, day = lives.open_on(np.array([self.history.origin]))
        place = np.full(len(self.history.deal_ids), -1)
        place[lives.stretches.deal[rows]] = np.arange(len(rows))
        mine = place[open_.deal]
        known = numbers_of(lives, rows, day)
        found = []
        for window in _relative(horizon):
            seen = _with_pace(self.history, known, day, window)
            found.append(_learnt(self.history, horizon, window).predict(seen))
        chance = np.stack(found, axis=1)
        whole = np.maximum(chance.sum(axis=1, keepdims=True), 1.0)  # never more than one win
        return np.where((mine >= 0)[:, None], (chance / whole)[mine], 0.0)


def _relative(horizon: Horizon) -> list[tuple[int, int]]:
    """Return the windows in days after the day that follows the origin."""
    return [(start - horizon.edges[0], end - horizon.edges[0]) for start, end in horizon.windows]


def _learnt(history: History, horizon: Horizon, window: tuple[int, int]) -> Any:
    """Return the trees of one window, from landmarks whose window has closed by the origin."""
    lightgbm, lives = _lightgbm(), history.lives
    days = landmark_days(history, horizon)
    rows, day = lives.open_on(days[days + window[1] <= history.origin])
    deal = lives.stretches.deal[rows]
    closed = lives.closed[deal]
    won = lives.won[deal] & (closed > day + window[0]) & (closed <= day + window[1])
    weight = 0.5 ** ((history.origin - day) / HALF_LIFE)
    known = _with_pace(history, numbers_of(lives, rows, day), day, window)
    data = lightgbm.Dataset(known, won.astype(float), weight=weight, params=SETTINGS)
    return lightgbm.train(SETTINGS, data, num_boost_round=ROUNDS)


def numbers_of(lives: Lives, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return what is known of open deals as numbers: stretch ``rows`` at the end of ``days``.

    Columns: age; with a history of stages also stage, days in it, days since the last change, days
    to the planned close and log amount (NaN: not told), pushes; then the codes of what was known
    at creation.
    """
    spans = lives.stretches.take(rows)
    columns = [days - lives.created[spans.deal]]
    if lives.staged:
        told = spans.amount > 0
        columns += [
            spans.stage,
            days - spans.entered,
            days - spans.since,
            np.where(spans.expected < NEVER, spans.expected - days, np.nan),
            np.log(np.where(told, spans.amount, np.nan)),
            spans.pushes,
        ]
    columns += [trait[spans.deal] for trait in lives.traits.values()]
    return np.stack(columns, axis=1).astype(float)


def _with_pace(
    history: History, known: np.ndarray, day: np.ndarray, window: tuple[int, int]
) -> np.ndarray:
    """Add how much is usually won in the days of the window, by the calendar."""
    pace = winning_pace(history)
    much = pace.until(day + 1 + window[1]) - pace.until(day + 1 + window[0])
    return np.column_stack([known, much])
