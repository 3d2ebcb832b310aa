"""The client's calendar: periods, fiscal years, the working week, public holidays, and the zone."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spm_lib.core.errors import DataError, ParameterError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[str, ...] = get_args(Grain)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of days that somebody can mean
_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of days ``[start, end)``.

    Examples
    --------
    >>> window = Window(date(2026, 1, 1), date(2026, 4, 1))
    >>> window.days, window.contains(date(2026, 4, 1)), window.label
    (90, False, '2026-01-01/2026-04-01')
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start.year < FIRST_YEAR - 1 or self.end.year > LAST_YEAR + 2:
            raise unthinkable(f"{self.start} to {self.end}")
        if self.end < self.start:
            raise ParameterError(
                "A window ends before it starts.",
                found=f"{self.start} to {self.end}",
                do="Give the first day, and the day after the last one",
            )

    @property
    def days(self) -> int:
        """Number of days in the window."""
        return (self.end - self.start).days

    @property
    def label(self) -> str:
        """The window as text, ``start/end`` with the end left out of it."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    def contains(self, day: date) -> bool:
        """Say whether a day lies in ``[start, end)``."""
        return self.start <= day < self.end


def unthinkable(found: str) -> ParameterError:
    """Return the refusal of days before 1900 or after 2200, which nobody can mean."""
    return ParameterError(
        "No data is of such days.",
        found=found,
        do=f"Give days of the years {FIRST_YEAR} to {LAST_YEAR}",
    )


@dataclass(frozen=True, order=True)
class Period:
    """One day, week, month, quarter or year ``[start, end)`` of a client's calendar."""

    grain: str
    start: date
    end: date
    label: str

    @property
    def window(self) -> Window:
        """The days of the period."""
        return Window(self.start, self.end)


def months_before(day: date, months: int) -> date:
    """Return the first of the month that lies ``months`` before a day's month.

    Examples
    --------
    >>> months_before(date(2026, 10, 1), 12)
    datetime.date(2025, 10, 1)
    """
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def window_before(window: Window) -> Window:
    """Return the time before: as many months where a window is of whole months, else days.

    Examples
    --------
    >>> window_before(Window(date(2026, 4, 1), date(2026, 10, 1))).start
    datetime.date(2025, 10, 1)
    >>> window_before(Window(date(2026, 4, 6), date(2026, 4, 13))).start
    datetime.date(2026, 3, 30)
    """
    start, end = window.start, window.end
    if start.day != 1 or end.day != 1:
        return Window(start - timedelta(days=window.days), start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return Window(months_before(start, months), start)


@dataclass(frozen=True)
class WorkCalendar:
    """Where and when a client works: holidays of a country, week, fiscal year, zone.

    ``week`` is the first and the last working day ("sun-thu", "mon-fri"); a calendar week starts on
    the first one. ``fiscal_year_start`` is the month in which quarters and years begin; a fiscal
    year that does not start in January is named after the year it ends in ("FY2027"). ``country``
    is an ISO 3166 code whose public holidays are days off; empty for none.

    Examples
    --------
    >>> calendar = WorkCalendar()
    >>> calendar.period_of(date(2026, 9, 30), "quarter").label
    '2026-Q3'
    >>> calendar.working_days(date(2026, 9, 20), date(2026, 9, 27))  # Yom Kippur on the Monday
    4
    """

    country: str = "IL"
    week: str = "sun-thu"
    fiscal_year_start: int = 1
    timezone: str = "Asia/Jerusalem"

    def __post_init__(self) -> None:
        _check_week(self.week)
        _check_zone(self.timezone)
        _check_country(self.country)
        if self.fiscal_year_start not in range(1, 13):
            raise WorkspaceError(
                "A fiscal year starts in a month.",
                found=str(self.fiscal_year_start),
                do="Write fiscal_year_start as 1 to 12",
            )

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which periods are cut."""
        return ZoneInfo(self.timezone)

    def local_date(self, instant: datetime) -> date:
        """Return the day that the wall calendar shows at an instant.

        Raises
        ------
        DataError
            If ``instant`` carries no zone.

        Examples
        --------
        >>> from datetime import UTC
        >>> WorkCalendar().local_date(datetime(2026, 1, 31, 22, 30, tzinfo=UTC))
        datetime.date(2026, 2, 1)
        """
        if instant.tzinfo is None:
            raise DataError(
                "A time without a zone has no certain day.",
                found=instant.isoformat(),
                do="Attach UTC, or the zone of its source, before asking for its day",
            )
        return instant.astimezone(self.zone).date()

    def period_of(self, day: date, grain: str) -> Period:
        """Return the period of a grain that a day lies in.

        Raises
        ------
        ParameterError
            If the grain is none of day, week, month, quarter, year.
        """
        if grain == "day":
            return self._named(grain, day, day + _DAY)
        if grain == "week":
            start = day - ((day.weekday() - _first_weekday(self.week)) % 7) * _DAY
            return self._named(grain, start, start + 7 * _DAY)
        if grain not in _MONTHS:
            raise ParameterError(
                "There is no such period.", found=repr(grain), do=f"Use one of: {', '.join(GRAINS)}"
            )
        size = _MONTHS[grain]
        offset = 0 if grain == "month" else self.fiscal_year_start - 1
        index = (_month_index(day) - offset) // size * size + offset
        return self._named(grain, _month_start(index), _month_start(index + size))

    def periods(self, grain: str, window: Window) -> list[Period]:
        """Return the periods of a grain that overlap ``[window.start, window.end)``, in order."""
        found: list[Period] = []
        day = window.start
        while day < window.end:
            found.append(self.period_of(day, grain))
            day = found[-1].end
        return found

    def shift(self, period: Period, k: int) -> Period:
        """Return the period ``k`` steps later (earlier if negative) of the same grain.

        Examples
        --------
        >>> calendar = WorkCalendar(fiscal_year_start=4)
        >>> calendar.shift(calendar.period_of(date(2026, 5, 5), "quarter"), -1).label
        'FY2026-Q4'
        """
        if period.grain in _MONTHS:
            index = _month_index(period.start) + k * _MONTHS[period.grain]
            return self.period_of(_month_start(index), period.grain)
        return self.period_of(period.start + k * (period.end - period.start), period.grain)

    def parse_window(self, text: str) -> Window:
        """Return the window written as a period or as two dates.

        Understands ``2026``, ``2026-Q1``, ``2026-03``, ``2026-03-05``, ``FY2027``, ``FY2027-Q1``
        and ``2026-01-01/2026-04-01`` (the second day is left out).

        Raises
        ------
        ParameterError
            If the text is none of these, or means something else in a fiscal calendar.

        Examples
        --------
        >>> WorkCalendar().parse_window("2026-Q1").label
        '2026-01-01/2026-04-01'
        >>> WorkCalendar(fiscal_year_start=4).parse_window("FY2027-Q1").label
        '2026-04-01/2026-07-01'
        """
        from spm_lib.core.windows import parse_window

        return parse_window(text, calendar=self)

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day: in the working week and no public holiday."""
        return day.weekday() in _weekdays(self.week) and day not in _holidays(
            self.country, day.year
        )

    def working_days(self, start: date, end: date) -> int:
        """Return the number of working days in ``[start, end)``; negative if ``end`` is earlier."""
        if end < start:
            return -self.working_days(end, start)
        return sum(self.is_working_day(day) for day in _each_day(start, end))

    def frame(self, start: date, end: date) -> pl.DataFrame:
        """Return one row per day of ``[start, end)``, to join periods onto event days.

        Columns out
        -----------
        date : Date, unique, ascending
        day : Int64, days since 1970-01-01
        week, month, quarter, year : Date, first day of the period the day lies in
        working_index : Int64, working days in ``[start, date)``; the difference of two rows is the
            number of working days between them

        Examples
        --------
        >>> frame = WorkCalendar().frame(date(2026, 1, 1), date(2026, 1, 5))
        >>> frame["working_index"].to_list()
        [0, 1, 1, 1]
        """
        return _frame(self, start, end).clone()

    def _named(self, grain: str, start: date, end: date) -> Period:
        return Period(grain, start, end, self._label(grain, start))

    def _label(self, grain: str, start: date) -> str:
        if grain == "week":
            return f"week {start.isoformat()}"
        if grain in ("day", "month"):
            return start.isoformat()[: 10 if grain == "day" else 7]
        year = self.fiscal_year_of(start)
        name = f"{year:04d}" if self.fiscal_year_start == 1 else f"FY{year:04d}"
        return name if grain == "year" else f"{name}-Q{self.quarter_of(start)}"

    def fiscal_year_of(self, day: date) -> int:
        """Return the number of the fiscal year a day lies in (the year in which it ends)."""
        return (_month_index(day) - (self.fiscal_year_start - 1)) // 12 + (
            self.fiscal_year_start > 1
        )

    def quarter_of(self, day: date) -> int:
        """Return the fiscal quarter (1 to 4) a day lies in."""
        return (_month_index(day) - (self.fiscal_year_start - 1)) % 12 // 3 + 1


def _month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_start(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _each_day(start: date, end: date) -> Iterator[date]:
    return (start + k * _DAY for k in range((end - start).days))


def _check_week(week: str) -> None:
    if not re.fullmatch(f"({'|'.join(_DAYS)})-({'|'.join(_DAYS)})", week):
        raise WorkspaceError(
            "A working week is written as its first and last day.",
            found=repr(week),
            do='Write week = "sun-thu" or "mon-fri"',
        )


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WorkspaceError(
            "There is no such time zone.",
            found=repr(name),
            do='Write an IANA name such as "Asia/Jerusalem" or "Europe/London"',
        ) from None


def _check_country(country: str) -> None:
    if country and country not in _known_countries():
        raise WorkspaceError(
            "The public holidays of this country are not known.",
            found=repr(country),
            do='Write an ISO 3166 code such as "IL" or "GB", or "" for no public holidays',
        )


@functools.cache
def _known_countries() -> frozenset[str]:
    from holidays.registry import COUNTRIES  # the list alone: not the days of every country

    return frozenset(name for names in COUNTRIES.values() for name in names if name.isupper())


@functools.cache
def _first_weekday(week: str) -> int:
    return _DAYS.index(week[:3])


@functools.cache
def _weekdays(week: str) -> frozenset[int]:
    first, last = (_DAYS.index(name) for name in week.split("-"))
    return frozenset((first + k) % 7 for k in range((last - first) % 7 + 1))


@functools.cache
def _holidays(country: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, years=[year]))


@functools.lru_cache(maxsize=32)
def _frame(calendar: WorkCalendar, start: date, end: date) -> pl.DataFrame:
    import polars as pl

    days = list(_each_day(start, end))
    columns: dict[str, Sequence[object]] = {"date": days, "day": [(d - _EPOCH).days for d in days]}
    for grain in GRAINS[1:]:
        columns[grain] = _starts(calendar, grain, start, end)
    worked = pl.Series([calendar.is_working_day(d) for d in days], dtype=pl.Int64)
    schema = {name: pl.Int64 if name == "day" else pl.Date for name in columns}
    index = (worked.cum_sum() - worked).alias("working_index")
    return pl.DataFrame(columns, schema=schema).with_columns(index)


def _starts(calendar: WorkCalendar, grain: str, start: date, end: date) -> list[object]:
    starts: list[object] = []
    for period in calendar.periods(grain, Window(start, end)):
        shown = min(period.end, end) - max(period.start, start)
        starts.extend([period.start] * shown.days)
    return starts
