"""Where a what-if begins: the base rates of the last twelve months, each with its n."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.targets.levers import Levers
from spm_lib.targets.year_target import TargetBasis, target_of

MONTHS = 12
RAMP = (0.25, 0.5, 0.75)  # share of a full rep's deals in the first months after hiring


@dataclass(frozen=True, eq=False)
class Baseline:
    """Base rates of a company, and the months that are played through.

    Attributes
    ----------
    window
        The months the rates are taken from, ``[start, end)``.
    months
        The first days of the months to come.
    won, lost
        Deals decided in the window; the win rate is won / (won + lost).
    rep_months
        Months of selling behind them: over the window's months, the people employed.
    heads
        People selling now.
    amounts
        Amounts of the deals won in the window, Int64 minor units.
    cycles
        Days from created to won of the same deals, where both are known.
    dispersion
        Variance over mean of the deals won per month, at least 1 (1: chance alone).
    target
        Target of the months to come, minor units, and where it comes from.
    ramp
        Share of a full rep's deals in the months after hiring; an assumption.
    """

    currency: str
    as_of: date
    window: Window
    months: tuple[date, ...]
    won: int
    lost: int
    rep_months: int
    heads: int
    amounts: np.ndarray
    cycles: np.ndarray
    dispersion: float
    target: int
    target_basis: TargetBasis
    ramp: tuple[float, ...] = RAMP

    @property
    def win_rate(self) -> float:
        """Deals won of those decided."""
        return self.won / (self.won + self.lost)

    @property
    def decided_per_rep_month(self) -> float:
        """Deals a person brings to a decision, won or lost, per month."""
        return (self.won + self.lost) / self.rep_months

    @property
    def levers(self) -> Levers:
        """The levers as they stand today."""
        return Levers(
            target=self.target,
            win_rate=self.win_rate,
            deal_amount=round(float(np.mean(self.amounts))),
            cycle_days=float(np.median(self.cycles)),
            heads=self.heads,
        )


def baseline(company: Company, *, window: Window | None = None) -> Baseline:
    """Take the base rates of a company.

    Parameters
    ----------
    company
        As known at ``as_of``, in its scope.
    window
        Months the rates are taken from, ``[start, end)``; None: the last twelve whole ones.

    Raises
    ------
    DataError
        If no deal with an amount and dates was won in them, so that there is nothing to play
        through.
    """
    window = window or company.default_window()
    decided = _decided(company, window)
    won = decided.filter(pl.col("outcome") == "won")
    amounts = won["amount"].drop_nulls().sort().to_numpy()
    cycles = _cycles(won)
    if not len(amounts) or not len(cycles):
        raise DataError(
            "There is nothing to play through: no won deal with amount and dates in the window.",
            found=f"{won.height} won deals in {window.label}",
            do="Map amount, created_at and closed_at, or choose an as_of with deals before it",
        )
    months = _months_from(company.as_of + timedelta(days=1))
    coming = Window(months[0], _next_month(months[-1]))
    target = target_of(company, coming=coming, past=window, booked=int(amounts.sum()))
    return Baseline(
        currency=company.currency,
        as_of=company.as_of,
        window=window,
        months=months,
        won=won.height,
        lost=decided.height - won.height,
        rep_months=_rep_months(company, window, decided),
        heads=_heads(company, company.as_of, decided),
        amounts=amounts,
        cycles=cycles,
        dispersion=_dispersion(won, window),
        target=target.value,
        target_basis=target.basis,
    )


def _decided(company: Company, window: Window) -> pl.DataFrame:
    inside = pl.col("closed_on").is_between(window.start, window.end, closed="left")
    deals = company.table("opportunities")
    return deals.filter(pl.col("outcome").is_in(["won", "lost"]) & inside)


def _cycles(won: pl.DataFrame) -> np.ndarray:
    days = (won["closed_day"] - won["created_day"]).drop_nulls()
    return np.sort(days.filter(days >= 0).to_numpy().astype(float))


def _months_from(day: date) -> tuple[date, ...]:
    first = day if day.day == 1 else _next_month(day)
    months = [first]
    while len(months) < MONTHS:
        months.append(_next_month(months[-1]))
    return tuple(months)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _rep_months(company: Company, window: Window, decided: pl.DataFrame) -> int:
    month, total = window.start, 0
    while month < window.end:
        total += _heads(company, month, decided)
        month = _next_month(month)
    return max(total, 1)


def _heads(company: Company, day: date, decided: pl.DataFrame) -> int:
    """Count those who sell on a day: owners of decided deals who are employed then."""
    owners = decided["rep_id"].drop_nulls().unique()
    reps = company.table("reps").filter(pl.col("rep_id").is_in(owners.implode()))
    employed = reps.filter(
        (pl.col("hired_on").is_null() | (pl.col("hired_on") <= day))
        & (pl.col("left_on").is_null() | (pl.col("left_on") > day))
    )
    return max(employed.height if reps.height else owners.len(), 1)


def _dispersion(won: pl.DataFrame, window: Window) -> float:
    """Return the index of dispersion of monthly wins (Cox and Lewis 1966); 1 is Poisson."""
    starts = []
    month = window.start
    while month < window.end:
        starts.append(month)
        month = _next_month(month)
    counted = won.group_by(pl.col("closed_on").dt.truncate("1mo").alias("month")).len()
    per_month = dict(counted.iter_rows())
    counts = np.array([per_month.get(start, 0) for start in starts], dtype=float)
    mean = counts.mean()
    return float(min(max(counts.var(ddof=1) / mean, 1.0), 10.0)) if mean else 1.0
