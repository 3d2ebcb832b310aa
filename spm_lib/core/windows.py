"""Windows as people write them: ``2026-Q1``, ``FY2027``, ``2026-03``, two dates."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from spm_lib.core.errors import ParameterError

if TYPE_CHECKING:
    from spm_lib.core.calendar import Period, Window, WorkCalendar

_FORM = re.compile(
    r"(?P<fiscal>FY)?(?P<year>\d{4})(-(Q(?P<quarter>[1-4])|(?P<month>\d\d)(-(?P<day>\d\d))?))?"
)


def parse_window(text: str, *, calendar: WorkCalendar) -> Window:
    """Return the window that a text means in a calendar; see ``WorkCalendar.parse_window``."""
    from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR, Window, unthinkable

    years = re.findall(r"(?:^|/)\s*(?:FY)?(\d{4})", text)
    if not all(FIRST_YEAR <= int(year) <= LAST_YEAR for year in years):
        raise unthinkable(repr(text))
    if "/" in text:
        first, _, last = text.partition("/")
        return Window(_day(first.strip()), _day(last.strip()))
    return _period(text.strip(), calendar).window


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unreadable(text) from None


def _period(text: str, calendar: WorkCalendar) -> Period:
    found = _FORM.fullmatch(text)
    if found is None or (found["fiscal"] and found["month"]):
        raise _unreadable(text)
    if found["month"]:
        grain = "day" if found["day"] else "month"
        return calendar.period_of(_day(f"{text}-01" if grain == "month" else text), grain)
    if calendar.fiscal_year_start > 1 and not found["fiscal"]:
        raise ParameterError(
            "This client's years do not start in January, so the period can mean two things.",
            found=repr(text),
            do=f"Write FY{text} for the fiscal period, or two dates as first/last",
        )
    return _fiscal(int(found["year"]), found["quarter"], calendar)


def _fiscal(year: int, quarter: str | None, calendar: WorkCalendar) -> Period:
    first = calendar.fiscal_year_start
    start = date(year - (first > 1), first, 1)
    if quarter is None:
        return calendar.period_of(start, "year")
    return calendar.shift(calendar.period_of(start, "quarter"), int(quarter) - 1)


def _unreadable(text: str) -> ParameterError:
    return ParameterError(
        "A period could not be understood.",
        found=repr(text),
        do="Write 2026, 2026-Q1, 2026-03, 2026-03-05 or 2026-01-01/2026-04-01",
    )
