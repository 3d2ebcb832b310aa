"""Last period: the coming days bring what the same number of days before the origin brought."""

from __future__ import annotations

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import BookingsFitted, Method, moved_back, recent_sizes
from spm_lib.forecast.past.history import History


class LastPeriod(Method):
    """Won value of the stretch of equal length that ended at the origin (naive forecast)."""

    id = "last_period"
    name = "Same as the last period"
    rank = 1

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for as many days of known closes as are to be forecast."""
        if history.known_days < horizon.days:
            return Statement(
                "needs {needed:1 day|{needed} days} of closed deals; there {found:is|are} {found}",
                {"needed": horizon.days, "found": max(history.known_days, 0)},
            )
        return None

    def fit(self, history: History) -> LastPeriodFitted:
        """Take the last stretch as it is."""
        return LastPeriodFitted(history, recent_sizes(history))


class LastPeriodFitted(BookingsFitted):
    """The last stretch per rep."""

    def bookings(self, horizon: Horizon) -> np.ndarray:
        """Return the won value of each window moved back by the whole horizon."""
        back = horizon.days
        return moved_back(self.history, horizon, lambda day: day - back)
