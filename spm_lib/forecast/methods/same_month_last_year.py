"""Same months last year: the seasonal naive forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon, months_earlier
from spm_lib.forecast.methods.method import BookingsFitted, Method, moved_back, recent_sizes
from spm_lib.forecast.past.history import History

MONTHS = 12


class SameMonthLastYear(Method):
    """Won value of the same days one year earlier (seasonal naive forecast)."""

    id = "same_month_last_year"
    name = "Same months last year"
    rank = 3

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for closes known over the same days of last year."""
        return lacks_season(history, horizon, months=MONTHS)

    def fit(self, history: History) -> SeasonalFitted:
        """Take last year as it was."""
        return SeasonalFitted(history, recent_sizes(history), MONTHS)


@dataclass(frozen=True, eq=False)
class SeasonalFitted(BookingsFitted):
    """Bookings of the same days a number of months earlier."""

    months: int

    def bookings(self, horizon: Horizon) -> np.ndarray:
        """Return the won value of each window moved back by the season."""
        return moved_back(self.history, horizon, lambda day: months_earlier(day, self.months))


def lacks_season(history: History, horizon: Horizon, *, months: int) -> Statement | None:
    """Say that closes are not known over the days a season earlier; None where they are."""
    first = months_earlier(horizon.edges[0], months)
    if history.since > first:
        found = max(history.known_days, 0) // 30
        return Statement(
            "needs closed deals of {needed} months back; there {found:is 1 month|are {found} "
            "months}",
            {"needed": months, "found": found},
        )
    return None
