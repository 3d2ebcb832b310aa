"""Combinations: the mean of two methods, and one method's total shared out by another."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hybrid import Hybrid
from spm_lib.forecast.methods.luck import sample_bookings
from spm_lib.forecast.methods.method import Fitted, Method, Parts, recent_sizes
from spm_lib.forecast.methods.same_month_last_quarter import SameMonthLastQuarter
from spm_lib.forecast.methods.snapshot_conversion import SnapshotConversion
from spm_lib.forecast.past.history import History


class MeanWithConversion(Method):
    """Half the hazard of open deals and newcomers, half the conversion of past pipelines."""

    id = "mean_with_conversion"
    name = "Mean of hazard and conversion"
    rank = 10
    naive = False
    lead: Method = Hybrid()
    other: Method = SnapshotConversion()

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for what either of the two needs."""
        return self.lead.lacks(history, horizon) or self.other.lacks(history, horizon)

    def fit(self, history: History) -> Fitted:
        """Fit both."""
        return MeanFitted(history, self.lead.fit(history), self.other.fit(history))


class MeanWithSeason(MeanWithConversion):
    """Half the hazard of open deals and newcomers, half the same months last quarter."""

    id = "mean_with_season"
    name = "Mean of hazard and last quarter"
    rank = 11
    other = SameMonthLastQuarter()


class SeasonByShares(MeanWithConversion):
    """The company's total of the same months last quarter, shared out as the hazard says."""

    id = "season_by_shares"
    name = "Last quarter's total, shared by hazard"
    rank = 12
    other = SameMonthLastQuarter()

    def fit(self, history: History) -> Fitted:
        """Fit both."""
        return SharedFitted(history, self.lead.fit(history), self.other.fit(history))


@dataclass(frozen=True, eq=False)
class Levelled(Fitted):
    """The draws of a leading method, moved to another expectation: its split and luck are kept."""

    history: History
    lead: Fitted
    other: Fitted

    @abstractmethod
    def goal(self, lead: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the expectation wanted (reps, windows) from those of the two."""

    def chances(self, horizon: Horizon) -> np.ndarray | None:
        """Return the chances of the leading method, deal by deal."""
        return self.lead.chances(horizon)

    def _goal(self, horizon: Horizon) -> tuple[Parts, np.ndarray, np.ndarray]:
        """Return the leading parts, the factor on them, and what they cannot be scaled to."""
        parts = self.lead.expect(horizon)
        lead = np.sum(list(parts.values()), axis=0)
        other = np.sum(list(self.other.expect(horizon).values()), axis=0)
        goal = self.goal(lead, other)
        factor = np.divide(goal, lead, out=np.zeros_like(goal), where=lead > 0)
        return parts, factor, np.where(lead > 0, 0.0, goal)

    def expect(self, horizon: Horizon) -> Parts:
        """Return the leading parts at the other level."""
        parts, factor, rest = self._goal(horizon)
        scaled = {name: part * factor for name, part in parts.items()}
        return {**scaled, "new": scaled["new"] + rest}

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Return the leading draws at the other level; new deals where the lead expects nothing."""
        _, factor, rest = self._goal(horizon)
        sample = self.lead.sample(horizon, draws=draws, rng=rng)
        scaled = {
            name: np.rint(part * factor[:, :, None]).astype(np.int64)
            for name, part in sample.items()
        }
        more = sample_bookings(rest, recent_sizes(self.history), draws=draws, rng=rng)
        return {**scaled, "new": scaled["new"] + more}


class MeanFitted(Levelled):
    """The mean of the two expectations."""

    def goal(self, lead: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the mean."""
        return (lead + other) / 2


class SharedFitted(Levelled):
    """The other's total per window in the leading method's shares."""

    def goal(self, lead: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the shares of the lead times the total of the other."""
        total = lead.sum(axis=0)
        share = np.divide(lead, total, out=np.zeros_like(lead), where=total > 0)
        return np.where(total > 0, share * other.sum(axis=0), other)
