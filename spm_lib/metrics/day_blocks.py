"""Blocks of days: where only the ends of some days are asked for, the days between are as one.

Rows are then counted by a few blocks in place of many days, so that two days of a row (its first
and its last, say) can be told in one pass. To number blocks pays on polars; on engines that speak
SQL a second pass over single days costs less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.definition import day_number

LONGEST_MONTH = 31
WEEK = 7  # days; of shorter blocks there are too many to be told two at a time
_MARCH = date(1900, 3, 1)  # from here on for two centuries every fourth year is a leap year
_LAST = date(2100, 2, 27)
_FOUR_YEARS, _FIVE_MONTHS = 1461, 153  # days; from March on months have 31, 30, 31, 30, 31
_EARLIER_YEARS, _EARLIER_DAYS = 2000, 500 * _FOUR_YEARS  # so that no number is below 0
_MOST = 1 << 24  # blocks
_WHOLE = nw.Int32  # what is worked out here fits, at half the time


@dataclass(frozen=True)
class DayBlocks:
    """How days are put together: by months, or so many days at a time from a first day on.

    Blocks shorter than a week are single days.
    """

    months: bool
    start: int = 0
    step: int = 1

    @property
    def coarse(self) -> bool:
        """Whether there are so few blocks that rows are counted by two of them at a time."""
        return self.months or self.step >= WEEK

    def number(self, *names: str) -> nw.Expr:
        """Return one number that tells the blocks of two days (epoch days) of a row; or one day."""
        if not self.coarse:
            return nw.col(*names)
        told = nw.lit(0)
        for name in names:
            block = self._block(nw.col(name).cast(_WHOLE)).cast(nw.Int64) + 1  # wide from here on
            told = told * _MOST + block.fill_null(0)
        return told.cast(nw.Int64)

    def last_day(self, number: str, *, later: int) -> pl.Expr:
        """Return the last day of a block, null of no day; so many other blocks are told later."""
        if not self.coarse:
            return pl.col(number)
        block = pl.col(number) // _MOST**later % _MOST - 1
        return pl.when(block >= 0).then(self._last_day(block))

    @property
    def _earlier(self) -> int:
        return -(-_EARLIER_DAYS // self.step)

    def _block(self, day: nw.Expr) -> nw.Expr:
        if not self.months:
            since = day - _whole(self.start - self._earlier * self.step)
            return (since // _whole(self.step)).cast(_WHOLE)
        since = day - _whole(day_number(_MARCH) - _EARLIER_DAYS)
        years = (since * _whole(4) + _whole(3)) // _whole(_FOUR_YEARS)
        years = years.cast(_WHOLE)
        of_year = since - (years * _whole(_FOUR_YEARS) // _whole(4)).cast(_WHOLE)
        months = (of_year * _whole(5) + _whole(2)) // _whole(_FIVE_MONTHS)
        return (years * _whole(12) + months.cast(_WHOLE)).cast(_WHOLE)

    def _last_day(self, block: pl.Expr) -> pl.Expr:
        if not self.months:
            return (block + 1 - self._earlier) * self.step + self.start - 1
        month = block + (_MARCH.year - _EARLIER_YEARS) * 12 + _MARCH.month  # the one after it
        return pl.date(month // 12, month % 12 + 1, 1).cast(pl.Int32).cast(pl.Int64) - 1


def day_blocks(days: Sequence[date], last: date) -> DayBlocks:
    """Return the largest blocks of which none goes on beyond a day asked for; none is after last.

    Examples
    --------
    >>> ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 12)]
    >>> day_blocks(ends, date(2026, 3, 12)).months, day_blocks(ends, date(2026, 3, 31)).months
    (True, False)
    >>> day_blocks([date(2026, 1, 4), date(2026, 1, 18)], date(2026, 3, 31)).step
    14
    """
    bounds = sorted({day for day in days if day < last}) or [last]
    starts = [day_number(day) + 1 for day in bounds]
    step = math.gcd(*(start - starts[0] for start in starts)) or _EARLIER_DAYS
    ends = all(_MARCH <= day <= _LAST and (day + timedelta(1)).day == 1 for day in bounds)
    if ends and step < LONGEST_MONTH:
        return DayBlocks(months=True)
    return DayBlocks(months=False, start=starts[0], step=step)


EACH_DAY = DayBlocks(months=False)


def _whole(number: int) -> nw.Expr:
    return nw.lit(number, dtype=_WHOLE)
