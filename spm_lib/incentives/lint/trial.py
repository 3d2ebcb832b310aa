"""One person's period that a plan is tried at, without data: quota, target pay, shapes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spm_lib.core.money import exponent
from spm_lib.incentives.chain.arithmetic import decimal_of, shown
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.pays import CurvePay, GoalPay, RatePay, TablePay
from spm_lib.incentives.plan.plan import Component, Plan
from spm_lib.incentives.shapes.build import curve, goal, table
from spm_lib.incentives.shapes.piecewise import Piece, Piecewise

_ZERO, _ONE = Fraction(0), Fraction(1)
DEFAULT_QUOTA = 100_000


@dataclass(frozen=True)
class Trial:
    """A plan with the quota at which it is tried; money in minor units of its currency."""

    plan: Plan
    quota: Fraction

    @property
    def unit(self) -> Fraction:
        """Minor units per unit of money in the plan file."""
        return Fraction(10 ** exponent(self.plan.plan.currency))

    def target(self, component: Component) -> Fraction:
        """Return a component's target pay of its period: the first stated that is for anybody."""
        if not self.plan.target_pay:
            return _ZERO
        first = self.plan.target_pay[0]
        months = PERIOD_MONTHS[component.period or self.plan.plan.period]
        yearly = Fraction(first.amount) * self.unit / PERIOD_MONTHS[first.per]
        return yearly * months * Fraction(component.weight or 1)

    def shape(self, component: Component) -> Piecewise | None:
        """Return payout by attainment, in target pay; None: it is no such function."""
        decisions, pays = self.plan.decisions, component.pays
        if isinstance(pays, TablePay) and pays.times == "target" and not pays.attained_by:
            how, side = pays.how or decisions.table, pays.boundary or decisions.boundary
            return table(pays.bands, how=how, side=side)
        if isinstance(pays, CurvePay):
            return curve(pays, side=decisions.boundary)
        if isinstance(pays, GoalPay):
            target = self.target(component)
            rate = Fraction(pays.base_rate or 0)
            points = rate * self.quota * self.unit / target if target else _ZERO
            return goal(pays, decisions, rate_points=points)
        return None

    def money(self, component: Component) -> Piecewise | None:
        """Return pay in minor units by sales in the units of the plan file; None: no function."""
        decisions, pays = self.plan.decisions, component.pays
        if isinstance(pays, RatePay):
            return Piecewise((Piece(None, _ZERO, Fraction(pays.rate) * self.unit),), "upper")
        shape = self.shape(component)
        if shape is not None:
            return shape.scaled(x=self.quota, y=self.target(component))
        if isinstance(pays, TablePay) and not pays.attained_by:
            how, side = pays.how or decisions.table, pays.boundary or decisions.boundary
            bound = _ONE if pays.of == "base" else self.quota
            made = table(pays.bands, how=how, side=side, bound=bound)
            return made.scaled(x=_ONE, y=self.unit)
        return None

    def middle(self, component: Component) -> Fraction:
        """Return the sales at which timing is tried: quota, or the table's last bound."""
        pays = component.pays
        if isinstance(pays, TablePay) and pays.of == "base":
            bounds = [Fraction(b.up_to) for b in pays.bands if b.up_to is not None and b.up_to > 0]
            return bounds[-1] if bounds else self.quota
        return self.quota

    def amount(self, minor: Fraction) -> str:
        """Return money as text with its currency."""
        return f"{shown(minor, exponent(self.plan.plan.currency))} {self.plan.plan.currency}"

    def place(self, component: Component, at: Fraction) -> str:
        """Return a place on the table as text: sales, units, or attainment."""
        pays = component.pays
        if self.shape(component) is not None or (isinstance(pays, TablePay) and pays.of != "base"):
            return f"{decimal_of(at / self.quota * 100, 2).normalize():f}%"
        return f"{decimal_of(at, 2).normalize():f}"


def trial_of(plan: Plan, quota: Decimal | None) -> Trial:
    """Return the trial of a plan at a quota in major units; default 100,000."""
    return Trial(plan, Fraction(quota or DEFAULT_QUOTA))
