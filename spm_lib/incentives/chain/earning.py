"""The fourth table of the chain: what each rule pays each person for each period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.incentives.chain.arithmetic import rounded, scaled_of
from spm_lib.incentives.chain.asking import Stretch, deducts, stretches
from spm_lib.incentives.chain.data import LARGEST
from spm_lib.incentives.chain.gates import gate_factor, multiplier_factor
from spm_lib.incentives.chain.ledger import Ledger
from spm_lib.incentives.chain.periods import PayPeriod
from spm_lib.incentives.chain.ways import Asked, attainment_limit, paid_by
from spm_lib.incentives.plan.decisions import Cap
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
    """Works out one person's lines exactly, component by component and period by period."""

    def __init__(self, ledger: Ledger, periods: list[PayPeriod]) -> None:
        self.ledger, self.plan, self.periods = ledger, ledger.plan, periods
        self._last: dict[str, Earned] = {}
        self._held: dict[str, Fraction] = defaultdict(Fraction)

    def of(
        self, rep: str, components: Sequence[Component], only: PayPeriod | None = None
    ) -> list[Line]:
        """Return a person's lines, by component and period; of somebody unknown there are none.

        A quota, a target pay or a score that is missing stands in the ledger's faults.

        Parameters
        ----------
        only
            The period asked for; null: all. What lies above a cap is carried through the others.
        """
        self._last, self._held = {}, defaultdict(Fraction)
        stays = self.ledger.stays.get(rep, [])
        capped = {component.id for component in components if component.cap}
        found = [
            self._line(rep, component, stretch)
            for component in components
            for stretch in stretches(
                component,
                self.plan,
                stays,
                self.periods if only is None or component.id in capped else [only],
            )
        ]
        return [line for line in found if only in (None, line.period)]

    def _line(self, rep: str, component: Component, days: Stretch) -> Line:
        asked = Asked(self.ledger, component, rep, days.since, days.end, days.own, days.whole)
        now = earned_of(asked, self._count(component, days.own, days.end))
        before = _ZERO
        deducted = deducts(component, self.plan)
        if deducted and days.since < days.start:
            before = self._before(asked, days.start, days.interval_end or days.start)
        self._last[component.version] = now
        exact = now.total - before if before else now.total
        withheld = now.above  # to date, room pays what lay above
        if not deducted and (withheld or self._held[component.id]):
            exact, withheld = self._carried(component, now, exact)
        mode = self.plan.decisions.rounding.mode
        sooner = rounded(before, mode) if before else 0
        amount = rounded(before + exact if before else exact, mode) - sooner
        if not -LARGEST <= now.raw <= LARGEST or not -LARGEST <= exact <= LARGEST:
            raise too_large(rep, component, days.period, now.raw)
        return Line(rep, component, days.period, days.start, now, before, exact, amount, withheld)

    def _before(self, asked: Asked, start: date, whole: date) -> Fraction:
        """Return what was earned to date before a day: of the period before, if it was a line."""
        earlier = replace(asked, end=start, own=asked.start, whole=whole)
        last = self._last.get(asked.component.version)
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
        self, component: Component, now: Earned, exact: Fraction
    ) -> tuple[Fraction, Fraction]:
        """Return pay and what is withheld: paid when there is room, kept as a balance, or lost."""
        cap = component.cap or Cap()
        excess = cap.excess or self.plan.decisions.cap.excess
        if excess == "lost":
            return exact, now.above
        key = component.id
        if excess == "kept":
            self._held[key] += now.above
            return exact, self._held[key]
        periods = self._count(component, now.asked.own, now.asked.end)
        room = (_limit(now.asked, periods) or _ZERO) - now.total
        paid = max(_ZERO, min(room, self._held[key]))
        self._held[key] += now.above - paid
        return exact + paid, self._held[key]


def too_large(rep: str, component: Component, period: PayPeriod, raw: Fraction | int) -> PayError:
    """Return the refusal of a line beyond all money."""
    found = f"{rep}, {component.id}, {period.label}: about 10^{len(str(abs(int(raw)))) - 1}"
    do = "Check the rates and amounts of the rule, and the deals of the person"
    return PayError("A rule pays more than any amount of money.", found=found, do=do)


def earning_row(line: Line) -> tuple[object, ...]:
    """Return a line as a row of the earnings; decimals as whole numbers of 10 ** -PLACES."""
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
