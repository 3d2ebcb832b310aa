"""The pay periods of a plan, and the intervals that its rules look back over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from spm_lib.core.errors import PayError
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.plan import Plan


@dataclass(frozen=True, order=True)
class PayPeriod:
    """One period ``[start, end)`` of a plan, such as 2026-03, 2026-Q1, 2026-H1 or 2026."""

    start: date
    end: date
    label: str


def _month(count: int) -> date:
    return date(count // 12, count % 12 + 1, 1)


@lru_cache(maxsize=4096)
def interval_of(day: date, grain: str, fiscal_year_start: int = 1) -> PayPeriod:
    """Return the month, quarter, half year or year that a day lies in.

    Examples
    --------
    >>> interval_of(date(2026, 5, 17), "quarter")
    PayPeriod(start=datetime.date(2026, 4, 1), end=datetime.date(2026, 7, 1), label='2026-Q2')
    >>> interval_of(date(2026, 5, 17), "year", 4).label
    'FY2027'
    """
    size, count = PERIOD_MONTHS[grain], day.year * 12 + day.month - 1
    offset = 0 if grain == "month" else fiscal_year_start - 1
    first = (count - offset) // size * size + offset
    start, end = _month(first), _month(first + size)
    if grain == "month":
        return PayPeriod(start, end, f"{start:%Y-%m}")
    year = (first - offset) // 12 + (fiscal_year_start > 1)
    name = f"{year:04d}" if fiscal_year_start == 1 else f"FY{year:04d}"
    number = (first - offset) % 12 // size + 1
    part = {"quarter": f"-Q{number}", "half_year": f"-H{number}", "year": ""}[grain]
    return PayPeriod(start, end, name + part)


def end_of(label: str, start: date) -> date:
    """Return the day after the last of a pay period, by its label and its first day.

    Examples
    --------
    >>> end_of("2026-02", date(2026, 2, 1)), end_of("FY2027-H1", date(2026, 4, 1))
    (datetime.date(2026, 3, 1), datetime.date(2026, 10, 1))
    """
    part = label.rpartition("-")[2]
    grain = {"Q": "quarter", "H": "half_year"}.get(part[0], "month" if "-" in label else "year")
    return _month(start.year * 12 + start.month - 1 + PERIOD_MONTHS[grain])


def pay_periods(plan: Plan) -> list[PayPeriod]:
    """Return the pay periods of a plan, in order; they tile its days without gap or overlap."""
    head, found = plan.plan, []
    day = head.valid_from
    while day < head.valid_to:
        found.append(interval_of(day, head.period, head.fiscal_year_start))
        day = found[-1].end
    return found


def periods_until(plan: Plan, end: date) -> list[PayPeriod]:
    """Return the pay periods of a plan that begin before a day, in order."""
    return [period for period in pay_periods(plan) if period.start < end]


def period_named(plan: Plan, label: str) -> PayPeriod:
    """Return a plan's pay period by its label.

    Raises
    ------
    PayError
        If the plan has none of that name.
    """
    found = [period for period in pay_periods(plan) if period.label == label]
    if not found:
        labels = [period.label for period in pay_periods(plan)]
        raise PayError(
            f"The plan '{plan.plan.id}' has no pay period '{label}'.",
            found=f"{labels[0]} to {labels[-1]}",
            do="Name one of its periods, such as " + labels[0],
        )
    return found[0]


@lru_cache(maxsize=65_536)
def months_in(start: date, end: date) -> Fraction:
    """Return the months of ``[start, end)``; a broken month counts by its share of days.

    Examples
    --------
    >>> months_in(date(2026, 1, 1), date(2026, 3, 16))
    Fraction(77, 31)
    """
    total, day = Fraction(0), start
    while day < end:
        month = interval_of(day, "month")
        stop = min(month.end, end)
        total += Fraction((stop - day).days, (month.end - month.start).days)
        day = stop
    return total
