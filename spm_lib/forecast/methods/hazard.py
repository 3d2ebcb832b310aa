"""Hazard of open deals: the daily odds of being won or lost, given what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard_rates import (
    OpenToday,
    Rates,
    chances_today,
    landmark_days,
    learn_rates,
    steps_of,
)
from spm_lib.forecast.methods.luck import sample_bookings
from spm_lib.forecast.methods.method import Fitted, Method, Parts, recent_sizes
from spm_lib.forecast.methods.new_business import mean_new_business
from spm_lib.forecast.methods.stage_weighted import draw_open, expected_open
from spm_lib.forecast.past.history import History

WINS = 40
LANDMARKS = 12
YEAR, EQUAL = 365, 4


class Hazard(Method):
    """Competing-risk hazard of open deals at landmarks, and the mean new business of past windows.

    Source: design notes on methods, 1.2; landmark supermodel: Nicolaie et al. (2013), Stat Med
    32:2031.
    """

    id = "hazard"
    name = "Hazard of open deals"
    rank = 8
    naive = False

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for dated lives of deals, 40 wins, and 12 landmarks whose last window has closed."""
        return lacks_lives(history, horizon)

    def fit(self, history: History) -> HazardFitted:
        """Learn nothing yet: the rates depend on the windows asked for."""
        return HazardFitted(history)


def lacks_lives(history: History, horizon: Horizon) -> Statement | None:
    """Say what a model of open deals lacks; None where there is enough."""
    if not history.lives.stretches.deal.size:
        return Statement("needs the creation dates of deals; the data has none")
    if len(history.won.day) < WINS:
        return Statement(
            "needs {needed} won deals; there {found:is|are} {found}",
            {"needed": WINS, "found": len(history.won.day)},
        )
    closed = landmark_days(history, horizon) + horizon.days <= history.origin
    if closed.sum() < LANDMARKS:
        return Statement(
            "needs {needed} past pipelines whose outcome is known; there {found:is|are} {found}",
            {"needed": LANDMARKS, "found": int(closed.sum())},
        )
    return None


@dataclass(frozen=True, eq=False)
class HazardFitted(Fitted):
    """Rates of winning and losing, kept per horizon beside the history."""

    history: History

    def rates(self, horizon: Horizon) -> Rates:
        """Return the rates of the steps of the horizon."""
        steps, _ = steps_of(horizon)
        return self.history.once(
            ("hazard rates", steps.edges), lambda: learn_rates(self.history, steps)
        )

    def today(self, horizon: Horizon) -> OpenToday:
        """Return the open deals with their chances."""
        return self.history.once(
            ("hazard today", horizon.edges),
            lambda: chances_today(self.history, steps_of(horizon)[0], self.rates(horizon)),
        )

    def by_deal(self, horizon: Horizon) -> np.ndarray:
        """Return P(won in each window) per open deal of the history: (deals, windows)."""
        today = self.today(horizon)
        place = np.full(len(self.history.deal_ids), -1)
        place[today.deal] = np.arange(len(today.deal))
        mine = place[self.history.open.deal]
        starts = np.searchsorted(steps_of(horizon)[1], np.arange(horizon.count))
        chance = np.add.reduceat(today.chance, starts, axis=1)
        return np.where((mine >= 0)[:, None], chance[mine], 0.0)

    def worth(self, horizon: Horizon) -> np.ndarray:
        """Return what each open deal is worth if won."""
        open_ = self.history.open
        return np.where(open_.priced, open_.amount * self.rates(horizon).paid, open_.amount)

    def new(self, horizon: Horizon) -> np.ndarray:
        """Return the expected new business: (reps, windows)."""
        return mean_new_business(self.history, horizon)

    def chances(self, horizon: Horizon) -> np.ndarray:
        """Return P(won within the horizon) per open deal."""
        return self.by_deal(horizon).sum(axis=1)

    def expect(self, horizon: Horizon) -> Parts:
        """Return worth times chance of the open deals, and new business."""
        owned, unowned = self._open(horizon)
        return {"open": owned + unowned, "new": self.new(horizon)}

    def _open(self, horizon: Horizon) -> tuple[np.ndarray, np.ndarray]:
        """Return what open deals should bring: those of known owners, and the others shared out."""
        chance, worth = self.by_deal(horizon), self.worth(horizon)
        known = self.history.open.rep >= 0
        owned = expected_open(self.history, chance, amount=worth, rows=known)
        total = (chance * worth[:, None])[~known].sum(axis=0)
        if not total.any():
            return owned, np.zeros_like(owned)
        return owned, shares_of_wins(self.history)[:, None] * total

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw the fate of each open deal, and new deals around their expectation.

        Of deals whose owner is not known numbers and sizes are drawn around what each rep's share
        of them should bring.
        """
        chance, worth = self.by_deal(horizon), self.worth(horizon)
        sizes, known = recent_sizes(self.history), self.history.open.rep >= 0
        open_ = draw_open(self.history, chance, draws=draws, rng=rng, amount=worth, rows=known)
        _, unowned = self._open(horizon)
        if unowned.any():
            open_ = open_ + sample_bookings(unowned, sizes, draws=draws, rng=rng)
        new = sample_bookings(self.new(horizon), sizes, draws=draws, rng=rng)
        return {"open": open_, "new": new}


def shares_of_wins(history: History) -> np.ndarray:
    """Return each rep's share of the value won in the last year, shrunk to equal shares.

    Among those who won anything in it; weight of the own value: n / (n + 4) wins.
    """
    recent = history.won.day > history.origin - YEAR
    rep, amount = history.won.rep[recent], history.won.amount[recent].astype(float)
    reps = len(history.reps)
    value = np.bincount(rep, amount, reps)
    active = np.bincount(rep, minlength=reps) > 0
    if not value.sum():
        return np.full(reps, 1 / reps)
    shrunk = np.where(active, value + EQUAL * amount.mean(), 0.0)
    return shrunk / shrunk.sum()
