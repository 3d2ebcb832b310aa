"""What somebody was paid in the last twelve worked months, by the tag of the component."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.core.months import months_after
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.chain.periods import end_of
from spm_lib.incentives.paid.paid_period import Average, Stretch, Tag

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
    return [
        month
        for start, end in joined
        for month in months_of(start, end)
        if not any(first < months_after(month, 1) and month < last for first, last in away)
    ]


def months_of(start: date, end: date) -> list[date]:
    """Return the first days of the months that lie whole in ``[start, end)``.

    Examples
    --------
    >>> months_of(date(2026, 1, 2), date(2026, 3, 31))
    [datetime.date(2026, 2, 1)]
    """
    first = start if start.day == 1 else months_after(start.replace(day=1), 1)
    found: list[date] = []
    while months_after(first, 1) <= end:
        found.append(first)
        first = months_after(first, 1)
    return found


def averages(payments: pl.DataFrame, worked: Iterable[date]) -> tuple[Average, ...]:
    """Return a person's mean monthly pay by tag over the last twelve worked months.

    Parameters
    ----------
    payments
        period, period_start, tag (null: a draw, a cap, an adjustment), amount: all kept payments
        of the person up to the period.
    worked
        First days of the months that the person worked whole; pay of other months counts neither
        above nor below the line.

    Notes
    -----
    Nothing without a worked month. What a quarter or a year pays is of its worked months in equal
    parts. Totals and means are rounded half up to the minor unit.
    """
    known = sorted(worked)
    return _means(payments, known, known[-MONTHS:])


def stretches(
    payments: pl.DataFrame, worked: Iterable[date], changes: Iterable[date]
) -> tuple[Stretch, ...]:
    """Return the means of the stretches between changes of the plan, the oldest first.

    Regulation 9 asks for it where pay fell because rates or targets changed: what was earned by
    one plan is not to thin out what was earned by another.

    Parameters
    ----------
    payments, worked
        As in ``averages``.
    changes
        Days on which the plan changed. A month with a change in it belongs to what came after.

    Returns
    -------
    One for each stretch of which a month is among the last twelve worked ones, over its own last
    twelve; nothing where these all lie in one.
    """
    known = sorted(worked)
    bounds = sorted({day.replace(day=1) for day in changes})
    parts: dict[int, list[date]] = {}
    for month in known:
        parts.setdefault(bisect_right(bounds, month), []).append(month)
    shown = sorted({bisect_right(bounds, month) for month in known[-MONTHS:]})
    if len(shown) < 2:
        return ()
    return tuple(
        Stretch(
            start=parts[number][-MONTHS:][0],
            end=months_after(parts[number][-1], 1),
            averages=_means(payments, known, parts[number][-MONTHS:]),
        )
        for number in shown
    )


def _means(
    payments: pl.DataFrame, worked: Sequence[date], months: Sequence[date]
) -> tuple[Average, ...]:
    """Return the means by tag over some of the months worked."""
    counted, known = set(months), set(worked)
    sums: dict[Tag | None, Fraction] = {}
    rows = payments.select("period", "period_start", "tag", "amount")
    for label, start, tag, amount in rows.iter_rows():
        own = [month for month in months_of(start, end_of(label, start)) if month in known]
        inside = sum(month in counted for month in own)
        if inside:
            sums[tag] = sums.get(tag, Fraction(0)) + Fraction(amount * inside, len(own))
    order: tuple[Tag | None, ...] = (*TAGS, None)
    return tuple(
        Average(
            tag=tag,
            months=len(months),
            total=rounded(sums[tag]),
            mean=rounded(sums[tag] / len(months)),
        )
        for tag in order
        if tag in sums
    )
