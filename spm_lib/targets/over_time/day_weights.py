"""What each day of a year weighs: by the client's working days, by all days, by the season."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.targets.over_time.season import Season
from spm_lib.targets.ratio import Ratio, share_of_one

_DAY = timedelta(days=1)
_FEASTS = (("Pesach", "Seventh day of Pesach"), ("Sukkot", "Simchat Torah / Shemini Atzeret"))


@functools.cache
def intermediate_days(country: str, year: int) -> frozenset[date]:
    """Return the days between the first and the last day of Passover and of Sukkot.

    They are working days by law; many firms close or work half days. Empty for countries other
    than Israel.

    Examples
    --------
    >>> [day.isoformat() for day in sorted(intermediate_days("IL", 2026))][::5]
    ['2026-04-03', '2026-09-27', '2026-10-02']
    """
    if country != "IL":
        return frozenset()
    import holidays

    names = holidays.country_holidays(country, years=[year], language="en_US")
    found = {name: day for day, name in sorted(names.items(), reverse=True)}
    return frozenset(
        day
        for first, last in _FEASTS
        if first in found and last in found  # years for which the feasts are known
        for day in _days(found[first] + _DAY, found[last])
    )


@dataclass(frozen=True)
class DayWeights:
    """The weight of any stretch of days in a window, exactly.

    Attributes
    ----------
    window
        The days that have a weight.
    so_far
        Weight of ``[window.start, day)`` for each day, one entry longer than the window.
    """

    window: Window
    so_far: tuple[Fraction, ...]

    @classmethod
    def of(
        cls, window: Window, *, calendar: WorkCalendar, season: Season, intermediate: Ratio = 1
    ) -> DayWeights:
        """Weigh the days of a window.

        Parameters
        ----------
        season
            Strength of the months; its ``per`` says whether working days, all days or months
            carry it.
        intermediate
            What an intermediate day of Passover or Sukkot counts of a working day: 1, 0 or
            between. It matters where working days carry the season.

        Raises
        ------
        ParameterError
            If ``intermediate`` is not from 0 to 1.
        """
        share = share_of_one(intermediate, "What an intermediate day counts of a working day")
        weights = [
            season.indices[day.month - 1] * _worked(day, calendar, season.per, share)
            for day in _days(window.start, window.end)
        ]
        return cls(window, tuple(accumulate(weights, initial=Fraction(0))))

    def between(self, start: date, end: date) -> Fraction:
        """Return the weight of ``[start, end)``, cut to the window."""
        first, last = self._place(start), self._place(end)
        return self.so_far[last] - self.so_far[first] if last > first else Fraction(0)

    def _place(self, day: date) -> int:
        return min(max((day - self.window.start).days, 0), self.window.days)


def _worked(day: date, calendar: WorkCalendar, per: str, intermediate: Fraction) -> Fraction:
    if per == "calendar day":
        return Fraction(1)
    if per == "month":
        following = (day.replace(day=28) + 4 * _DAY).replace(day=1)
        return Fraction(1, (following - day.replace(day=1)).days)
    if not calendar.is_working_day(day):
        return Fraction(0)
    return intermediate if day in intermediate_days(calendar.country, day.year) else Fraction(1)


def _days(start: date, end: date) -> list[date]:
    return [start + k * _DAY for k in range((end - start).days)]
