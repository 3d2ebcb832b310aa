"""New deals: what those to be created will bring, by month of creation and month of the win."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from spm_lib.forecast.methods.new_business import Clocks, arrivals_by_day, wins_by_age
from spm_lib.forecast.past.clocks import arrival_pace
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.lives import NEVER
from spm_lib.targets.odds.kept_arrays import Arrays, kept_arrays
from spm_lib.targets.odds.steps import Steps

Floats = np.ndarray
YEAR = 365
FADES = 91.0  # days ahead after which the pace of the last quarter counts for a third
DRIFT = 0.05  # by which a year may differ from the one before without a trend, log scale
LONGEST = 730  # days after creation for which wins are counted
_GRID = 0.05  # steps of the logarithm of the cycle between which is interpolated


@dataclass(frozen=True, eq=False)
class Newcomers:
    """Expected wins of the whole company's deals to come, at today's pace.

    Attributes
    ----------
    steps, history
        The time to come, and what is known of the deals.
    coming
        Deals created per day of the steps.
    per_age
        Wins per deal created and unit of pace, by age; each counts as its amount over the mean
        (deals won soon are smaller).
    """

    steps: Steps
    history: History
    coming: Floats
    per_age: Floats
    made: dict[int, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, history: History, steps: Steps, *, kept: Path | None = None) -> Newcomers:
        """Learn how deals turn into wins as they age.

        Parameters
        ----------
        history, steps
            What is known, and the time to come.
        kept
            Folder where what is learned of just these is kept; null: it is not.
        """
        found = kept_arrays(kept, lambda: _learned(history, steps))
        one = cls(steps, history, found["coming"], found["per_age"])
        one.made[0] = found["wins"]
        return one

    @property
    def clocks(self) -> Clocks:
        """The clocks by which deals get on."""
        return Clocks.of(self.history)

    @property
    def converted(self) -> float:
        """Wins per deal created, at all ages."""
        return float(self.per_age.sum())

    def wins(self, cycle: float = 1.0) -> Floats:
        """Return expected wins (step of creation, step of the win) where cycles take so long.

        Between cycles on a fine grid the wins are interpolated, so that a slider moves evenly.
        """
        place = np.log(cycle) / _GRID
        low = int(np.floor(place))
        rest = place - low
        if rest < 1e-9:
            return self._at(low)
        return (1 - rest) * self._at(low) + rest * self._at(low + 1)

    def _at(self, place: int) -> Floats:
        if place not in self.made:
            self.made[place] = self._computed(float(np.exp(place * _GRID)))
        return self.made[place]

    def _computed(self, cycle: float) -> Floats:
        edges = np.array(self.steps.edges)
        days = np.arange(edges[0], edges[-1])
        born, lived = np.meshgrid(days, days, indexing="ij")
        age = self.clocks.age(born, lived, len(self.per_age))
        speed = self.clocks.speed(days)
        daily = np.where(lived >= born, self._rate(cycle)[age], 0.0) * speed
        if cycle != 1.0:
            usual = np.where(lived >= born, self.per_age[age], 0.0) @ speed
            total = usual * self._until(age[:, -1], cycle) / self._until(age[:, -1], 1.0)
            daily *= (total / np.maximum(daily.sum(axis=1), 1e-12))[:, None]
        daily *= self.coming[:, None]
        starts = edges[:-1] - edges[0]
        return np.add.reduceat(np.add.reduceat(daily, starts, axis=0), starts, axis=1)

    def _until(self, age: np.ndarray, cycle: float) -> Floats:
        """Return wins per deal by an age, the calendar apart; with longer cycles never more."""
        return np.maximum(np.cumsum(self._rate(cycle))[age], 1e-12)

    def _rate(self, cycle: float) -> Floats:
        """Return wins by age where everything takes ``cycle`` times as long.

        Deals logged as won on the day of their creation stay so.
        """
        total = np.cumsum(np.append(0.0, self.per_age[1:]))
        until = np.interp(np.arange(len(total)) / cycle, np.arange(len(total)), total)
        return np.concatenate([self.per_age[:1], np.diff(until)])


def _learned(history: History, steps: Steps) -> Arrays:
    per_age, _ = wins_by_age(
        history.lives,
        origin=history.origin,
        since=history.since,
        days=LONGEST,
        clocks=Clocks.of(history),
        in_amounts=True,
    )
    coming = coming_deals(history, steps)
    wins = Newcomers(steps, history, coming, per_age).wins()
    return {"coming": coming, "per_age": per_age, "wins": wins}


def coming_deals(history: History, steps: Steps) -> Floats:
    """Return the deals expected to be created on each day of the steps.

    At the calendar's pace: soon at the level of the last 91 days, later more and more at that of
    the last year (a season that few years show cannot be told from a level), with half a year of
    the trend (see ``trend``). What grows after today is a lever.
    """
    recent = arrivals_by_day(history, steps.horizon)
    created, origin, pace = history.lives.created, history.origin, arrival_pace(history)
    first = max(history.since, int(created[created > -NEVER].min(initial=origin)))
    if origin + 1 - first < YEAR:
        return recent
    lately = ((created > origin - YEAR) & (created <= origin)).sum()
    days = np.arange(steps.edges[0], steps.edges[-1])
    at_all = max(pace.between(origin + 1 - YEAR, origin + 1), 1e-9)
    before = ((created > origin - 2 * YEAR) & (created <= origin - YEAR)).sum()
    whole = origin + 1 - first >= 2 * YEAR
    grows = trend(int(lately), int(before)) if whole else 0.0
    yearly = (
        lately / at_all * np.exp(grows / 2) * np.diff(pace.until(np.append(days, days[-1] + 1)))
    )
    soon = np.exp(-(days - days[0]) / FADES)
    return soon * recent + (1 - soon) * yearly


def trend(lately: int, before: int) -> float:
    """Return the log of a year's deals over those of the year before, drawn to 0 by its noise.

    The positive-part factor of James & Stein (1961) for one number.

    Examples
    --------
    >>> round(trend(1200, 1000), 2), trend(1010, 1000)
    (0.16, 0.0)
    """
    if not lately or not before:
        return 0.0
    ratio = float(np.log(lately / before))
    noise = 1 / lately + 1 / before + DRIFT**2
    return ratio * max(0.0, 1 - noise / ratio**2) if ratio else 0.0
