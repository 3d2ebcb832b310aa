"""Run rate: bookings go on as they did, per day, over the last 91 days."""

from __future__ import annotations

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import BookingsFitted, Method, recent_sizes
from spm_lib.forecast.past.history import History

DAYS = 91


class RunRate(Method):
    """Mean daily won value of the last 91 days, times the days of each window."""

    id = "run_rate"
    name = "Run rate of the last 91 days"
    rank = 0

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for 91 days of known closes and something won in them."""
        del horizon
        if history.known_days < DAYS:
            return Statement(
                "needs {needed:1 day|{needed} days} of closed deals; there {found:is|are} {found}",
                {"needed": DAYS, "found": max(history.known_days, 0)},
            )
        if not history.won_value(history.origin - DAYS + 1, history.origin + 1).any():
            return Statement("nothing was won in the last {days} days", {"days": DAYS})
        return None

    def fit(self, history: History) -> RunRateFitted:
        """Take the last 91 days as they are."""
        return RunRateFitted(history, recent_sizes(history))


class RunRateFitted(BookingsFitted):
    """The daily rate per rep."""

    def bookings(self, horizon: Horizon) -> np.ndarray:
        """Return the daily rate times the days of each window."""
        end = self.history.origin + 1
        rate = self.history.won_value(end - DAYS, end) / DAYS
        return rate[:, None] * np.diff(horizon.edges)[None, :]
