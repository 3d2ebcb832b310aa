"""A plan with its price: what it pays on past deals, by attainment, and what the linter says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.dashboards.pay.past_deals import PastDeals
from spm_lib.incentives import (
    BUDGET_STEPS,
    Finding,
    PayCurve,
    PayRun,
    Plan,
    cost_by_attainment,
    lint,
    pay_curve,
    usual_quota,
)
from spm_lib.incentives.chain.arithmetic import ratio_of
from spm_lib.incentives.lint.trial import DEFAULT_QUOTA


@dataclass(frozen=True, eq=False)
class Priced:
    """A plan, replayed.

    Attributes
    ----------
    plan
        As its file says.
    past
        The deals.
    run
        What it pays on them.
    """

    plan: Plan
    past: PastDeals = field(repr=False)
    run: PayRun = field(repr=False)
    _curves: dict[tuple[Decimal, str | None], PayCurve] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, plan: Plan, past: PastDeals) -> Priced:
        """Replay a plan.

        Raises
        ------
        PlanError
            If the plan has an error.
        PayError
            If it cannot be paid on these deals.
        """
        return cls(plan, past, past.replay(plan))

    @property
    def currency(self) -> str:
        """The plan's currency."""
        return self.plan.plan.currency

    @cached_property
    def cost(self) -> int:
        """All that is paid, in minor units."""
        return int(self.run.payments["amount"].sum())

    @cached_property
    def sales(self) -> int | None:
        """What the main measure counted, in minor units; null where it counts things."""
        if self.measure is None or self.plan.measure(self.measure).counted:
            return None
        return int(self.run.measures.filter(pl.col("measure") == self.measure)["pay"].sum())

    @property
    def cost_rate(self) -> Decimal | None:
        """Pay over sales (commission cost rate, without base pay); null where nothing was sold."""
        return None if self.sales is None else ratio_of(self.cost, self.sales)

    @cached_property
    def measure(self) -> str | None:
        """The measure that the plan is about: of the first rule with target pay, else the first."""
        rules = [c for c in self.plan.components if c.measure]
        main = [c for c in rules if c.weight is not None] or rules
        return main[0].measure if main else None

    @cached_property
    def budget(self) -> Mapping[Decimal, tuple[int, Decimal | None]]:
        """Cost, and cost over sales, at 80, 100 and 120 % company attainment; empty: no quotas."""
        if self.measure is None:
            return {}
        plan, data = self.past.moved(self.plan), self.past.data
        try:
            made = cost_by_attainment(
                plan, data, measure=self.measure, through=self.past.through, steps=BUDGET_STEPS
            )
        except PayError:
            return {}
        return {step: (pay, rate) for step, _, pay, rate in made.iter_rows()}

    @property
    def usual_quota(self) -> Decimal:
        """The median quota of a pay period in major units; without quotas 100,000."""
        if self.measure is None:
            return Decimal(DEFAULT_QUOTA)
        past = self.past
        found = usual_quota(
            self.run, past.data.quotas, self.measure, start=past.start, end=past.end
        )
        return Decimal(DEFAULT_QUOTA) if found is None else found

    def curve(self, quota: Decimal, role: str | None) -> PayCurve:
        """Return pay by attainment of a person with a quota of a pay period, in major units."""
        if (quota, role) not in self._curves:
            self._curves[quota, role] = pay_curve(self.plan, quota=quota, role=role)
        return self._curves[quota, role]

    def findings(self, quota: Decimal) -> list[Finding]:
        """Return what the linter finds, tried at a quota of a pay period in major units."""
        return lint(self.plan, quota=quota)
