"""A season learned from the company's own past: cleaned of one-offs, and only as far as it is seen.

The past is taken as months of working days, times a steady growth, times a strength of each month
of the year. What the years disagree about is luck, and is drawn back to an even year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.stats import normal_pooling, steady
from spm_lib.targets.dated_results import dated_results
from spm_lib.targets.over_time.day_weights import DayWeights
from spm_lib.targets.over_time.season import Per, Season
from spm_lib.targets.ratio import Ratio

_FEWEST_MONTHS = 24
_EARLY = 3  # data that begins by this day of a month is of the whole month
_STEPS = 50  # of Newton's method


@dataclass(frozen=True, eq=False)
class LearnedSeason:
    """A season, and how it was learned.

    Attributes
    ----------
    season
        To plan with.
    months
        January first: ``month``, ``years`` (n), ``seen`` (index in the data, mean 1), ``error``
        (standard error of ``seen``), ``index`` (drawn back to 1 as far as the years disagree).
    one_offs
        Deals or orders so large that they say nothing of a season: ``id, rep_id, day, value,
        counted`` (what they counted at).
    window
        The months it was learned from.
    growth
        Growth per year that was taken out, as a ratio.
    p
        Chance of indices at least this far apart in a company without a season.
    """

    season: Season
    months: pl.DataFrame
    one_offs: pl.DataFrame
    window: Window
    growth: float
    p: float


@steady
def learn_season(
    company: Company,
    *,
    metric: str = "won.amount",
    years: int = 3,
    per: Per = "working day",
    intermediate: Ratio = 1,
) -> LearnedSeason:
    """Learn the season of a metric from the whole months of the last years before ``as_of``.

    Indices are per working day (or calendar day, or month), so that holidays which move between
    months do not look like a season. A quasi-Poisson model ``days x month of the year x growth``
    is fitted (McCullagh & Nelder 1989, 6.2); amounts beyond Tukey's far-out fence of the log
    amounts (1977) count at the fence; indices are pooled (``normal_pooling``).

    Parameters
    ----------
    company
        As known at ``as_of``, in its scope.
    metric
        won.amount, won.count, created.count, orders.amount or orders.count.
    years
        At most so many whole years back.
    per
        What carries the season (see ``Season``).
    intermediate
        What an intermediate day of Passover or Sukkot counts of a working day.

    Raises
    ------
    DataError
        If there are not two whole years of results.
    MetricError
        If the metric is not known day by day.
    """
    rows = dated_results(company, metric)
    window = _window(company, rows, years)
    inside = rows.filter(pl.col("day").is_between(window.start, window.end, closed="left"))
    fence = _fence(inside["value"])
    cleaned = inside.with_columns(counted=pl.col("value").clip(upper_bound=fence))
    sums = dict(
        cleaned.group_by(pl.col("day").dt.truncate("1mo")).agg(pl.col("counted").sum()).iter_rows()
    )
    starts = [months_before(window.end, k) for k in range(_count(window), 0, -1)]
    even = DayWeights.of(
        window, calendar=company.calendar, season=Season(per=per), intermediate=intermediate
    )
    days = np.array([float(even.between(day, months_before(day, -1))) for day in starts])
    values = np.array([float(sums.get(day, 0)) for day in starts])
    if not values.sum() > 0:
        raise _too_little(f"no results in {window.label}")
    fitted = _fit(values, days, np.array([day.month - 1 for day in starts]))
    pooled = normal_pooling(fitted.seen, fitted.error)
    index = np.maximum(pooled.shrunk, 0) if pooled.differs else np.ones(12)
    season = Season(tuple(Fraction(str(round(float(i / index.mean()), 6))) for i in index), per)
    months = pl.DataFrame(
        {
            "month": range(1, 13),
            "years": [sum(day.month == m for day in starts) for m in range(1, 13)],
            "seen": fitted.seen,
            "error": fitted.error,
            "index": [float(i) for i in season.indices],
        }
    )
    one_offs = cleaned.filter(pl.col("value") > pl.col("counted"))
    p = 1.0 if pooled.test.p is None else pooled.test.p
    return LearnedSeason(season, months, one_offs, window, fitted.growth, p)


def _window(company: Company, rows: pl.DataFrame, years: int) -> Window:
    """Return the whole months before the end of ``as_of``, ``years`` at most, in which data is."""
    end = (company.as_of + timedelta(days=1)).replace(day=1)
    first: date | None = rows["day"].min()  # type: ignore[assignment]
    begun = end if first is None else months_before(first, 0 if first.day <= _EARLY else -1)
    start = max(months_before(end, 12 * years), begun)
    window = Window(min(start, end), end)
    if _count(window) < _FEWEST_MONTHS:
        raise _too_little(f"{_count(window)} whole months before {end}")
    return window


def _too_little(found: str) -> DataError:
    return DataError(
        "A season is learned from two whole years of results at least.",
        found=found,
        do="Give a season (Season.of), or split by working days alone",
    )


def _count(window: Window) -> int:
    return (window.end.year - window.start.year) * 12 + window.end.month - window.start.month


def _fence(values: pl.Series) -> int:
    """Return Tukey's far-out fence of the amounts: Q3 + 3 IQR of their logarithms."""
    positive = values.filter(values > 0)
    if positive.is_empty():
        return 0
    low, high = np.quantile(np.log(positive.to_numpy()), [0.25, 0.75])
    return int(np.ceil(np.exp(high + 3 * (high - low)) * (1 + 1e-9)))


@dataclass(frozen=True, eq=False)
class _Fit:
    seen: np.ndarray
    error: np.ndarray
    growth: float


def _fit(values: np.ndarray, days: np.ndarray, month: np.ndarray) -> _Fit:
    """Fit ``days x strength of the month x exp(b t)``: strengths in closed form, b by Newton."""
    time = (np.arange(len(values)) - (len(values) - 1) / 2) / 12
    rate = 0.0
    for _ in range(_STEPS):
        base, strength = _strengths(values, days, month, time, rate)
        fitted = base * strength[month]
        within = time - _mean_time(fitted, month, time)[month]
        slope, curve = float(time @ (values - fitted)), float(within**2 @ fitted)
        if curve <= 0:
            break
        step = float(np.clip(slope / curve, -1, 1))
        rate += step
        if abs(step) < 1e-10:
            break
    base, strength = _strengths(values, days, month, time, rate)
    fitted = base * strength[month]
    free = max(len(values) - 13, 1)
    positive = fitted > 0
    scatter = float(((values - fitted)[positive] ** 2 / fitted[positive]).sum() / free)
    level = float(np.mean(strength))
    expected = np.bincount(month, base * level, minlength=12)
    seen = strength / level
    error = np.sqrt(np.maximum(scatter, 1e-12) / np.maximum(expected, 1e-12))
    return _Fit(seen, error, float(np.exp(rate) - 1))


def _strengths(
    values: np.ndarray, days: np.ndarray, month: np.ndarray, time: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    base = days * np.exp(rate * time)
    held = np.bincount(month, base, minlength=12)
    return base, np.bincount(month, values, minlength=12) / np.where(held > 0, held, 1)


def _mean_time(fitted: np.ndarray, month: np.ndarray, time: np.ndarray) -> np.ndarray:
    whole = np.bincount(month, fitted, minlength=12)
    return np.bincount(month, fitted * time, minlength=12) / np.where(whole > 0, whole, 1)
