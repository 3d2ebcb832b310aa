"""Hybrid: the hazard of open deals, and new business from what recent newcomers brought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard import Hazard, HazardFitted
from spm_lib.forecast.methods.new_business import new_business
from spm_lib.forecast.past.history import History


class Hybrid(Hazard):
    """The hazard of open deals, and new business as wins per newcomer by age."""

    id = "hybrid"
    name = "Hazard of open deals and wins per newcomer"
    rank = 9

    def fit(self, history: History) -> HybridFitted:
        """Learn nothing yet: the rates depend on the windows asked for."""
        return HybridFitted(history)


@dataclass(frozen=True, eq=False)
class HybridFitted(HazardFitted):
    """The same rates of open deals; other new business."""

    def new(self, horizon: Horizon) -> np.ndarray:
        """Return wins per newcomer times newcomers to come: (reps, windows)."""
        return self.history.once(
            ("hybrid new", horizon.edges),
            lambda: new_business(self.history, horizon, level=self.rates(horizon).level),
        )
