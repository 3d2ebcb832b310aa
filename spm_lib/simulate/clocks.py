"""Working-day clocks: cumulative hazard time, in which nothing moves on a Saturday or a holiday.

Three clocks run over the same days. `work` is the pace of ordinary progress (1.0 on a plain
working day), `closing` that of winning (hurried at quarter end, shaken by a monthly shock), and
`arrival` that of new deals. A moment is a float: epoch day plus the share of the day that passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np
from numpy.typing import NDArray

from spm_lib.core.calendar import WorkCalendar
from spm_lib.simulate.chance import Chance, Floats, Ints
from spm_lib.simulate.presets import Preset

EPOCH = date(1970, 1, 1)
HORIZON_DAYS = 550
_MONTH_PACE = np.array([1.0, 1.0, 1.0, 0.95, 1.0, 1.0, 0.95, 0.72, 0.95, 0.95, 1.05, 0.95])
_ARRIVAL_PACE = np.array([1.1, 1.05, 1.0, 0.9, 1.05, 1.0, 0.9, 0.7, 0.9, 0.95, 1.15, 0.95])


def day_number(day: date) -> int:
    """Return the epoch day of a date."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """Return the date of an epoch day."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, eq=False)
class Clock:
    """Cumulative pace over days: `pace[k]` belongs to epoch day `origin + k`.

    `total` is what the clock shows at the start of each day, one entry longer than `pace`.
    """

    origin: int
    pace: Floats
    total: Floats

    @classmethod
    def of(cls, origin: int, pace: Floats) -> Clock:
        """Return the clock that runs at a pace per day."""
        return cls(origin, pace, np.concatenate([[0.0], np.cumsum(pace)]))

    def reading(self, moment: Floats) -> Floats:
        """Return the clock time that has passed at a moment."""
        day = np.clip(np.floor(moment).astype(np.int64) - self.origin, 0, len(self.pace) - 1)
        share = np.asarray(moment) - self.origin - day
        return self.total[day] + share * self.pace[day]

    def moment(self, reading: Floats) -> Floats:
        """Return the moment at which a clock time is reached (infinite beyond the clock's end)."""
        last = len(self.pace) - 1
        day = np.clip(np.searchsorted(self.total, reading, side="right") - 1, 0, last)
        pace = self.pace[day]
        share = (reading - self.total[day]) / np.where(pace > 0, pace, 1.0)
        beyond = reading >= self.total[-1]
        return np.where(beyond, np.inf, self.origin + day + np.minimum(share, 1 - 1e-9))


@dataclass(frozen=True, eq=False)
class Clocks:
    """The clocks of a company, and its days; `days` counts plain working days."""

    origin: int
    working: NDArray[np.bool_]
    days: Clock
    work: Clock
    closing: Clock
    arrival: Clock

    def next_working(self, moment: Floats) -> Floats:
        """Return the moment itself, or the opening of the next working day."""
        return self.work.moment(self.work.reading(moment))


def _days(preset: Preset) -> list[date]:
    first = preset.start - timedelta(days=31)
    return [first + timedelta(days=k) for k in range((preset.as_of - first).days + HORIZON_DAYS)]


def _festival_weeks(years: range) -> set[date]:
    """Return the days of Passover and Sukkot week, on which few people work."""
    named = holidays.country_holidays("IL", years=years, language="en_US").items()
    starts = [day for day, name in named if str(name) in ("Pesach", "Sukkot")]
    return {day + timedelta(days=k) for day in starts for k in range(1, 7)}


def _paces(days: list[date]) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether each day is worked, and how briskly."""
    calendar = WorkCalendar()
    festive = _festival_weeks(range(days[0].year, days[-1].year + 1))
    works = [calendar.is_working_day(day) for day in (*days, days[-1] + timedelta(days=1))]
    working = np.array(works[:-1])
    eve = np.array([not works[k + 1] and day.weekday() != 3 for k, day in enumerate(days)])
    pace = np.where(eve, 0.5, 1.0) * np.where([day in festive for day in days], 0.45, 1.0)
    return working, working * pace * np.array([_MONTH_PACE[day.month - 1] for day in days])


def _hurry(days: list[date], working: NDArray[np.bool_]) -> Floats:
    """Return the pace of winning against that of working: slow early, hurried late in a quarter."""
    position = np.arange(len(days))
    quarter = np.array([day.year * 4 + (day.month - 1) // 3 for day in days])
    month = np.array([day.year * 12 + day.month for day in days])
    left_in_quarter = _working_days_left(quarter, working, position)
    left_in_month = _working_days_left(month, working, position)
    early = np.array([(day.month - 1) % 3 == 0 and day.day <= 14 for day in days])
    last_month = np.array([day.month % 3 == 0 for day in days])
    hurry = np.where(last_month, 1.2, 1.0) * np.where(early, 0.75, 1.0)
    hurry = hurry * np.where((left_in_month < 4) & ~last_month, 1.3, 1.0)
    return hurry * np.where(left_in_quarter < 8, 1.8, 1.0)


def _working_days_left(group: Ints, working: NDArray[np.bool_], position: Ints) -> Ints:
    """Count the working days that come after each day within its group."""
    done = np.cumsum(working)
    ends = np.searchsorted(group, group, side="right") - 1
    return done[ends] - done[position]


def shocks(preset: Preset, seed: int, months: Ints) -> Floats:
    """Return the factor by which a month's winning is shaken; mean 1."""
    draws = Chance(seed, "shock").normal(months, draw=0)
    return np.exp(preset.shock_sd * draws - preset.shock_sd**2 / 2)


def make_clocks(preset: Preset, seed: int, *, shocks_until: date | None = None) -> Clocks:
    """Make the clocks of a company; after `shocks_until` the month's shock is 1: not known yet."""
    days = _days(preset)
    origin = day_number(days[0])
    working, pace = _paces(days)
    month = np.array([day.year * 12 + day.month for day in days], dtype=np.int64)
    shock = shocks(preset, seed, month)
    if shocks_until is not None:
        shock = np.where(np.array([day <= shocks_until for day in days]), shock, 1.0)
    closing = pace * _hurry(days, working) * shock
    if preset.regime_break:
        late = np.array([day >= preset.regime_break.day for day in days])
        closing = closing * np.where(late, preset.regime_break.win_factor, 1.0)
    return Clocks(
        origin,
        working,
        Clock.of(origin, working.astype(np.float64)),
        Clock.of(origin, pace),
        Clock.of(origin, closing),
        Clock.of(origin, _arrivals(preset, seed, days, pace)),
    )


def _arrivals(preset: Preset, seed: int, days: list[date], pace: Floats) -> Floats:
    """Return the pace at which deals are created; it runs on after the export, into the future."""
    first = preset.start
    open_ = np.array([first <= day for day in days])
    month = np.array([_ARRIVAL_PACE[day.month - 1] / _MONTH_PACE[day.month - 1] for day in days])
    age = np.array([(day - first).days / 365.25 for day in days])
    mean = pace * open_ * month * np.exp(np.log1p(preset.growth) * age)
    if preset.campaign:
        runs = np.array([preset.campaign.start <= day < preset.campaign.end for day in days])
        mean = mean * np.where(runs, 1 + preset.campaign.lift, 1.0)
    per_day = preset.opportunities / max((preset.as_of - first).days + 1, 1)
    number = np.arange(len(days)) + day_number(days[0])
    noise = np.exp(Chance(seed, "arrival").normal(number, draw=0) / np.sqrt(max(per_day, 1.0)))
    return mean * noise
