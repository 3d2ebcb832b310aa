"""The fourth table of the chain: what each rule pays each person for each period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.arithmetic import decimal_from, rounded, scaled_of
from spm_lib.incentives.chain.data import LARGEST
from spm_lib.incentives.chain.gates import gate_factor, multiplier_factor
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.people import spans
from spm_lib.incentives.chain.periods import PayPeriod, interval_of, pay_periods
from spm_lib.incentives.chain.ways import Asked, attainment_limit, paid_by
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS, Cap
from spm_lib.incentives.plan.plan import Component

_ZERO, _ONE = Fraction(0), Fraction(1)
PLACES = 10
_EXACT = pl.Decimal(38, PLACES)
EARNING_COLUMNS: dict[str, Any] = {
    "rep_id": pl.String(),
    "component": pl.String(),
    "rule_version": pl.String(),
    "tag": pl.String(),
    "period": pl.String(),
    "period_start": pl.Date(),
    "since": pl.Date(),
    "from": pl.Date(),
    "to": pl.Date(),
    "base": pl.Int64(),
    "quota": _EXACT,
    "attainment": _EXACT,
    "earned_before": _EXACT,
    "raw": _EXACT,
    "gate": _EXACT,
    "multiplier": _EXACT,
    "withheld": _EXACT,
    "exact": _EXACT,
    "amount": pl.Int64(),
}


@dataclass(frozen=True)
class Earned:
    """What a component earned over its days: before gate and cap, and after each."""

    asked: Asked
    raw: Fraction
    gate: Fraction
    multiplier: Fraction
    above: Fraction
    total: Fraction


@dataclass(frozen=True)
class Line:
    """One row of the earnings, exact: what to date less what before, in minor units."""

    rep: str
    component: Component
    period: PayPeriod
    own: date
    earned: Earned
    before: Fraction
    exact: Fraction
    amount: int
    withheld: Fraction


def earned_of(asked: Asked, periods: int) -> Earned:
    """Return what a component earned over its days, with gates, multipliers and its cap."""
    raw, component = paid_by(asked), asked.component
    if not (component.gates or component.multipliers or component.cap):
        return Earned(asked, raw, _ONE, _ONE, _ZERO, raw)
    gate, multiplier = gate_factor(asked), multiplier_factor(asked)
    total = raw * gate * multiplier
    limit = _limit(asked, periods)
    capped = total if limit is None else min(total, limit)
    return Earned(asked, raw, gate, multiplier, total - capped, capped)


def _limit(asked: Asked, periods: int) -> Fraction | None:
    cap = asked.component.cap
    if cap is None or attainment_limit(asked.ledger, asked.component) is not None:
        return None
    if cap.times_target is not None:
        return Fraction(cap.times_target) * asked.target
    return Fraction(cap.amount or 0) * asked.money * periods


class Earner:
    """Works out the lines of one person and component after the other, period by period."""

    def __init__(self, ledger: Ledger, through: date) -> None:
        self.ledger, self.plan = ledger, ledger.plan
        self.periods = [p for p in pay_periods(self.plan) if p.start < through]
        self._last: dict[tuple[str, str], Earned] = {}
        self._held: dict[tuple[str, str], Fraction] = defaultdict(Fraction)

    def lines(self) -> list[Line]:
        """Return all lines, by person, component as in the file, and period.

        Raises
        ------
        PayError
            If a quota, a target pay or a score that is asked for is missing: all at once.
        """
        found = [
            line
            for rep in sorted(self.ledger.stays)
            for component in self.plan.components
            for line in self._of(rep, component)
        ]
        self.ledger.settle()
        return found

    def _of(self, rep: str, component: Component) -> Iterator[Line]:
        stays = self.ledger.stays[rep]
        for period in self.periods:
            window = self._window(component, period)
            if window is None:
                continue
            for start, end in spans(stays, component, self.plan, window):
                yield self._line(rep, component, period, start, end)

    def _window(self, component: Component, period: PayPeriod) -> tuple[date, date] | None:
        """Return the days that a component pays in a period; None: it pays at another one's end."""
        grain = component.period or self.plan.plan.period
        fiscal = self.plan.plan.fiscal_year_start
        if PERIOD_MONTHS[grain] <= PERIOD_MONTHS[self.plan.plan.period]:
            return period.start, period.end
        long = interval_of(period.start, grain, fiscal)
        last = period.end >= min(long.end, self.plan.plan.valid_to)
        return (long.start, period.end) if last else None

    def _line(
        self, rep: str, component: Component, period: PayPeriod, start: date, end: date
    ) -> Line:
        grouping = component.grouping or self.plan.decisions.grouping
        to_date = grouping == "to_date" and component.true_up is not None
        since = self._since(rep, component, start, end) if to_date else start
        own = start if component.true_up == "own" and to_date else since
        whole = self._whole(rep, component, start, end)
        asked = Asked(self.ledger, component, rep, since, end, own, whole or end)
        now = earned_of(asked, self._count(component, own, end))
        before = _ZERO
        if to_date and component.true_up == "deduct" and since < start:
            before = self._before(asked, start, whole or start)
        self._last[rep, component.version] = now
        exact = now.total - before if before else now.total
        withheld = now.above
        deducted = to_date and component.true_up == "deduct"  # room to date pays what lay above
        if not deducted and (withheld or self._held[rep, component.id]):
            exact, withheld = self._carried(rep, component, now, exact)
        mode = self.plan.decisions.rounding.mode
        sooner = rounded(before, mode) if before else 0
        amount = rounded(before + exact if before else exact, mode) - sooner
        if not -LARGEST <= now.raw <= LARGEST or not -LARGEST <= exact <= LARGEST:
            raise _too_large(rep, component, period, now.raw)
        return Line(rep, component, period, start, now, before, exact, amount, withheld)

    def _since(self, rep: str, component: Component, start: date, end: date) -> date:
        """Return the first day that counts to date: the last reset, or when the rule began."""
        reset = component.reset or self.plan.decisions.reset
        interval = interval_of(start, reset, self.plan.plan.fiscal_year_start)
        found = spans(self.ledger.stays[rep], component, self.plan, (interval.start, end))
        return found[-1][0]

    def _whole(self, rep: str, component: Component, start: date, end: date) -> date | None:
        """Return the last day (left out) of the interval that quotas are of; None: so far."""
        if component.against != "interval":
            return None
        reset = component.reset or self.plan.decisions.reset
        interval = interval_of(start, reset, self.plan.plan.fiscal_year_start)
        window = (start, max(end, interval.end))
        return spans(self.ledger.stays[rep], component, self.plan, window)[0][1]

    def _before(self, asked: Asked, start: date, whole: date) -> Fraction:
        """Return what was earned to date before a day: of the period before, if it was a line."""
        earlier = replace(asked, end=start, own=asked.start, whole=whole)
        last = self._last.get((asked.rep, asked.component.version))
        if last is not None and last.asked == earlier:
            return last.total
        periods = self._count(asked.component, asked.start, start)
        return earned_of(earlier, periods).total

    def _count(self, component: Component, start: date, end: date) -> int:
        """Return the pay periods that begin in ``[start, end)``, at least one; for a cap only."""
        if component.cap is None:
            return 1
        return max(1, sum(1 for p in self.periods if start <= p.start < end))

    def _carried(
        self, rep: str, component: Component, now: Earned, exact: Fraction
    ) -> tuple[Fraction, Fraction]:
        """Return pay and what is withheld: paid when there is room, kept as a balance, or lost."""
        cap = component.cap or Cap()
        excess = cap.excess or self.plan.decisions.cap.excess
        if excess == "lost":
            return exact, now.above
        key = (rep, component.id)
        if excess == "kept":
            self._held[key] += now.above
            return exact, self._held[key]
        periods = self._count(component, now.asked.own, now.asked.end)
        room = (_limit(now.asked, periods) or _ZERO) - now.total
        paid = max(_ZERO, min(room, self._held[key]))
        self._held[key] += now.above - paid
        return exact + paid, self._held[key]


def _too_large(rep: str, component: Component, period: PayPeriod, raw: Fraction) -> PayError:
    found = f"{rep}, {component.id}, {period.label}: about 10^{len(str(abs(int(raw)))) - 1}"
    do = "Check the rates and amounts of the rule, and the deals of the person"
    return PayError("A rule pays more than any amount of money.", found=found, do=do)


def earning_table(lines: list[Line]) -> pl.DataFrame:
    """Return lines as the table of earnings; money in minor units, ``exact`` before rounding."""
    wide = {c: pl.Int128 if kind.is_decimal() else kind for c, kind in EARNING_COLUMNS.items()}
    made = pl.DataFrame([_row(line) for line in lines], schema=wide, orient="row")
    told = [
        decimal_from(pl.col(c), PLACES).alias(c)
        for c, kind in EARNING_COLUMNS.items()
        if kind.is_decimal()
    ]
    return made.with_columns(told)


def _row(line: Line) -> tuple[object, ...]:
    asked, component = line.earned.asked, line.component
    counted = component.measure is not None
    quota = (
        asked.ledger.known_quota(asked.rep, asked.measure, asked.start, asked.whole)
        if counted
        else None
    )
    reached = _ZERO
    if quota:
        told = asked.ledger.counted(asked.rep, asked.measure, asked.start, asked.end)
        reached = told / quota
    return (
        line.rep,
        component.id,
        component.version,
        component.tag,
        line.period.label,
        line.period.start,
        asked.start,
        line.own,
        asked.end,
        int(asked.base) if counted else None,
        scaled_of(quota, PLACES) if quota else None,
        scaled_of(reached, PLACES) if quota else None,
        *(
            scaled_of(value, PLACES)
            for value in (
                line.before,
                line.earned.raw,
                line.earned.gate,
                line.earned.multiplier,
                line.withheld,
                line.exact,
            )
        ),
        line.amount,
    )
