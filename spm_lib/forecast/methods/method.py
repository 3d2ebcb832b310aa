"""What a forecasting method is: fit on a history, then expectations and samples of won value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon, day_number
from spm_lib.forecast.methods.luck import DealSizes, deal_sizes, sample_bookings
from spm_lib.forecast.past.history import History

Parts = Mapping[str, np.ndarray]
"""Won value by part: "open" (deals open at the origin), "new" (not yet created), or "all"."""

_SIZE_DAYS = 730


class Fitted(ABC):
    """A method fitted on one history."""

    @abstractmethod
    def expect(self, horizon: Horizon) -> Parts:
        """Return the expected won value: per part a float array (reps, windows), minor units."""

    @abstractmethod
    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Return draws with deal luck only: per part an Int64 array (reps, windows, draws)."""

    def chances(self, horizon: Horizon) -> np.ndarray | None:
        """Return P(won within the horizon) per open deal; None where the method has none."""
        del horizon
        return None


class Method(ABC):
    """A way to forecast: one class in one file, listed in ``METHODS``.

    ``id`` names it in figures; ``name`` is a message id; ``rank`` orders methods from simple to
    involved (of methods that cannot be told apart the simpler one is champion); ``naive`` marks
    those that look at past bookings only; ``eligible`` is False for those that are scored only to
    show their bias.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    rank: ClassVar[int]
    naive: ClassVar[bool] = True
    eligible: ClassVar[bool] = True

    @abstractmethod
    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Say what the history lacks for this method; None where it can be used."""

    @abstractmethod
    def fit(self, history: History) -> Fitted:
        """Fit on what was known at the origin."""


@dataclass(frozen=True, eq=False)
class BookingsFitted(Fitted):
    """A method that only says how much each rep books: deals are drawn around that."""

    history: History
    sizes: DealSizes

    def bookings(self, horizon: Horizon) -> np.ndarray:
        """Return the expected won value (reps, windows)."""
        raise NotImplementedError

    def expect(self, horizon: Horizon) -> Parts:
        """Return the expected won value, not split by where it comes from."""
        return {"all": self.bookings(horizon)}

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw Poisson numbers of gamma-sized deals around the expectation."""
        expected = self.bookings(horizon)
        return {"all": sample_bookings(expected, self.sizes, draws=draws, rng=rng)}


def recent_sizes(history: History) -> DealSizes:
    """Return deal sizes from the last two years before the origin."""
    recent = history.won.day > history.origin - _SIZE_DAYS
    won = history.won
    return deal_sizes(won.amount[recent], won.rep[recent], reps=len(history.reps))


def moved_back(history: History, horizon: Horizon, move: Callable[[int], int]) -> np.ndarray:
    """Return the won value per rep in the horizon's windows, moved into the past: (reps, windows).

    ``move`` takes an epoch day into the past. Of a window that is only the rest of its month, the
    whole month is looked at and its share by days is taken: whether a deal closed in a few given
    days is chance, and a forecast of nothing would be sure of it.
    """
    columns = []
    for (start, end), begun in zip(horizon.windows, _begun(horizon), strict=True):
        first, last = move(begun), move(end)
        share = 1.0
        if begun < start:
            first = min(max(first, history.since), last - 1)
            share = min((end - start) / (last - first), 1.0)
        columns.append(history.won_value(first, last) * share)
    return np.stack(columns, axis=1)


def _begun(horizon: Horizon) -> list[int]:
    """Return the first epoch day of the month that each window lies in."""
    if not horizon.periods:
        return [start for start, _ in horizon.windows]
    return [day_number(period.start) for period in horizon.periods]
