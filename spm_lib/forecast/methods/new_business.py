"""New business: what deals that do not exist yet will bring, from what recent newcomers brought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard_rates import rep_multiples
from spm_lib.forecast.methods.luck import deal_sizes
from spm_lib.forecast.past.calendar_pace import Pace
from spm_lib.forecast.past.clocks import arrival_pace, progress_pace, winning_pace
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.lives import Lives

LOOK_BACK = 730
RECENT = 91
YEAR, STEP = 365, 14


def new_business(history: History, horizon: Horizon, *, level: float = 1.0) -> np.ndarray:
    """Return the expected won value of deals created after the origin: (reps, windows).

    Wins per arrival by age, over the deals created in the last two years, times their mean value,
    times arrivals at the rate of the last 91 days. Age runs at the pace of progress, wins come at
    the pace of winning, times ``level`` (what wins lately ran above their expectation).
    """
    lives, origin, since = history.lives, horizon.origin, history.since
    clocks = Clocks.of(history)
    per_age, worth = wins_by_age(
        lives, origin=origin, since=since, days=horizon.days, clocks=clocks
    )
    days = np.arange(horizon.edges[0], horizon.end)
    coming = arrivals_by_day(history, horizon)
    born, lived = np.meshgrid(days, days, indexing="ij")
    rate = np.where(lived >= born, per_age[clocks.age(born, lived, len(per_age))], 0.0)
    value = (coming @ rate) * clocks.speed(days) * worth * level
    total = np.add.reduceat(value, np.array(horizon.edges[:-1]) - horizon.edges[0])
    share = rep_shares(lives, reps=len(history.reps), origin=origin, since=since, days=horizon.days)
    return share[:, None] * total[None, :]


@dataclass(frozen=True, eq=False)
class Clocks:
    """The pace of winning, and the pace at which deals get on."""

    pace: Pace
    progress: Pace

    @classmethod
    def of(cls, history: History) -> Clocks:
        """Return the clocks of a history."""
        return cls(winning_pace(history), progress_pace(history))

    def speed(self, days: np.ndarray) -> np.ndarray:
        """Return the pace of winning on each day."""
        return self.pace.until(days + 1) - self.pace.until(days)

    def age(self, born: np.ndarray, lived: np.ndarray, size: int) -> np.ndarray:
        """Return the age in whole days of plain progress; 0 only on the day of creation."""
        passed = self.progress.until(lived) - self.progress.until(born)
        age = np.where(lived > born, 1 + np.floor(np.maximum(passed, 0.0)), 0)
        return np.clip(age, 0, size - 1).astype(np.int64)


def _recent(lives: Lives, *, origin: int, since: int) -> np.ndarray:
    start = max(origin - LOOK_BACK, since - 1)
    return (lives.created > start) & (lives.created <= origin)


def wins_by_age(
    lives: Lives, *, origin: int, since: int, days: int, clocks: Clocks, in_amounts: bool = False
) -> tuple[np.ndarray, float]:
    """Return wins per arrival and unit of pace at each age, and the mean value of such a win.

    ``in_amounts`` counts a win as often as its amount is of that mean.
    """
    some = _recent(lives, origin=origin, since=since)
    created, closed = lives.created[some], lives.closed[some]
    hit = lives.won[some] & (closed >= created) & (closed < created + days)
    size = int(days * 1.5) + 2
    amount = lives.won_amount[some][hit]
    worth = float(amount.mean()) if hit.any() else 0.0
    counts = amount / worth if in_amounts and worth else np.ones(len(amount))
    wins = np.bincount(clocks.age(created[hit], closed[hit], size), counts, minlength=size)
    start = max(origin - LOOK_BACK, since - 1) + 1
    number = np.bincount(created - start, minlength=origin - start + 1)
    day = np.arange(start, origin + 1)
    seen = np.minimum(days, origin + 1 - day)  # days lived by then of who was born on each
    born = np.repeat(day, seen)
    lived = born + np.arange(len(born)) - np.repeat(np.cumsum(seen) - seen, seen)
    weight = np.repeat(number, seen) * clocks.speed(day)[lived - start]
    exposed = np.bincount(clocks.age(born, lived, size), weight, minlength=size)
    smooth = _smoothed(wins), _smoothed(exposed)
    rate = np.divide(*smooth, out=np.zeros(size), where=smooth[1] > 0)
    return rate, worth


def _smoothed(values: np.ndarray, width: int = 7) -> np.ndarray:
    """Return sums over a week around each age; age 0 (logged as won) stays alone."""
    return np.concatenate([values[:1], np.convolve(values[1:], np.ones(width), mode="same")])


def arrivals_by_day(history: History, horizon: Horizon) -> np.ndarray:
    """Return expected newcomers per day of the horizon: the recent rate at the calendar's pace."""
    created, pace = history.lives.created, arrival_pace(history)
    start = max(history.origin - RECENT + 1, history.since)
    recent = ((created >= start) & (created <= history.origin)).sum()
    rate = recent / max(pace.between(start, history.origin + 1), 1e-9)
    return rate * np.diff(pace.until(np.arange(horizon.edges[0], horizon.end + 1)))


def rep_shares(lives: Lives, *, reps: int, origin: int, since: int, days: int) -> np.ndarray:
    """Return each rep's share of new business: arrivals x quick wins per arrival x size.

    Quick wins per arrival are pooled over reps (gamma-Poisson) by how much reps truly differ, sizes
    are shrunk with the weight n / (n + 8).
    """
    some = _recent(lives, origin=origin, since=since) & (lives.rep >= 0)
    recent = some & (lives.created > origin - RECENT)
    arrived = np.bincount(lives.rep[recent], minlength=reps).astype(float)
    quick = some & lives.won & (lives.closed - lives.created < days)
    number = np.bincount(lives.rep[quick], minlength=reps).astype(float)
    came = np.bincount(lives.rep[some], minlength=reps).astype(float)
    rate = number.sum() / max(came.sum(), 1.0)
    multiple = rep_multiples(number, came * rate)
    sizes = deal_sizes(lives.won_amount[quick], lives.rep[quick], reps=reps)
    worth = multiple * sizes.mean * (arrived if arrived.sum() else came)
    total = worth.sum()
    return worth / total if total > 0 else np.full(reps, 1 / reps)


def mean_new_business(history: History, horizon: Horizon) -> np.ndarray:
    """Return the mean won value of newcomers in past windows of the last year: (reps, windows).

    A newcomer of a window was created after the day before it.
    """
    lives, offsets = history.lives, np.array(horizon.edges) - horizon.edges[0]
    last = history.origin - horizon.days
    days = np.arange(last, max(history.since, last - YEAR) - 1, -STEP)
    shape = (len(history.reps), horizon.count)
    total = np.zeros(shape)
    for day in days:
        new = lives.won & (lives.created > day) & (lives.closed <= day + horizon.days)
        window = np.searchsorted(offsets, lives.closed[new] - day - 1, side="right") - 1
        place = lives.rep[new] * shape[1] + window
        total += np.bincount(place, lives.won_amount[new], shape[0] * shape[1]).reshape(shape)
    return total / max(len(days), 1)
