"""Lines of rules that are functions of what is sold, worked out for everybody at once.

The numbers are Python's whole numbers in arrays: numerators and denominators without a limit, so
that nothing is rounded before the minor unit and no product overflows. ``Earner`` says the same of
one line in fractions; a property test holds the two together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from spm_lib.incentives.chain.asking import Stretch, deducts, pays_to_date, stretches
from spm_lib.incentives.chain.data import LARGEST
from spm_lib.incentives.chain.earning import EARNING_COLUMNS, PLACES, too_large
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.ways import Asked, made_shape
from spm_lib.incentives.plan.pays import CurvePay, GoalPay, RatePay, TablePay
from spm_lib.incentives.plan.plan import Component, Plan
from spm_lib.incentives.shapes.piecewise import Piecewise

Ints = Any  # an array of Python's whole numbers
Ratio = tuple[Ints, Ints]  # numerators and denominators, these above 0
_TEN = 10**PLACES


def at_once(component: Component, plan: Plan) -> bool:
    """Say whether a component's lines can be worked out for everybody at once.

    It is a rate, a table, a curve or a percent to goal of its own measure, with nothing that
    bends it and no days of payment of its own, rounded line by line.
    """
    bent = component.gates or component.multipliers or component.cap or component.release
    if component.measure is None or bent or plan.decisions.rounding.at != "line":
        return False
    if pays_to_date(component, plan) and component.true_up != "deduct":
        return False
    pays = component.pays
    if isinstance(pays, RatePay):
        return True
    if (component.grouping or plan.decisions.grouping) == "transaction":
        return isinstance(pays, TablePay) and _of_base(component) and not pays.attained_by
    if isinstance(pays, TablePay):
        stretched = _scaled(component) and any(band.pay is not None for band in pays.bands)
        return pays.attained_by is None and not stretched
    return isinstance(pays, CurvePay) or (isinstance(pays, GoalPay) and pays.base_rate is None)


def _of_base(component: Component) -> bool:
    pays = component.pays
    return isinstance(pays, RatePay) or (
        isinstance(pays, TablePay) and pays.of == "base" and pays.times == "base"
    )


def _scaled(component: Component) -> bool:
    """Say whether a table pays rates of the base by bands of attainment."""
    pays = component.pays
    return isinstance(pays, TablePay) and pays.of == "attainment" and pays.times == "base"


@dataclass(frozen=True, eq=False)
class _Rows:
    """Who has a line over which days: for each row a person's and a stretch's number."""

    key: tuple[object, ...]
    rep: np.ndarray
    at: np.ndarray
    days: list[Stretch]

    def pairs(self) -> list[tuple[int, Stretch]]:
        """Return each row's person and stretch."""
        return [(r, self.days[a]) for r, a in zip(self.rep.tolist(), self.at.tolist(), strict=True)]


class AtOnce:
    """Works out components for all people of a ledger; see ``at_once``."""

    def __init__(self, ledger: Ledger, periods: Sequence[PayPeriod]) -> None:
        self.ledger, self.plan, self.periods = ledger, ledger.plan, periods
        self.reps = sorted(ledger.stays)
        self._place = {rep: i for i, rep in enumerate(self.reps)}
        self._groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for i, rep in enumerate(self.reps):
            key = tuple((stay.start, stay.end, stay.role) for stay in ledger.stays[rep])
            self._groups[key].append(i)
        self._rows: dict[tuple[object, ...], _Rows] = {}
        self._quotas: dict[tuple[object, ...], tuple[Ratio, np.ndarray]] = {}
        self._targets: dict[tuple[object, ...], Ratio] = {}
        self._sums: dict[object, np.ndarray] = {}

    def earnings(self, component: Component) -> pl.DataFrame:
        """Return a component's lines with the columns of the earnings, and ``number``.

        ``number`` is the place of the period; decimals are whole numbers of 10 ** -PLACES. A
        quota or a target pay that is missing stands in the ledger's faults.

        Raises
        ------
        PayError
            If a line is beyond all money.
        """
        rows = self._rows_of(component)
        now = self._earned(component, rows, now=True)
        before = self._before(component, rows)
        exact = now if before is None else _less(now, before)
        self._check(component, rows, now[0] // now[1], exact[0] // exact[1])
        mode = self.plan.decisions.rounding.mode
        amount = _whole(now, mode)
        if before is not None:
            amount = amount - _whole(before, mode)
        (quota, over), known = self._quota(component, rows, now=True)
        counted = self._between(str(component.measure), rows, value=1)
        raw = _scaled_up(now)
        numbers = {
            "base": pl.Series(self._between(str(component.measure), rows), dtype=pl.Int64),
            "quota": _told(_scaled_up((quota, over)), known),
            "attainment": _told(_scaled_up(_quotient(counted.astype(object) * over, quota)), known),
            "earned_before": 0 if before is None else _column(_scaled_up(before)),
            "raw": _column(raw),
            "gate": _TEN,
            "multiplier": _TEN,
            "withheld": 0,
            "exact": _column(raw if before is None else _scaled_up(exact)),
            "amount": pl.Series(amount.tolist(), dtype=pl.Int64),
        }
        return self._frame(component, rows, numbers)

    def _rows_of(self, component: Component) -> _Rows:
        """Return the rows of a component; those that ask for the same days share them."""
        keys = ("roles", "valid_from", "valid_to", "period", "reset", "against")
        to_date = pays_to_date(component, self.plan)
        key = (to_date, *(getattr(component, name) for name in keys))
        if key not in self._rows:
            reps, ats, days = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], []
            for people in self._groups.values():
                stays = self.ledger.stays[self.reps[people[0]]]
                own = list(stretches(component, self.plan, stays, self.periods))
                reps.append(np.tile(np.array(people, np.int64), len(own)))
                ats.append(np.repeat(np.arange(len(own)) + len(days), len(people)))
                days += own
            self._rows[key] = _Rows(key, np.concatenate(reps), np.concatenate(ats), days)
        return self._rows[key]

    def _between(self, measure: str, rows: _Rows, value: int = 0, *, now: bool = True) -> Ints:
        """Return what a measure adds up over each row's days: 0 what is paid on, 1 what counts."""
        key = (measure, value)
        if key not in self._sums:
            self._sums[key] = self._running(self.ledger.measuring.cells(measure), value)
        return self._stretch(self._sums[key], rows, now=now)

    def _stretch(self, running: np.ndarray, rows: _Rows, *, now: bool) -> Ints:
        cuts = self.ledger.measuring.cuts
        low = np.array([bisect_left(cuts, d.since) for d in rows.days], np.int64)
        ends = [d.end if now else d.start for d in rows.days]
        high = np.array([bisect_left(cuts, end) for end in ends], np.int64)
        return running[rows.rep, high[rows.at]] - running[rows.rep, low[rows.at]]

    def _running(self, cells: pl.DataFrame, value: int) -> np.ndarray:
        """Return running totals by person and cut, from rows of person, cell and values."""
        cuts = {day: i for i, day in enumerate(self.ledger.measuring.cuts)}
        numbers = cells[f"v{value}"].to_list()
        wide = cells.schema[f"v{value}"] != pl.Int64
        totals = np.zeros((len(self.reps), len(cuts) + 1), object if wide else np.int64)
        for rep, cell, number in zip(cells["rep_id"], cells["cell"], numbers, strict=True):
            totals[self._place[rep], cuts[cell] + 1] = number
        return np.cumsum(totals, axis=1)

    def _earned(self, component: Component, rows: _Rows, *, now: bool) -> Ratio:
        """Return what a component earns of each row's days, or of those before its period."""
        measure, shape = str(component.measure), self._shape(component)
        of_each = (component.grouping or self.plan.decisions.grouping) == "transaction"
        if of_each and not isinstance(component.pays, RatePay):
            key = component.version
            if key not in self._sums:
                cells = self.ledger.measuring.each_cells(measure, shape)
                self._sums[key] = self._running(cells, 0)
            return self._stretch(self._sums[key], rows, now=now), shape.denominator
        if _of_base(component):
            base = self._between(measure, rows, now=now).astype(object)
            return _at(shape, base, 1), shape.denominator
        quota, over = self._needed(component, rows, now=now)
        if _scaled(component):
            base = self._between(measure, rows, now=now).astype(object)
            return _at(shape, base * over, quota), over * shape.denominator
        counted = self._between(measure, rows, 1, now=now).astype(object)
        target, under = self._target(component, rows, now=now)
        return _at(shape, counted * over, quota) * target, quota * under * shape.denominator

    def _before(self, component: Component, rows: _Rows) -> Ratio | None:
        """Return what was earned to date before each row's period; none: null."""
        if not deducts(component, self.plan):
            return None
        numerator, denominator = self._earned(component, rows, now=False)
        nothing = np.array([d.since == d.start for d in rows.days], bool)[rows.at]
        return np.where(nothing, 0, numerator), denominator

    def _shape(self, component: Component) -> Piecewise:
        """Return a component's pay as a function of the base, or of attainment."""
        day = self.plan.plan.valid_from
        asked = Asked(self.ledger, component, "", day, day, day, day)
        return made_shape(asked, quota=Fraction(1) if _scaled(component) else None)

    def _quota(self, component: Component, rows: _Rows, *, now: bool) -> tuple[Ratio, np.ndarray]:
        """Return each row's quota (1 where there is none), and whether it is known."""
        key = (rows.key, component.measure, now)
        if key not in self._quotas:
            found = [
                self.ledger.known_quota(self.reps[rep], str(component.measure), *_days(d, now=now))
                for rep, d in rows.pairs()
            ]
            known = np.array([bool(quota) for quota in found], bool)
            self._quotas[key] = (_parts([quota or 1 for quota in found]), known)
        return self._quotas[key]

    def _needed(self, component: Component, rows: _Rows, *, now: bool) -> Ratio:
        """Return each row's quota; one that is missing or not above 0 is written down."""
        (quota, over), known = self._quota(component, rows, now=now)
        poor = ~known | (quota <= 0).astype(bool)
        if not poor.any():
            return quota, over
        quota, over = quota.copy(), over.copy()
        for i in np.flatnonzero(poor).tolist():
            d = rows.days[rows.at[i]]
            if now or d.since != d.start:
                rep, span = self.reps[rows.rep[i]], _days(d, now=now)
                self.ledger.quota(rep, str(component.measure), *span)
            quota[i] = over[i] = 1
        return quota, over

    def _target(self, component: Component, rows: _Rows, *, now: bool) -> Ratio:
        """Return each row's target pay of the component."""
        key = (rows.key, now)
        if key not in self._targets:
            found = [
                self.ledger.whole_target(self.reps[rep], *_days(d, now=now))
                if now or d.since != d.start
                else 1
                for rep, d in rows.pairs()
            ]
            self._targets[key] = _parts(found)
        target, under = self._targets[key]
        if component.weight is None:
            return target, under
        over, down = component.weight.as_integer_ratio()
        return target * over, under * down

    def _check(self, component: Component, rows: _Rows, *sizes: Ints) -> None:
        for size in sizes:
            large = np.flatnonzero((abs(size) > LARGEST).astype(bool))
            if len(large):
                i = large[0]
                period = rows.days[rows.at[i]].period
                raise too_large(self.reps[rows.rep[i]], component, period, size[i])

    def _frame(
        self, component: Component, rows: _Rows, numbers: dict[str, pl.Series | int]
    ) -> pl.DataFrame:
        number = {period: i for i, period in enumerate(self.periods)}
        told = [(d.period.label, d.period.start, d.since, d.start, d.end) for d in rows.days]
        names = ("period", "period_start", "since", "from", "to")
        schema = {name: EARNING_COLUMNS[name] for name in names}
        days = pl.DataFrame(told, schema=schema, orient="row").with_columns(
            number=pl.Series([number[d.period] for d in rows.days], dtype=pl.UInt32)
        )
        wide = {
            name: value if isinstance(value, pl.Series) else pl.lit(value, dtype=pl.Int128)
            for name, value in numbers.items()
        }
        return days[rows.at].with_columns(
            rep_id=pl.Series(self.reps, dtype=pl.String).gather(rows.rep),
            component=pl.lit(component.id),
            rule_version=pl.lit(component.version),
            tag=pl.lit(component.tag),
            **wide,
        ).select(*EARNING_COLUMNS, "number")  # fmt: skip


def _days(d: Stretch, *, now: bool) -> tuple[date, date]:
    """Return the days that quota and target pay are of: up to now, or up to before the period."""
    return d.since, d.whole if now else d.interval_end or d.start


def _parts(values: Sequence[Any]) -> Ratio:
    """Return the numerators and denominators of fractions."""
    pairs = [value.as_integer_ratio() for value in values]
    return _whole_numbers([p[0] for p in pairs]), _whole_numbers([p[1] for p in pairs])


def _whole_numbers(values: list[int]) -> Ints:
    made = np.empty(len(values), object)
    made[:] = values
    return made


def _at(shape: Piecewise, x: Ints, one: Ints | int) -> Ints:
    """Return the function's value at x / one, times its denominator and ``one``."""
    lines = [
        int(p.intercept * shape.denominator) * one + int(p.slope * shape.denominator) * x
        for p in shape.pieces
    ]
    chosen = lines[-1]
    bounds = shape.bounds[: len(lines) - 1]
    for bound, line in zip(reversed(bounds), reversed(lines[:-1]), strict=True):
        left, right = x * bound.denominator, bound.numerator * one
        below = left <= right if shape.side == "upper" else left < right
        chosen = np.where(below.astype(bool), line, chosen)
    return chosen


def _less(now: Ratio, before: Ratio) -> Ratio:
    (a, b), (c, d) = now, before
    if isinstance(b, int) and isinstance(d, int) and b == d:
        return a - c, b
    return a * d - c * b, b * d


def _quotient(over: Ints, under: Ints) -> Ratio:
    """Return a quotient whose denominator, which is not 0, may be below 0."""
    sign = np.where((under < 0).astype(bool), -1, 1)
    return over * sign, under * sign


def _whole(ratio: Ratio, mode: str) -> Ints:
    """Return the nearest whole numbers; see ``rounded``."""
    over, under = ratio
    if mode == "half_even":
        low = over // under
        twice = 2 * (over - low * under)
        return low + ((twice > under) | ((twice == under) & (low % 2 == 1)))
    size = (2 * abs(over) + under) // (2 * under)
    return np.where((over < 0).astype(bool), -size, size)


def _scaled_up(ratio: Ratio) -> Ints:
    """Return numbers x 10 ** PLACES, rounded half up; see ``scaled_of``."""
    return _whole((ratio[0] * _TEN, ratio[1]), "half_up")


def _column(values: Ints) -> pl.Series:
    return pl.Series(values.tolist(), dtype=pl.Int128)


def _told(values: Ints, known: np.ndarray) -> pl.Series:
    """Return a column that is null where there is no quota."""
    return pl.Series([v if k else None for v, k in zip(values.tolist(), known.tolist(),
                                                       strict=True)], dtype=pl.Int128)  # fmt: skip
