"""All that a rule may ask of a person over a stretch of days; what is missing is written down."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cached_property

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import decimal_of
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.chain.measuring import NOTHING, Measuring, Sums
from spm_lib.incentives.chain.missing import Missing, MissingError
from spm_lib.incentives.chain.people import Stay, stays_of
from spm_lib.incentives.chain.quotas import QuotaBook, TargetPayBook
from spm_lib.incentives.plan.plan import Component, Plan
from spm_lib.incentives.shapes.piecewise import Piecewise

_ONE = Fraction(1)


class Books:
    """What does not hang on what is sold: people's days, quotas, target pay, shapes of rates.

    Kept between runs of one plan on the same people and quotas, where only deals differ.
    """

    def __init__(self, plan: Plan, data: PayData) -> None:
        self.stays: dict[str, list[Stay]] = stays_of(data.people)
        self.quotas = QuotaBook(plan, data, self.stays)
        self.targets = TargetPayBook(plan, self.stays)
        self.known: dict[tuple[str, str, date, date], Fraction | None] = {}
        self.quota_of: dict[tuple[str, str, date, date], Fraction] = {}
        self.target_of: dict[tuple[str, date, date], Fraction] = {}
        self.shapes: dict[tuple[str, Fraction | None, Fraction | None], Piecewise] = {}


class Ledger:
    """Bases, quotas, attainment, target pay and scores.

    What is asked for and missing stands in ``faults`` and is answered by 1, so that all of it is
    told at once by ``settle``; nothing is paid before.
    """

    def __init__(
        self, plan: Plan, data: PayData, measuring: Measuring, books: Books | None = None
    ) -> None:
        self.plan, self.data, self.measuring = plan, data, measuring
        self._books = books or Books(plan, data)
        self.stays, self.shapes = self._books.stays, self._books.shapes
        self._each: dict[str, dict[str, Sums]] = {}
        self._apart: dict[tuple[str, str], dict[tuple[str, str], Sums]] = {}
        self.faults: dict[Missing, None] = {}
        self._noted: set[tuple[str, ...]] = set()
        self.money = Fraction(10 ** exponent(plan.plan.currency))

    @cached_property
    def scores(self) -> dict[tuple[str, str], list[tuple[date, Fraction]]]:
        """Scores by person and objective: day and score."""
        found: dict[tuple[str, str], list[tuple[date, Fraction]]] = {}
        columns = ("rep_id", "objective", "period_start", "score")
        for rep, objective, start, score in self.data.scores.select(columns).iter_rows():
            found.setdefault((rep, objective), []).append((start, Fraction(score)))
        return found

    def base(self, rep: str, measure: str, start: date, end: date) -> int:
        """Return what a person is paid on: minor units, or units."""
        return self.measuring.sums(measure).get(rep, NOTHING).between(start, end)

    def counted(self, rep: str, measure: str, start: date, end: date) -> int:
        """Return what counts for a person's attainment."""
        return self.measuring.sums(measure).get(rep, NOTHING).between(start, end, 1)

    def number(self, rep: str, measure: str, start: date, end: date) -> int:
        """Return the number of sales, less that of refunds."""
        return self.measuring.sums(measure).get(rep, NOTHING).between(start, end, 2)

    def apart(self, rep: str, measure: str, column: str, value: str, start: date, end: date) -> int:
        """Return what a person is paid on, of transactions with a value in a column."""
        key = (measure, column)
        if key not in self._apart:
            self._apart[key] = self.measuring.apart(measure, column)
        return self._apart[key].get((rep, value), NOTHING).between(start, end)

    def each(
        self, component: Component, shape: Piecewise, rep: str, start: date, end: date
    ) -> Fraction:
        """Return the sum of a shape's values of single credits."""
        if component.version not in self._each:
            self._each[component.version] = self.measuring.each(str(component.measure), shape)
        sums = self._each[component.version].get(rep)
        return Fraction(sums.between(start, end), shape.denominator) if sums else Fraction(0)

    def quota(self, rep: str, measure: str, start: date, end: date) -> Fraction:
        """Return a person's quota of a measure; missing or 0: written down as a fault."""
        key = (rep, measure, start, end)
        if key not in self._books.quota_of:
            name = self.plan.measure(measure).quota or measure
            found = self.known_quota(rep, measure, start, end)
            if found is None or found <= 0:
                value = "" if found is None else str(decimal_of(found, 2))
                kind = "quota" if found is None else "low_quota"
                self.note(Missing(kind, rep, start, end, name, value))
                found = _ONE
            self._books.quota_of[key] = found
        return self._books.quota_of[key]

    def known_quota(self, rep: str, measure: str, start: date, end: date) -> Fraction | None:
        """Return a person's quota of a measure to be shown; null where there is none."""
        key = (rep, measure, start, end)
        if key not in self._books.known:
            name = self.plan.measure(measure).quota or measure
            self._books.known[key] = self._books.quotas.between(rep, name, start, end)
        return self._books.known[key]

    def attainment(self, rep: str, measure: str, start: date, end: date) -> Fraction:
        """Return what counts over the quota."""
        quota = self.quota(rep, measure, start, end)
        return self.counted(rep, measure, start, end) / quota

    def target(self, rep: str, component: Component, start: date, end: date) -> Fraction:
        """Return a component's part of a person's target pay in minor units."""
        weight = Fraction(1) if component.weight is None else Fraction(component.weight)
        return self.whole_target(rep, start, end) * weight

    def whole_target(self, rep: str, start: date, end: date) -> Fraction:
        """Return a person's target pay in minor units; missing: written down as a fault."""
        key = (rep, start, end)
        if key not in self._books.target_of:
            found = self._books.targets.between(rep, start, end)
            if found is None:
                self.note(Missing("target", rep, start, end))
                found = _ONE
            self._books.target_of[key] = found
        return self._books.target_of[key]

    def score(self, rep: str, objective: str, start: date, end: date) -> Fraction:
        """Return the score of the period; missing: written down as a fault."""
        found = [s for day, s in self.scores.get((rep, objective), ()) if start <= day < end]
        if len(found) != 1:
            kind = "scores" if found else "score"
            self.note(Missing(kind, rep, start, end, objective, str(len(found))))
            return _ONE
        return found[0]

    def note(self, missing: Missing) -> None:
        """Write down what is missing; of one person and number the first days are told."""
        key = (missing.kind, missing.rep, missing.name, missing.value)
        if key not in self._noted:
            self._noted.add(key)
            self.faults[missing] = None

    def settle(self) -> None:
        """Refuse to pay if anything was missing.

        Raises
        ------
        MissingError
            If there are faults; names the first of them.
        """
        if self.faults:
            raise MissingError(self.faults)
