"""What one person is paid by attainment from 0 to 150 %: the plan as a curve, without any deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.lint.trial import Trial
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS, Cap
from spm_lib.incentives.plan.pays import RatePay
from spm_lib.incentives.plan.plan import Component, Plan, TargetPay

CURVE_STEPS = tuple(Decimal(n) / 100 for n in range(151))
CURVE_COLUMNS = {"attainment": pl.Decimal(38, 4), "pay": pl.Int64}


@dataclass(frozen=True, eq=False)
class PayCurve:
    """Pay by attainment.

    Attributes
    ----------
    rows
        attainment (Decimal), pay (Int64 minor units of the plan's currency, for one pay period).
    left_out
        Names of rules that are no function of what is sold: scores, pools, contests, lookups by
        another measure, rules of single deals.
    bent
        Names of rules with gates or multipliers, which are drawn as if each gate was passed and
        each multiplier was 1.
    """

    rows: pl.DataFrame = field(repr=False)
    left_out: tuple[str, ...]
    bent: tuple[str, ...]


def pay_curve(
    plan: Plan, *, quota: Decimal, role: str | None = None, steps: Sequence[Decimal] | None = None
) -> PayCurve:
    """Return what a person is paid for a pay period in which these shares of quota are reached.

    All that is sold counts for every rule. Caps of rules, the plan and the payment are in it.

    Parameters
    ----------
    quota
        The quota of a pay period, in major units.
    role
        Whose rules and target pay; null: those of everybody.
    steps
        Shares of quota; null: 0 to 1.5 by hundredths.
    """
    rules = [
        c
        for c in plan.components_on(plan.plan.valid_from)
        if role is None or plan.pays_role(c, role)
    ]
    curves = {c.id: curve for c in rules if (curve := _Curve.of(plan, c, quota, role))}
    rows = []
    for step in CURVE_STEPS if steps is None else steps:
        total = sum((curve.at(Fraction(step)) for curve in curves.values()), Fraction(0))
        rows.append((step, rounded(_capped(plan, total, role))))
    return PayCurve(
        rows=pl.DataFrame(rows, schema=CURVE_COLUMNS, orient="row"),
        left_out=tuple(c.name for c in rules if c.id not in curves),
        bent=tuple(c.name for c in rules if c.id in curves and (c.gates or c.multipliers)),
    )


@dataclass(frozen=True)
class _Curve:
    """One rule's pay for a pay period by attainment."""

    trial: Trial
    component: Component
    target: Fraction
    times: Fraction

    @classmethod
    def of(
        cls, plan: Plan, component: Component, quota: Decimal, role: str | None
    ) -> _Curve | None:
        """Return the rule's curve; null: it is no function of what is sold."""
        pays, head = component.pays, plan.plan
        grouping = component.grouping or plan.decisions.grouping
        if grouping == "transaction" and not isinstance(pays, RatePay):
            return None
        own = PERIOD_MONTHS[component.period or head.period]
        months = own
        if grouping == "to_date" and component.weight is None:
            months = max(own, PERIOD_MONTHS[component.reset or plan.decisions.reset])
        times = Fraction(months, PERIOD_MONTHS[head.period])
        target = _target(plan, role)
        one = plan.model_copy(update={"target_pay": (target,) if target else ()})
        trial = Trial(one, Fraction(quota) * times)
        if trial.money(component) is None or (component.weight and target is None):
            return None
        share = Fraction(PERIOD_MONTHS[head.period], own)
        return cls(trial, component, trial.target(component) * share, times)

    def at(self, attainment: Fraction) -> Fraction:
        """Return what is paid for one pay period, in minor units."""
        cap, decided = self.component.cap, self.trial.plan.decisions.cap.at
        on = cap and (cap.on or decided)
        if cap and on == "attainment":
            attainment = min(attainment, Fraction(cap.times_target or 0))
        shape = self.trial.shape(self.component)
        if shape is not None:
            paid = shape.at(attainment) * self.target
        else:
            money = self.trial.money(self.component)
            assert money is not None
            paid = money.at(attainment * self.trial.quota) / self.times
        return min(paid, _limit(cap, self.target, self.trial.unit)) if on == "component" else paid


def _limit(cap: Cap | None, target: Fraction, unit: Fraction) -> Fraction:
    assert cap is not None
    return (
        Fraction(cap.amount or 0) * unit
        if cap.times_target is None
        else Fraction(cap.times_target) * target
    )


def _capped(plan: Plan, total: Fraction, role: str | None) -> Fraction:
    if plan.cap is None:
        return total
    target, unit = _target(plan, role), Fraction(10 ** exponent(plan.plan.currency))
    whole = Fraction(0)
    if target is not None:
        months = Fraction(PERIOD_MONTHS[plan.plan.period], PERIOD_MONTHS[target.per])
        whole = Fraction(target.amount) * unit * months
    return min(total, _limit(plan.cap, whole, unit))


def _target(plan: Plan, role: str | None) -> TargetPay | None:
    """Return the target pay of a role, else of everybody, else the first stated."""
    by_role = [t for t in plan.target_pay if t.rep is None and t.role == role]
    of_all = [t for t in plan.target_pay if t.rep is None and t.role is None]
    return next(iter([*by_role, *of_all, *plan.target_pay]), None)
