"""What a measure is: one definition of a number, from which value, interval and receipt follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.metrics.folding import Fold
from spm_lib.metrics.statistic import Statistic
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return the epoch day of a date (1970-01-01 is 0).

    Examples
    --------
    >>> day_number(date(1970, 2, 1))
    31
    """
    return (day - EPOCH).days


@dataclass(frozen=True)
class Context:
    """What a classification may know: the company as of its date, and the window asked for."""

    company: Company
    window: Window | None

    @property
    def as_of_day(self) -> int:
        """Epoch day of the company's date."""
        return day_number(self.company.as_of)

    @property
    def start(self) -> int:
        """Epoch day on which the window starts; far in the past without a window."""
        return day_number(self.window.start) if self.window else -(10**6)

    @property
    def end(self) -> int:
        """Epoch day after the window's last; the day after as_of without a window."""
        return day_number(self.window.end) if self.window else self.as_of_day + 1


Classify = Callable[[nw.LazyFrame, Context], nw.LazyFrame]


@dataclass(frozen=True)
class Measure:
    """One number's definition: which rows, which of them are left out, what is added up.

    ``classify`` gives the same rows with ``_left_out`` (String: why; null = the row counts) and the
    columns that ``statistic`` adds up (``_numerator``, ``_denominator``, ``_value`` ...); working
    columns start with an underscore, which no column of a client does. A second one, ``_missing``,
    may hold reasons that are told only for rows inside the window, such as a missing
    amount. ``date`` is the Int64 epoch-day column that windows, periods and teams go by; None for
    a state at as_of.

    ``rows`` gives the rows read where they are not simply a table of the company; ``lean_rows`` the
    same rows with less trouble, where nobody asks for their ``account_id``; ``fold`` how they are
    counted before they are made, where they are many. ``always_by`` are
    columns every result is broken down by. ``windowed`` says that a row may count in several
    windows, so that periods are computed one window at a time. ``read_value`` turns key columns
    into ``_value`` after the engine has counted; ``finish`` adds columns to the result.
    ``default_window`` gives the window where none is asked for (else: all that is known).
    ``expected`` gives the groups, of those columns and in those windows (window_start, window_end),
    that are told even where no row is of them.
    """

    definition: MetricId
    statistic: Statistic
    classify: Classify
    date: str | None
    rows: Callable[[Company], nw.LazyFrame] | None = None
    lean_rows: Callable[[Company], nw.LazyFrame] | None = None
    fold: Fold | None = None
    always_by: tuple[str, ...] = ()
    windowed: bool = False
    read_value: Callable[[pl.DataFrame, Context], pl.DataFrame] | None = None
    finish: Callable[[pl.DataFrame, Context], pl.DataFrame] | None = None
    default_window: Callable[[Company], Window | None] | None = None
    expected: Callable[[Company, Sequence[str], pl.DataFrame], pl.DataFrame] | None = None

    @property
    def id(self) -> str:
        """The metric id."""
        return self.definition.id

    def read(self, company: Company, *, by: Collection[str] | None = None) -> nw.LazyFrame:
        """Return the rows read, the ones set aside at intake among them.

        ``by`` are the columns they will be counted by, if that is known.
        """
        if self.rows is None:
            return company.rows(self.definition.table)
        lean = self.lean_rows if by is not None and "account_id" not in by else None
        made = lean or self.rows
        return company.once(f"rows by {id(made)}", lambda: (made, made(company)))[1]

    def columns(self, company: Company) -> tuple[str, ...]:
        """Return the names of the columns of the rows read."""
        key = f"columns of {self.definition.table} {id(self.rows)}"
        return company.once(key, lambda: (self.rows, self._names(company)))[1]

    def _names(self, company: Company) -> tuple[str, ...]:
        return tuple(self.read(company).collect_schema().names())


def when_first(*rules: tuple[str, nw.Expr]) -> nw.Expr:
    """Return the reason of the first rule that holds, null where none does.

    Written as nested when/then because backends differ in how they chain them.
    """
    if not rules:
        return nw.lit(None, dtype=nw.String)
    (name, holds), *later = rules
    first = nw.when(holds).then(nw.lit(name))
    return first.otherwise(when_first(*later)) if later else first


def flag(holds: nw.Expr) -> nw.Expr:
    """Return 1 where the condition holds, else 0 (Int64).

    By cases, which takes longer to write than a cast: PostgreSQL casts no boolean to a number.
    """
    return nw.when(holds).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)


def amount_where(holds: nw.Expr, column: str = "amount") -> nw.Expr:
    """Return the money where the condition holds, else 0 (Int64 minor units)."""
    return nw.when(holds).then(nw.col(column)).otherwise(nw.lit(0)).cast(nw.Int64)
