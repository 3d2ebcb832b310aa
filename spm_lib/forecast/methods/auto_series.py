"""Series: AutoETS and AutoARIMA on monthly bookings alone, optional rivals from `statsforecast`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from spm_lib.core.calendar import Period, Window
from spm_lib.core.errors import MissingExtraError
from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon, date_of, day_number
from spm_lib.forecast.methods.hazard import shares_of_wins
from spm_lib.forecast.methods.luck import sample_bookings
from spm_lib.forecast.methods.method import BookingsFitted, Method, Parts, recent_sizes
from spm_lib.forecast.past.history import History

EXTRA = "statsforecast"
MONTHS = 12
SEASON = 12
_FEW = 1e-9


class AutoSeries(Method):
    """A model of the company's months, shared out by the last year's wins.

    Needs the extra `statsforecast` (Apache-2.0).
    """

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for 12 whole months of known closes, not all of them empty."""
        del horizon
        months = whole_months(history)
        if len(months) < MONTHS:
            return Statement(
                "needs {needed} whole months of closed deals; there {found:is|are} {found}",
                {"needed": MONTHS, "found": len(months)},
            )
        if not series_of(history, months).any():
            return Statement(
                "nothing was won in the last {days} days", {"days": history.known_days}
            )
        return None

    @abstractmethod
    def model(self, season: int) -> Any:
        """Return the library's model of a season of so many months (1: none)."""

    def fit(self, history: History) -> AutoSeriesFitted:
        """Choose and fit the model on the whole months before the origin.

        Raises
        ------
        MissingExtraError
            If statsforecast is not installed.
        """
        months = whole_months(history)
        season = SEASON if len(months) >= 2 * SEASON else 1
        unit = max(float(series_of(history, months).mean()), _FEW)
        model = self.model(season).fit(series_of(history, months) / unit)
        return AutoSeriesFitted(history, recent_sizes(history), model, unit, months[-1])


class AutoEts(AutoSeries):
    """Exponential smoothing chosen by its information criterion (Hyndman et al. 2008)."""

    id = "auto_ets"
    name = "Exponential smoothing of bookings"
    rank = 4

    def model(self, season: int) -> Any:
        """Return AutoETS."""
        return _models().AutoETS(season_length=season)


class AutoArima(AutoSeries):
    """ARIMA chosen by its information criterion (Hyndman & Khandakar 2008)."""

    id = "auto_arima"
    name = "ARIMA of bookings"
    rank = 5

    def model(self, season: int) -> Any:
        """Return AutoARIMA."""
        return _models().AutoARIMA(season_length=season)


def _models() -> Any:
    try:
        return import_module("statsforecast.models")
    except ImportError:
        raise MissingExtraError.of(EXTRA, "Forecasting a series of bookings") from None


def whole_months(history: History) -> list[Period]:
    """Return the months of which every day is known by the origin, oldest first."""
    first, after = date_of(history.since), date_of(history.origin + 1)
    if first >= after:
        return []
    months = history.calendar.periods("month", Window(first, after))
    return [m for m in months if m.start >= first and m.end <= after]


def series_of(history: History, months: list[Period]) -> np.ndarray:
    """Return the won value of each month, minor units."""
    edges = [(day_number(month.start), day_number(month.end)) for month in months]
    return np.array([history.won_value(start, end).sum() for start, end in edges])


@dataclass(frozen=True, eq=False)
class AutoSeriesFitted(BookingsFitted):
    """A fitted series (in units of its mean), and the last month it knows."""

    model: Any
    unit: float
    last: Period

    def _windows(self, horizon: Horizon, months: Callable[[int], np.ndarray]) -> np.ndarray:
        """Return what ``months`` tells of the horizon's windows: (..., windows), minor units.

        Of a month of which only the rest is ahead its share by days is taken.
        """
        ahead = [_months_between(self.last, period) for period in horizon.periods]
        share = np.array(
            [
                (end - start) / (day_number(period.end) - day_number(period.start))
                for (start, end), period in zip(horizon.windows, horizon.periods, strict=True)
            ]
        )
        told = np.asarray(months(max(ahead)), dtype=float)[..., np.array(ahead) - 1]
        return np.maximum(told, 0.0) * share * self.unit

    def bookings(self, horizon: Horizon) -> np.ndarray:
        """Return the mean of each month, shared out by the last year's wins."""
        total = self._windows(horizon, lambda count: self.model.predict(count)["mean"])
        return shares_of_wins(self.history)[:, None] * total

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw the model's own paths, shared out among people with the luck of their deals."""
        seed = int(rng.integers(2**31))
        paths = self._windows(
            horizon, lambda count: self.model.simulate(h=count, n_paths=draws, seed=seed)
        )
        luck = sample_bookings(self.bookings(horizon), self.sizes, draws=draws, rng=rng)
        total = luck.sum(axis=0)
        even = shares_of_wins(self.history)[:, None, None]
        share = np.divide(
            luck, total, out=np.broadcast_to(even, luck.shape).copy(), where=total > 0
        )
        return {"all": np.rint(share * paths.T).astype(np.int64)}


def _months_between(first: Period, last: Period) -> int:
    return (last.start.year - first.start.year) * 12 + last.start.month - first.start.month
