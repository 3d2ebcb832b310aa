"""A plan with its price: what it pays on past deals, by attainment, and what the linter says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import polars as pl

from spm_lib.core.errors import PayError
from spm_lib.core.money import from_minor
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
)
from spm_lib.incentives.chain.arithmetic import ratio_of
from spm_lib.incentives.chain.periods import months_in
from spm_lib.incentives.lint.trial import DEFAULT_QUOTA
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS


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

    def curve(self, quota: Decimal, role: str | None) -> PayCurve:
        """Return pay by attainment of a person with a quota of a pay period, in major units."""
        if (quota, role) not in self._curves:
            self._curves[quota, role] = pay_curve(self.plan, quota=quota, role=role)
        return self._curves[quota, role]

    def findings(self, quota: Decimal) -> list[Finding]:
        """Return what the linter finds, tried at a quota of a pay period in major units."""
        return lint(self.plan, quota=quota)


def usual_quota(priced: Priced) -> Decimal:
    """Return the median quota of a pay period in major units; without quotas 100,000."""
    if priced.measure is None:
        return Decimal(DEFAULT_QUOTA)
    plan, past, measure = priced.plan, priced.past, priced.plan.measure(priced.measure)
    rows = past.data.quotas.filter(
        (pl.col("quota") == (measure.quota or measure.id))
        & (pl.col("period_start") < past.end)
        & (pl.col("period_end") > past.start)
        & pl.col("rep_id").is_in(priced.run.earnings["rep_id"].unique().implode())
    )
    months = PERIOD_MONTHS[plan.plan.period]
    values = sorted(
        value * months / months_in(start, end)
        for start, end, value in rows.select("period_start", "period_end", "value").iter_rows()
    )
    if not values:
        return Decimal(DEFAULT_QUOTA)
    middle = int(values[len(values) // 2])
    return Decimal(middle) if measure.counted else from_minor(middle, plan.plan.currency)


def usual_role(priced: Priced) -> str | None:
    """Return the role that most people with pay have; null: none is known."""
    paid = priced.run.earnings["rep_id"].unique().to_list()
    people = priced.run.people.filter(pl.col("rep_id").is_in(paid) & pl.col("role").is_not_null())
    counted = people["role"].value_counts().sort(["count", "role"], descending=[True, False])
    return counted["role"][0] if counted.height else None
