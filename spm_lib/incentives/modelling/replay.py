"""One plan paid on one possible future after the other, by the same chain that pays real deals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from spm_lib.incentives.chain.calculate import Chained, chained, known_by
from spm_lib.incentives.chain.columns import TABLES
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.ledger import Books
from spm_lib.incentives.chain.measuring import NOTHING
from spm_lib.incentives.chain.people import Stay, stays_of
from spm_lib.incentives.chain.periods import PayPeriod, interval_of
from spm_lib.incentives.modelling.mix import WHOLE, Mix
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.pays import ScorePay
from spm_lib.incentives.plan.plan import Component, Plan

if TYPE_CHECKING:
    from spm_lib.forecast import Draws

Ints = np.ndarray


@dataclass(frozen=True, eq=False)
class Replay:
    """A plan ready to be paid on futures of the same people.

    Attributes
    ----------
    plan, data
        The plan as it stands in for the days to come; people and quotas, and as transactions
        those that have happened already within the plan's days.
    draws
        Whose bookings, of which periods.
    mix
        What they are made of.
    """

    plan: Plan
    data: PayData
    draws: Draws
    mix: Mix

    @cached_property
    def reps(self) -> tuple[str, ...]:
        """The people that the plan pays, by id."""
        return tuple(sorted(set(self.data.people["rep_id"])))

    @property
    def end(self) -> date:
        """The day after the last one simulated."""
        return self.draws.periods[-1].end

    @cached_property
    def _known(self) -> PayData:
        scored = replace(self.data, scores=_scores(self.plan, stays_of(self.data.people)))
        return known_by(scored, self.end)

    @cached_property
    def _books(self) -> Books:
        return Books(self.plan, self._known)

    def pay(self, amounts: Ints) -> Chained:
        """Pay one future.

        Parameters
        ----------
        amounts
            Bookings per person and period of the draws, Int64 minor units.

        Raises
        ------
        PayError
            As ``calculate``.
        """
        future = self.transactions(amounts)
        rows = pl.concat([self._known.transactions, future], how="diagonal_relaxed")
        known = replace(self._known, transactions=rows)
        return chained(self.plan, known, self.end, self._books)

    def paid(self, made: Chained) -> Ints:
        """Return what each person is paid in all, in the order of ``reps``."""
        sums = made.payments.group_by("rep_id").agg(pl.col("amount").sum())
        found = dict(sums.iter_rows())
        return np.array([found.get(rep, 0) for rep in self.reps], dtype=np.int64)

    def counted(self, made: Chained, measure: str) -> Ints:
        """Return what counts for each person's attainment of a measure over all days."""
        sums = made.measuring.sums(measure)
        totals = [sums.get(rep, NOTHING).totals[1][-1] for rep in self.reps]
        return np.array(totals, dtype=np.int64)

    def transactions(self, amounts: Ints) -> pl.DataFrame:
        """Return one future as transactions: one per person, period and part, none of 0."""
        frame = self._frame
        sold = np.ascontiguousarray(amounts, dtype=np.int64).ravel()[frame.cell]
        parts = in_millionths(sold, frame.high) - in_millionths(sold, frame.low)
        columns = {"amount": parts} | {
            name: ((2 * parts * up + down) // (2 * down)).astype(np.int64)
            for name, (up, down) in frame.ratios.items()
        }
        rows = frame.told.with_columns(pl.Series(name, v) for name, v in columns.items())
        return rows.filter(pl.col("amount") != 0)

    @cached_property
    def _frame(self) -> _Frame:
        return _frame(self)


@dataclass(frozen=True, eq=False)
class _Frame:
    """What all futures have in common: the rows, and where each finds its amount."""

    told: pl.DataFrame
    cell: Ints
    low: Ints
    high: Ints
    ratios: dict[str, tuple[Ints, Ints]]


def in_millionths(amounts: Ints, millionths: Ints | int) -> Ints:
    """Return whole amounts times millionths, rounded half up; no product passes 64 bits.

    Of bookings up to each bound of their parts, the differences are parts that add up exactly.

    Examples
    --------
    >>> in_millionths(np.array([100, 333, 10**13]), 1_500_000).tolist()
    [150, 500, 15000000000000]
    """
    whole, rest = np.divmod(amounts, WHOLE)
    return whole * millionths + (2 * rest * millionths + WHOLE) // (2 * WHOLE)


def _frame(replay: Replay) -> _Frame:
    draws, mix = replay.draws, replay.mix
    days = _days(replay)
    rows, cell, low, high = [], [], [], []
    sums: list[tuple[int, ...]] = []
    beside: list[int] = []
    for i, rep in enumerate(draws.reps):
        for j, period in enumerate(draws.periods):
            for number, part in enumerate(mix.of(rep)):
                name = f"{period.label}/{rep}/{number}"
                rows.append((name, rep, days[rep][j], draws.currency, *part.values))
                cell.append(i * len(draws.periods) + j)
                low.append(part.low)
                high.append(part.high)
                sums.append(part.sums)
                beside.append(part.amount)
    head = ("transaction_id", "rep_id", "date", "currency")
    schema = {name: TABLES["transactions"].optional.get(name, pl.String) for name in head}
    schema |= {"date": pl.Date} | dict.fromkeys(mix.columns, pl.String)
    down = np.array(beside, dtype=object)  # exact: products pass 64 bits
    ratios = {
        name: (np.array([s[k] for s in sums], dtype=object), down)
        for k, name in enumerate(mix.numbers)
    }
    told = pl.DataFrame(rows, schema=schema, orient="row")
    return _Frame(told, np.array(cell), np.array(low), np.array(high), ratios)


def _days(replay: Replay) -> dict[str, list[date]]:
    """Return on which day of each period a person's bookings count: the first one on board."""
    stays = stays_of(replay.data.people)
    found = {}
    for rep in replay.draws.reps:
        days = []
        for period in replay.draws.periods:
            there = (
                max(stay.start, period.start)
                for stay in stays.get(rep, ())
                if stay.start < period.end and period.start < stay.end
            )
            days.append(next(there, period.start))
        found[rep] = days
    return found


def _scores(plan: Plan, stays: dict[str, list[Stay]]) -> pl.DataFrame:
    """Return a score of 1 for every objective and person, in each interval it is asked for."""
    rows = [
        (rep, max(stay.start, interval.start), objective.id, Decimal(1), None, None)
        for component in plan.components
        if isinstance(component.pays, ScorePay)
        for interval in _intervals(plan, component)
        for rep, own in stays.items()
        for stay in [s for s in own if s.start < interval.end and interval.start < s.end][:1]
        for objective in component.pays.objectives
    ]
    expected = TABLES["scores"]
    schema = {**expected.required, **expected.optional}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _intervals(plan: Plan, component: Component) -> list[PayPeriod]:
    """Return the intervals that a component looks at: its own, or longer pay periods."""
    head, day, found = plan.plan, plan.plan.valid_from, []
    grain = max(component.period or head.period, head.period, key=PERIOD_MONTHS.__getitem__)
    while day < head.valid_to:
        found.append(interval_of(day, grain, head.fiscal_year_start))
        day = found[-1].end
    return found
