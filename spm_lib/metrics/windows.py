"""Windows as people write them: a Window, a Period, two dates, "2026-Q1", or nothing."""

from __future__ import annotations

from datetime import date

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.core.errors import ParameterError

GRAINS = ("week", "month", "quarter", "year")
WindowLike = Window | Period | tuple[date | str, date | str] | str | None


def read_window(window: WindowLike, calendar: WorkCalendar) -> Window | None:
    """Return the window ``[start, end)`` that was meant; None stands for all that is known.

    Raises
    ------
    ParameterError
        If a text is no window (see ``WorkCalendar.parse_window``) or no ISO date.

    Examples
    --------
    >>> read_window("2026-Q2", WorkCalendar()).label
    '2026-04-01/2026-07-01'
    >>> read_window(("2026-01-01", "2026-10-01"), WorkCalendar()).days
    273
    """
    if window is None or isinstance(window, Window):
        return window
    if isinstance(window, Period):
        return window.window
    if isinstance(window, tuple):
        return Window(*(_day(part) for part in window))
    return calendar.parse_window(window)


def _day(part: date | str) -> date:
    if not isinstance(part, str):
        return part
    try:
        return date.fromisoformat(part)
    except ValueError:
        raise ParameterError(
            "A window's edge is not a date.", found=repr(part), do="Write it as 2026-01-31"
        ) from None
