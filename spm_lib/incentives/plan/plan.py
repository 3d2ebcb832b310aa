"""The typed plan: all that a pay plan's file can say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from spm_lib.incentives.plan.decisions import Cap, Decisions, Grouping, Interval
from spm_lib.incentives.plan.pays import BandSection, Pays
from spm_lib.incentives.plan.section import (
    Dated,
    Day,
    Exact,
    Id,
    Name,
    NotNegative,
    Positive,
    Section,
)
from spm_lib.store import sha256_json

Share = Annotated[Exact, Field(gt=0, le=1)]
Where = Mapping[str, StrictStr | tuple[StrictStr, ...]]


class PlanHead(Section):
    """Which plan it is, whom it pays (empty roles: everybody), in which currency and rhythm."""

    id: Id
    name: Name
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
    valid_from: Day
    valid_to: Day
    period: Literal["month", "quarter", "half_year", "year"]
    fiscal_year_start: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    roles: tuple[Name, ...] = ()


class TargetPay(Dated):
    """Target variable pay at 100 % attainment, of a rep, of a role, or of everybody."""

    amount: NotNegative
    per: Literal["month", "quarter", "half_year", "year"]
    rep: Name | None = None
    role: Name | None = None


class MeasureSection(Section):
    """What is added up: a base column of the transactions that match, by these credits.

    ``base``: ``amount``, ``units``, ``count`` or any whole-number column, such as ``margin``;
    money is in minor units. ``event`` is the kind of event counted (booked, invoiced, ...);
    null: all. ``quota`` names the quota it is held against, default its own id.
    """

    id: Id
    base: Name
    event: Name | None = None
    where: Where = Field(default_factory=dict)
    credits: tuple[Id, ...] = ()
    quota: Name | None = None
    at_least: Exact | None = None

    @property
    def counted(self) -> bool:
        """Whether the base is a number of things, not money."""
        return self.base in ("units", "count")


class CreditSection(Dated):
    """Who gets credit for which transactions, and how much.

    Of the ``direct`` rules the first that matches a transaction credits it; every matching
    ``overlay`` and ``rollup`` rule adds credit of its own. ``quota_share`` and ``share`` may
    differ: what counts for attainment, and what is paid on.
    """

    id: Id
    kind: Literal["direct", "overlay", "rollup"] = "direct"
    to: Literal["owner", "splits", "column", "rep", "manager", "house"]
    column: Name | None = None
    rep: Name | None = None
    share: Share = Field(default=1, validate_default=True)  # pyright: ignore[reportArgumentType]
    quota_share: Annotated[Exact, Field(ge=0, le=1)] | None = None
    levels: Annotated[StrictInt, Field(ge=1, le=20)] = 1
    where: Where = Field(default_factory=dict)


class GateSection(Section):
    """A hurdle: what the component pays is multiplied by ``otherwise`` where it is not passed.

    ``how``: all of the measures, any of them, or their weighted mean attainment.
    """

    how: Literal["all", "any", "weighted"]
    measures: Annotated[Mapping[Id, Exact], Field(min_length=1)]
    of: Literal["attainment", "base"] = "attainment"
    at_least: Exact | None = None
    otherwise: NotNegative = Field(default=0, validate_default=True)  # pyright: ignore[reportArgumentType]


class MultiplierSection(Section):
    """One measure scales what another one earned: the band's rate is the factor."""

    measure: Id
    of: Literal["attainment", "base"] = "attainment"
    bands: Annotated[tuple[BandSection, ...], Field(min_length=1)]


class ReleaseSection(Section):
    """When what is earned is paid: on which event, in which parts, how many days later.

    ``column`` holds the day of the event (invoice, go-live); collections come from receipts and
    release the share that was collected. Part k of ``parts`` is paid k ``every`` later.
    """

    on: Literal["booking", "invoice", "collection", "go_live"]
    column: Name | None = None
    parts: tuple[Share, ...] = ()
    every: Literal["month", "quarter", "year"] = "month"
    safety_days: Annotated[StrictInt, Field(ge=0, le=3660)] = 0
    holdback: Annotated[Exact, Field(gt=0, lt=1)] | None = None
    holdback_days: Annotated[StrictInt, Field(ge=1, le=3660)] | None = None


class Component(Dated):
    """One rule of pay: a measure, how it pays, and what bends it.

    ``tag`` says what it is in law (Israel): personal commission, conditional premium or team
    bonus. ``true_up`` is stated where grouping is to date: ``deduct`` pays earned to date minus
    earned before, ``own`` pays the period's own transactions at the rate found to date.
    ``against`` is stated where attainment to date is asked for: it is held against the quota (and
    target pay) of the days so far, or of the whole interval up to the next reset. ``at_target``
    is stated where attainment 1 pays another share of target pay than all of it.
    """

    id: Id
    name: Name
    tag: Literal["commission", "premium", "team_bonus"]
    measure: Id | None = None
    pays: Pays
    weight: Positive | None = None
    roles: tuple[Name, ...] = ()
    period: Interval | None = None
    grouping: Grouping | None = None
    reset: Interval | None = None
    true_up: Literal["deduct", "own"] | None = None
    against: Literal["so_far", "interval"] | None = None
    at_target: NotNegative | None = None
    cap: Cap | None = None
    gates: tuple[GateSection, ...] = ()
    multipliers: tuple[MultiplierSection, ...] = ()
    release: ReleaseSection | None = None

    @cached_property
    def version(self) -> str:
        """Eight characters that change whenever the rule does."""
        return sha256_json(self.model_dump(mode="json"))[:8]


class Draw(Section):
    """Money in advance.

    ``recoverable``: what was topped up is a debt that later pay repays. ``form``: a guarantee
    tops pay up to ``amount``; extra pays ``amount`` on top. Recovery takes ``recovery_share`` of
    what a period earns above the guarantee, at once or from ``recovery_from`` on; the debt never
    grows above ``maximum``. ``recovery_every`` quarter or year: repaid in the last period of each,
    out of that period, as far as the whole interval earned above the guarantee.
    """

    amount: Positive
    recoverable: StrictBool
    form: Literal["guarantee", "extra"]
    pays_from: Day | None = None
    pays_to: Day | None = None
    recovery_from: Day | None = None
    recovery_share: Share = Field(default=1, validate_default=True)  # pyright: ignore[reportArgumentType]
    recovery_every: Literal["period", "quarter", "year"] = "period"
    maximum: Positive | None = None
    reps: tuple[Name, ...] = ()
    roles: tuple[Name, ...] = ()


class Clawback(Section):
    """What is taken back when a deal is cancelled within ``window_days`` of its date."""

    how: Literal["full", "pro_rata"]
    window_days: Annotated[StrictInt, Field(ge=1, le=3660)] | None = None
    paid_only: StrictBool
    attainment: StrictBool
    components: tuple[Id, ...] = ()


class Quotas(Section):
    """How a quota is spread over its days, and how new people grow into it.

    ``ramp`` is the share of quota in each month since hiring; after its end the whole quota.
    """

    proration: Literal["days", "months"]
    ramp: tuple[Annotated[Exact, Field(ge=0, le=1)], ...] = ()


class CurrencySection(Section):
    """Which rate turns a deal's currency into the plan's."""

    rate: Literal["booking", "period_average", "fixed", "pay_date"]
    fixed: Mapping[str, Positive] = Field(default_factory=dict)


class Plan(Section):
    """Everything a plan file says, checked. ``source`` is the name of the file."""

    source: str = Field(exclude=True)
    version: Literal[1]
    plan: PlanHead
    decisions: Decisions
    target_pay: tuple[TargetPay, ...] = ()
    measures: Annotated[tuple[MeasureSection, ...], Field(min_length=1)]
    credits: Annotated[tuple[CreditSection, ...], Field(min_length=1)]
    components: Annotated[tuple[Component, ...], Field(min_length=1)]
    cap: Cap | None = None
    draws: tuple[Draw, ...] = ()
    clawback: Clawback | None = None
    quotas: Quotas | None = None
    currency: CurrencySection | None = None

    @cached_property
    def hash(self) -> str:
        """The fingerprint of all the plan says; the same plan, the same hash."""
        return sha256_json(self.model_dump(mode="json"))

    def measure(self, name: str) -> MeasureSection:
        """Return a measure by its id (the file was checked: it is there)."""
        return self._measures[name]

    @cached_property
    def _measures(self) -> dict[str, MeasureSection]:
        return {measure.id: measure for measure in self.measures}

    def pays_role(self, component: Component, role: str | None) -> bool:
        """Say whether a component pays people of a role; null: people whose role is not known."""
        roles = component.roles or self.plan.roles
        return not roles or role in roles

    def components_on(self, day: date) -> list[Component]:
        """Return the components in force on a day, in the order of the file."""
        return [component for component in self.components if component.in_force(day)]
