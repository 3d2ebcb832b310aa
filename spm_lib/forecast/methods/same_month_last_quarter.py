"""Same month last quarter: bookings follow the place of the month in its quarter."""

from __future__ import annotations

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import Method, recent_sizes
from spm_lib.forecast.methods.same_month_last_year import SeasonalFitted, lacks_season
from spm_lib.forecast.past.history import History

MONTHS = 3


class SameMonthLastQuarter(Method):
    """Won value of the same days three months earlier."""

    id = "same_month_last_quarter"
    name = "Same months last quarter"
    rank = 2

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for closes known over the same days of last quarter."""
        return lacks_season(history, horizon, months=MONTHS)

    def fit(self, history: History) -> SeasonalFitted:
        """Take last quarter as it was."""
        return SeasonalFitted(history, recent_sizes(history), MONTHS)
