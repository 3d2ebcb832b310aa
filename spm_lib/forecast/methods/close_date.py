"""CRM close dates: stage-weighted value of the deals whose planned close falls in the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import Fitted, Method, Parts
from spm_lib.forecast.methods.stage_weighted import (
    draw_open,
    expected_open,
    lacks_stages,
    open_and_nothing_new,
    won_share_by_stage,
)
from spm_lib.forecast.past.history import History


class CloseDate(Method):
    """Stage weight of open deals due by the planned close that the CRM showed at the origin.

    Overdue deals are taken to close in the first window. It is what the CRM itself says.
    """

    id = "close_date"
    name = "CRM stage weight and close date"
    rank = 6
    naive = False
    eligible = False

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for planned closes known at the origin, and for stages."""
        del horizon
        if not history.has_expected:
            return Statement("needs the planned close dates as they stood then; the data has none")
        return lacks_stages(history)

    def fit(self, history: History) -> CloseDateFitted:
        """Count the won share per stage."""
        return CloseDateFitted(history, won_share_by_stage(history))


@dataclass(frozen=True, eq=False)
class CloseDateFitted(Fitted):
    """The won share per stage, used on the day the CRM plans the close."""

    history: History
    share: np.ndarray

    def _chance(self, horizon: Horizon) -> np.ndarray:
        open_ = self.history.open
        known = np.where(open_.stage >= 0, self.share[np.maximum(open_.stage, 0)], 0.0)
        due = np.maximum(open_.expected, horizon.edges[0])
        columns = [known * ((due >= start) & (due < end)) for start, end in horizon.windows]
        return np.stack(columns, axis=1)

    def chances(self, horizon: Horizon) -> np.ndarray:
        """Return the stage weight of each open deal due within the horizon, else 0."""
        return self._chance(horizon).sum(axis=1)

    def expect(self, horizon: Horizon) -> Parts:
        """Return value times stage weight in the window of the planned close."""
        return open_and_nothing_new(expected_open(self.history, self._chance(horizon)))

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw won or not won for each open deal that is due."""
        return open_and_nothing_new(
            draw_open(self.history, self._chance(horizon), draws=draws, rng=rng)
        )
