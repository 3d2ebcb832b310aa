"""Pace: what is needed from here to the target, week by week and from where it must come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.core.errors import DataError
from spm_lib.core.money import split_exactly
from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import day_number
from spm_lib.forecast.target_odds import target_of
from spm_lib.forecast.waterfall.moves import Stretch, of_whole, standing, steps_of
from spm_lib.model import Company, Figure
from spm_lib.stats import Ratio, ratio_of_sums
from spm_lib.stats.steady import steady

if TYPE_CHECKING:
    from spm_lib.forecast.bookings import ForecastResult

PAST = 8  # closed periods that conversion and rhythm are taken from
FEWEST = 4
SOURCES = ("open", "new", "later")
WEEKS = {
    "week": pl.Date,
    "end": pl.Date,
    "working_days": pl.Int64,
    "free_days": pl.Int64,
    "usual": pl.Float64,
    "needed": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Conversion:
    """What open pipelines became in past periods, from as many days before their end as now.

    ``won`` is won value / open value with its interval over ``n`` periods; ``new`` the mean won
    value (minor units) of deals that were not open then; ``open`` the value open now.
    """

    won: Ratio
    new: int
    open: int


@dataclass(frozen=True, eq=False)
class Pace:
    """What is needed from the end of ``as_of`` to the end of the period.

    Attributes
    ----------
    target, won, missing
        Minor units: the period's target, what is won in it, and what is missing (never below 0).
    days, passed, left
        Working days of the period, of the client's own week and without public holidays.
    weeks
        Per calendar week left: ``week`` (first day left in it), ``end`` (first day after),
        ``working_days``, ``free_days`` (days of the working week that are public holidays),
        ``usual`` (share of what is still to come that past periods brought in such days; null with
        fewer than 4 of them), ``needed`` (minor units; sums to ``missing`` exactly).
    by_rhythm
        Whether ``needed`` follows the usual rhythm; else it is even over working days.
    sources
        What each source must bring, ``expected`` (mean of the forecast) and ``needed``: the same
        parts, grown or shrunk to what is missing. Empty without a forecast.
    conversion
        What past open pipelines became (see ``Conversion``); None with fewer than 4 past periods.
    """

    company: Company = field(repr=False)
    period: Period
    target: int
    won: int
    days: int
    passed: int
    left: int
    weeks: pl.DataFrame
    by_rhythm: bool
    sources: Mapping[str, tuple[int, int]]
    conversion: Conversion | None

    @property
    def missing(self) -> int:
        """What is missing to the target, in minor units; 0 where it is reached."""
        return max(self.target - self.won, 0)

    @property
    def coverage_needed(self) -> float | None:
        """How many times open deals must cover what is to come from them: 1 / conversion."""
        rate = self.conversion.won.value if self.conversion else None
        return 1 / rate if rate else None

    @property
    def coverage_now(self) -> float | None:
        """How many times open deals cover what is missing after usual new business."""
        rest = self.from_open
        if self.conversion is None or not rest:
            return None
        return self.conversion.open / rest

    @property
    def from_open(self) -> int | None:
        """What open deals must bring: what is missing, less usual new business."""
        if self.conversion is None:
            return None
        return max(self.missing - self.conversion.new, 0)

    @property
    def pipeline_needed(self) -> int | None:
        """The value of open deals that usually brings what they must, in minor units."""
        cover, rest = self.coverage_needed, self.from_open
        return None if cover is None or rest is None else round(cover * rest)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the pace says, in words."""
        from spm_lib.forecast.pace.words import pace_findings

        return pace_findings(self)

    def figures(self) -> list[Figure]:
        """Return every number of the pace as a record of figures.json."""
        from spm_lib.forecast.pace.figures import pace_figures

        return pace_figures(self)


@steady
def target_pace(
    company: Company, *, period: Period | None = None, result: ForecastResult | None = None
) -> Pace:
    """Return what is needed from here to reach the target of a period.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; "here" is the end of its date.
    period
        The period; default: the quarter that the day after the company's date lies in.
    result
        The forecast of that quarter, to split what is needed by where it comes from.

    Raises
    ------
    DataError
        If targets for won value do not cover the period, or it is over.
    """
    after = company.as_of + timedelta(days=1)
    period = period or company.calendar.period_of(after, "quarter")
    if period.end <= after:
        raise DataError(
            "The period is over: nothing can be done in it any more.",
            found=f"{period.label}, as of {company.as_of}",
            do="Ask for a period that goes on after the company's date",
        )
    target = target_of(company, period)
    if target is None:
        raise DataError(
            "The targets do not cover the whole period.",
            found=period.label,
            do="Add the missing targets for won.amount to [tables.targets]",
        )
    wins = _wins(company)
    won = _won_in(wins, period.start, after)
    calendar, start = company.calendar, max(period.start, after)
    past = _past(company, period)
    usual = _rhythm(wins, calendar, past)
    weeks, by_rhythm = _weeks(calendar, period, start, missing=max(target - won, 0), usual=usual)
    return Pace(
        company=company,
        period=period,
        target=target,
        won=won,
        days=calendar.working_days(period.start, period.end),
        passed=calendar.working_days(period.start, start),
        left=calendar.working_days(start, period.end),
        weeks=weeks,
        by_rhythm=by_rhythm,
        sources=_sources(result, period, max(target - won, 0)),
        conversion=_conversion(company, wins, period, past),
    )


def _wins(company: Company) -> pl.DataFrame:
    """Return won deals: opportunity_id, closed_on, amount."""
    won = company.table("opportunities").filter(
        (pl.col("outcome") == "won") & pl.col("closed_on").is_not_null()
    )
    return won.select("opportunity_id", "closed_on", pl.col("amount").fill_null(0))


def _won_in(wins: pl.DataFrame, start: date, end: date) -> int:
    inside = (pl.col("closed_on") >= start) & (pl.col("closed_on") < end)
    return int(wins.filter(inside)["amount"].sum())


def _past(company: Company, period: Period) -> list[Period]:
    """Return the last closed periods of the same grain of which all closes are known."""
    first = company.table("opportunities")["closed_on"].min()
    found: list[Period] = []
    before = company.calendar.shift(period, -1)
    while isinstance(first, date) and before.start >= first and len(found) < PAST:
        if before.end <= company.as_of + timedelta(days=1):
            found.append(before)
        before = company.calendar.shift(before, -1)
    return found[::-1]


Rhythm = tuple[np.ndarray, np.ndarray]


def _rhythm(wins: pl.DataFrame, calendar: WorkCalendar, past: Sequence[Period]) -> Rhythm | None:
    """Return which share of past periods was won by each share of their working days."""
    if len(past) < FEWEST:
        return None
    grid = np.linspace(0, 1, 101)
    won = np.zeros(len(grid))
    for period in past:
        days = [period.start + timedelta(k) for k in range((period.end - period.start).days)]
        worked = np.cumsum([calendar.is_working_day(day) for day in days]).astype(float)
        shares = worked / max(worked[-1], 1.0)
        value = dict(wins.group_by("closed_on").agg(pl.col("amount").sum()).iter_rows())
        by_day = np.cumsum([float(value.get(day, 0)) for day in days])
        steps = np.concatenate([[0.0], shares]), np.concatenate([[0.0], by_day])
        won += np.interp(grid, *_last_of_each(*steps))
    return (grid, won / won[-1]) if won[-1] > 0 else None


def _last_of_each(at: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values with one place each: free days belong to the working day before."""
    last = np.concatenate([at[1:] != at[:-1], [True]])
    return at[last], value[last]


def _weeks(
    calendar: WorkCalendar,
    period: Period,
    start: date,
    *,
    missing: int,
    usual: Rhythm | None,
) -> tuple[pl.DataFrame, bool]:
    """Return the calendar weeks left with what is needed in each, in whole minor units."""
    whole = max(calendar.working_days(period.start, period.end), 1)
    rows, shares, even = [], [], []
    for week in calendar.periods("week", Window(start, period.end)):
        first, last = max(week.start, start), min(week.end, period.end)
        working = calendar.working_days(first, last)
        plain = WorkCalendar(country="", week=calendar.week, timezone=calendar.timezone)
        free = plain.working_days(first, last) - working
        done = [calendar.working_days(period.start, day) / whole for day in (first, last)]
        share = float(np.diff(np.interp(done, *usual))[0]) if usual else 0.0
        rows.append((first, last, working, free))
        shares.append(share)
        even.append(float(working))
    by_rhythm = sum(shares) > 0
    parts = shares if by_rhythm else even
    total = sum(parts)
    told = [share / total if by_rhythm else None for share in shares]
    needed = _split(missing, parts)
    full = [(*row, told[k], needed[k]) for k, row in enumerate(rows)]
    return pl.DataFrame(full, schema=WEEKS, orient="row"), by_rhythm


def _split(amount: int, parts: Sequence[float]) -> list[int]:
    """Split whole minor units in proportion, evenly where all parts are 0."""
    return split_exactly(amount, parts if sum(parts) > 0 else [1] * len(parts))


def _sources(
    result: ForecastResult | None, period: Period, missing: int
) -> dict[str, tuple[int, int]]:
    """Return what each source is expected to bring, and what it must, in its present part."""
    if result is None or result.quarter.periods[0] != period:
        return {}
    row = result.summary.row(-1, named=True)
    expected = {name: row[name] for name in SOURCES if row[name] is not None}
    needed = _split(missing, list(map(float, expected.values())))
    return {name: (value, needed[k]) for k, (name, value) in enumerate(expected.items())}


def _conversion(
    company: Company, wins: pl.DataFrame, period: Period, past: Sequence[Period]
) -> Conversion | None:
    """Return what pipelines open as many days before the end of past periods became."""
    if len(past) < FEWEST or not company.has("opportunities", "created_at"):
        return None
    ahead = period.end - company.as_of
    steps = of_whole(steps_of(company.changes.frame, until=day_number(company.as_of)))
    opened, won, new = [], [], []
    for one in past:
        day = one.end - ahead
        there = standing(steps, Stretch(0, 0), day=day_number(day))
        after = wins.filter((pl.col("closed_on") > day) & (pl.col("closed_on") < one.end))
        old = pl.col("opportunity_id").is_in(there["opportunity_id"].implode())
        opened.append(int(there["amount"].sum()))
        won.append(int(after.filter(old)["amount"].sum()))
        new.append(_won_in(after.filter(~old), max(one.start, day), one.end))
    now = standing(steps, Stretch(0, 0), day=day_number(company.as_of))
    rate = ratio_of_sums(won, opened)
    if rate.value is None:
        return None
    return Conversion(rate, round(sum(new) / len(new)), int(now["amount"].sum()))
