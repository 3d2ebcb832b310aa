"""Calendar pace: how much faster or slower things happen on some days than on others.

Working days, the last days of months and quarters, the month in the quarter and the month of the
year: what the past shows of each, shrunk by how much evidence there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from spm_lib.core.calendar import WorkCalendar
from spm_lib.forecast.horizon import date_of, day_number
from spm_lib.stats.ridge import RidgeFit, ridge_poisson

SPREADS = (0.02, 0.1, 0.25, 0.5)  # prior standard deviations of a season, tried; log scale
TWO_YEARS, TWO_QUARTERS = 730, 183
AHEAD = 460
_EDGE = 100
_BLOCK = 512
_FREE, _OWN, _QUARTER, _MONTH = range(4)


@dataclass(frozen=True, eq=False)
class Pace:
    """Cumulative pace over days from ``start``; past days have pace 1 on the average."""

    start: int
    total: np.ndarray

    def until(self, day: np.ndarray | int) -> np.ndarray:
        """Return the pace of all days from the start up to (not including) an epoch day."""
        return self.total.take(np.asarray(day) - self.start, mode="clip")

    def between(self, start: int, end: int) -> float:
        """Return the pace of the days ``[start, end)``."""
        return float(self.until(end) - self.until(start))


def fit_pace(
    calendar: WorkCalendar,
    days: np.ndarray,
    level: np.ndarray,
    *,
    since: int,
    origin: int,
    trend: bool = False,
    base: Pace | None = None,
) -> Pace:
    """Fit the pace from the days on which something happened.

    Parameters
    ----------
    calendar
        The client's working week, holidays and fiscal year.
    days
        Epoch day of every event (repeated for several on a day).
    level
        What would be expected per day of ``[since, origin]`` if all days were alike, up to a
        factor: the deals that could have been won.
    since, origin
        First and last epoch day looked at.
    trend
        Fit a trend beside the seasons, and leave it out of the pace.
    base
        A pace that this one is taken to follow where the evidence says nothing else.

    Returns
    -------
    Pace
        From ``since`` to 460 days after the origin; its mean over ``[since, origin]`` is 1. Seasons
        within the quarter are looked for from two quarters of history on, months from two years on.
    """
    known = origin - since + 1
    count = np.bincount(days[(days >= since) & (days <= origin)] - since, minlength=known)
    design, group = _columns(day_features(calendar, since, origin + AHEAD), known)
    plain = design.shape[1]
    if trend:
        design = np.concatenate([design, _trend(len(design), known)], axis=1)
        group = np.append(group, [_OWN, _OWN])
    speed = np.ones(len(design))
    if base is not None:
        speed = np.maximum(np.diff(base.until(since + np.arange(len(design) + 1))), 1e-6)
    best = _likeliest(design[:known], count.astype(float), level * speed[:known], group)
    factor = speed * np.exp(design[:, 1:plain] @ best.beta[1:plain])
    factor /= np.average(factor[:known], weights=np.maximum(level, 1e-12))
    return Pace(since, np.concatenate([[0.0], np.cumsum(factor)]))


def _likeliest(
    design: np.ndarray, count: np.ndarray, level: np.ndarray, group: np.ndarray
) -> RidgeFit:
    """Choose the prior spread of the quarter's seasons, then the months', by the evidence."""
    spread = {_QUARTER: 0.25, _MONTH: 0.1}
    best = None
    for kind in (_QUARTER, _MONTH):
        if not (group == kind).any():
            continue
        fits = {
            tried: _fitted(design, count, level, group, {**spread, kind: tried})
            for tried in SPREADS
        }
        spread[kind] = max(fits, key=lambda tried: fits[tried].evidence)
        best = fits[spread[kind]]
    return best or _fitted(design, count, level, group, spread)


def _fitted(
    design: np.ndarray,
    count: np.ndarray,
    level: np.ndarray,
    group: np.ndarray,
    spread: dict[int, float],
) -> RidgeFit:
    prior = np.array([spread.get(kind, 1.0) for kind in group])
    penalty = np.where(group == _FREE, 0.0, 1 / prior**2)
    return ridge_poisson(design, count, level, penalty=penalty)


def _trend(size: int, known: int) -> np.ndarray:
    """Return years before the last known day, and their square; what follows stays at its level."""
    years = (np.minimum(np.arange(size), known) - known) / 365.25
    return np.stack([years, years**2], axis=1)


def day_features(calendar: WorkCalendar, start: int, end: int) -> dict[str, np.ndarray]:
    """Return what the calendar says of each day of ``[start, end)``.

    ``off`` (no working day), ``near_holiday`` (working day within four days of a holiday),
    ``month`` (0-11), ``place`` (month in the quarter, 0-2), ``month_end`` and ``quarter_end``
    (among the last 4 / 8 working days), ``early`` (first 14 days of a quarter).
    """
    until = end + -end % _BLOCK  # the origins of a backtest end day by day: most share one table
    made = _features(calendar, start, until)
    return {name: values[: end - start] for name, values in made.items()}


@lru_cache(maxsize=16)
def _features(calendar: WorkCalendar, start: int, end: int) -> dict[str, np.ndarray]:
    """Return what ``day_features`` says, kept: arrays that nobody may write into."""
    frame = calendar.frame(date_of(start - _EDGE), date_of(end + _EDGE))
    index, day = frame["working_index"].to_numpy(), frame["day"].to_numpy()
    first = {
        grain: np.array([day_number(d) for d in frame[grain].to_list()])
        for grain in ("month", "quarter")
    }
    worked = np.append(np.diff(index) > 0, [False])
    week = {day % 7 for day in day[worked]}
    holiday = ~worked & np.isin(day % 7, list(week))
    inside = (day >= start) & (day < end)
    found = {
        "off": ~worked,
        "near_holiday": worked & _near(holiday),
        "month": frame["month"].dt.month().to_numpy() - 1,
        "place": np.clip((first["month"] - first["quarter"]) // 28, 0, 2),
        "month_end": _left(first["month"], worked) < 4,
        "quarter_end": _left(first["quarter"], worked) < 8,
        "early": day - first["quarter"] < 14,
    }
    kept = {name: values[inside] for name, values in found.items()}
    for values in kept.values():
        values.setflags(write=False)
    return kept


def _near(holiday: np.ndarray) -> np.ndarray:
    """Mark the days within four days of a holiday that falls on a day of the working week."""
    return np.convolve(holiday, np.ones(9), mode="same") > 0.5


def _left(group: np.ndarray, worked: np.ndarray) -> np.ndarray:
    """Count the working days after each day within its group (groups ascend)."""
    done = np.cumsum(worked)
    ends = np.searchsorted(group, group, side="right") - 1
    return done[ends] - done


def _columns(table: dict[str, np.ndarray], known: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the design, and what kind of column each is."""
    columns = [np.ones(len(table["off"])), table["off"], table["near_holiday"]]
    group = [_FREE, _OWN, _OWN]
    if known >= TWO_QUARTERS:
        seasons = [table["place"] == 0, table["place"] == 2]
        seasons += [table[name] for name in ("month_end", "quarter_end", "early")]
        columns += seasons
        group += [_QUARTER] * len(seasons)
    if known >= TWO_YEARS:
        columns += [table["month"] == month for month in range(12)]
        group += [_MONTH] * 12
    return np.stack(columns, axis=1).astype(float), np.array(group)
