"""What somebody was paid in the last twelve worked months, by the tag of the component."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.core.months import months_after
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.paid.paid_period import Average, Tag

MONTHS = 12
TAGS: tuple[Tag, ...] = ("commission", "premium", "team_bonus")


def worked_months(
    spans: Iterable[tuple[date, date]], leave: Iterable[tuple[date, date]] = ()
) -> list[date]:
    """Return the first days of the months that lie whole in stretches ``[from, to)``, ascending.

    Parameters
    ----------
    leave
        Stretches ``[from, to)`` of leave: a month with a day of it is no worked one.

    Examples
    --------
    >>> began, moved, left = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 1)
    >>> worked_months([(began, moved), (moved, left)])
    [datetime.date(2026, 2, 1)]
    >>> worked_months([(date(2026, 1, 1), date(2026, 4, 1))], [(moved, date(2026, 2, 11))])
    [datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)]
    """
    away = list(leave)
    joined: list[list[date]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    found: list[date] = []
    for start, end in joined:
        first = start if start.day == 1 else months_after(start.replace(day=1), 1)
        while months_after(first, 1) <= end:
            found.append(first)
            first = months_after(first, 1)
    return [
        month
        for month in found
        if not any(start < months_after(month, 1) and month < end for start, end in away)
    ]


def averages(payments: pl.DataFrame, worked: Iterable[date]) -> tuple[Average, ...]:
    """Return a person's mean monthly pay by tag over the last twelve worked months.

    Parameters
    ----------
    payments
        period_start, tag (null: a draw, a cap, an adjustment), amount: all kept payments of the
        person up to the period.
    worked
        First days of the months that the person worked whole; pay of other months counts neither
        above nor below the line.

    Notes
    -----
    Nothing without a worked month. Means are rounded half up to the minor unit.
    """
    months = sorted(worked)[-MONTHS:]
    if not months:
        return ()
    sums: dict[Tag | None, int] = {}
    for start, tag, amount in payments.select("period_start", "tag", "amount").iter_rows():
        if start in months:
            sums[tag] = sums.get(tag, 0) + amount
    order: tuple[Tag | None, ...] = (*TAGS, None)
    return tuple(
        Average(
            tag=tag,
            months=len(months),
            total=sums[tag],
            mean=rounded(Fraction(sums[tag], len(months))),
        )
        for tag in order
        if tag in sums
    )
