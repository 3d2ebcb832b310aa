"""Days some months apart."""

from __future__ import annotations

from datetime import date

from spm_lib.core.calendar import months_before


def months_after(day: date, months: int) -> date:
    """Return the day so many months later, the last of its month where there is no such day.

    Examples
    --------
    >>> months_after(date(2026, 1, 31), 1), months_after(date(2026, 3, 31), -1)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
    """
    first = months_before(day, -months)
    return first.replace(day=min(day.day, (months_before(first, -1) - first).days))
