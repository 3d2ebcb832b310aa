"""What a statement tells of a kept period: plain rows, cut to people, that a file can hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

Tag = Literal["commission", "premium", "team_bonus"]


class Told(BaseModel):
    """A frozen row; money is minor units of the plan's currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Payment(Told):
    """One line of a payment; the lines add up to it."""

    line: int
    kind: str
    component: str | None = None
    transaction_id: str | None = None
    reason: str = ""
    amount: int


class Band(Told):
    """The band of a rate table, or the stretch of a curve, in which a result lies.

    ``of`` says of what ``low`` and ``high`` are (base in major units, or attainment; null: no
    end). ``rate`` is what the band pays per unit of base, ``amount`` a fixed amount in major
    units; null where the plan states none.
    """

    of: Literal["base", "attainment"] = "base"
    low: Decimal | None = None
    high: Decimal | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None


class Calculation(Told):
    """How one component was worked out.

    ``since`` to ``end`` are the days that count, ``own`` the first day of the period's own. What
    was ``raw``, times gate and multiplier, less what is withheld and was earned before, is
    ``exact``; ``amount`` is it in whole minor units. ``counted``: the base is a number of things.
    ``quota_name``: what the quota is called among targets; null: nothing is measured.
    """

    component: str
    name: str
    tag: Tag
    since: date
    own: date
    end: date
    base: int | None
    counted: bool
    quota_name: str | None
    quota: Decimal | None
    attainment: Decimal | None
    earned_before: Decimal
    raw: Decimal
    gate: Decimal
    multiplier: Decimal
    withheld: Decimal
    exact: Decimal
    amount: int
    band: Band | None = None


class Credit(Told):
    """One transaction credited to a person; null amount: the plan pays on units only."""

    transaction_id: str
    day: date
    rule: str
    kind: str
    share: Decimal
    amount: int | None


class DealPaid(Told):
    """What a deal brought of a component's earnings; no deal: what is of no single one."""

    component: str
    transaction_id: str | None
    amount: int


class Payout(Told):
    """What is paid in another currency than the plan's: minor units of it, and the rate."""

    currency: str
    rate: Decimal
    amount: int


class Correction(Told):
    """What changed in a closed period and was brought forward into this one."""

    of_period: str
    component: str | None
    original: int
    corrected: int
    difference: int
    reason: str


class Balance(Told):
    """What is carried, owed or lies above a cap after the period."""

    kind: str
    amount: int


class Average(Told):
    """Pay of the last worked months by tag (null: lines of no component), and its mean."""

    tag: Tag | None
    months: int
    total: int
    mean: int


class Stretch(Told):
    """Means by tag over worked months of ``[start, end)``, in which the plan did not change."""

    start: date
    end: date
    averages: tuple[Average, ...]


class Signed(Told):
    """Which version of the plan a person answered last; ``letter`` is its fingerprint.

    ``decision`` is null where a letter of these days was handed out and not answered; ``waiting``
    is a version that was handed out after the one that was answered, and is not answered itself.
    """

    version: int
    letter: str
    decision: Literal["accept", "accept_with_remarks", "not_accept"] | None = None
    day: date | None = None
    waiting: int | None = None


class PersonPaid(Told):
    """Everything a statement tells of one person.

    ``averages`` are over the last twelve worked months; where the plan changed in them,
    ``plan_changes`` holds the days and ``stretches`` what was paid between them. ``signed`` is
    null where nobody keeps letters.
    """

    rep_id: str
    payments: tuple[Payment, ...] = ()
    calculations: tuple[Calculation, ...] = ()
    credits: tuple[Credit, ...] = ()
    deals: tuple[DealPaid, ...] = ()
    payout: Payout | None = None
    corrections: tuple[Correction, ...] = ()
    balances: tuple[Balance, ...] = ()
    averages: tuple[Average, ...] = ()
    plan_changes: tuple[date, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    worked: tuple[date, ...] = ()
    signed: Signed | None = None

    @property
    def paid(self) -> int:
        """Final pay."""
        return sum(line.amount for line in self.payments)

    def brought(self) -> dict[str | None, int]:
        """Return what each deal brought of the period's earnings; null: of no single deal.

        Empty where it was not kept.
        """
        found: dict[str | None, int] = {}
        for part in self.deals:
            found[part.transaction_id] = found.get(part.transaction_id, 0) + part.amount
        return found

    @property
    def volume(self) -> int | None:
        """What was credited in the period; null where the plan pays on units only."""
        amounts = [c.amount for c in self.credits if c.amount is not None and c.kind != "rollup"]
        return sum(amounts) if amounts or not self.credits else None

    @property
    def quota(self) -> Decimal | None:
        """The quota of the first component that has one."""
        return next((c.quota for c in self.calculations if c.quota is not None), None)

    @property
    def attainment(self) -> Decimal | None:
        """The attainment of the first component that has one."""
        return next((c.attainment for c in self.calculations if c.attainment is not None), None)


class PaidPeriod(Told):
    """One kept version of a pay period, cut to people.

    ``as_of`` is the last day that was known when it was worked out (null: not told),
    ``leave_known`` whether days of leave are stated beside the plan.
    """

    plan: str
    name: str
    currency: str
    period: str
    start: date
    end: date
    version: int
    state: str
    as_of: date | None = None
    leave_known: bool = False
    steps: tuple[tuple[str, str], ...]
    plan_hash: str
    data_hash: str
    plan_changed: bool
    changes: tuple[str, ...]
    names: dict[str, str]
    tags: dict[str, Tag]
    people: tuple[PersonPaid, ...]

    def of(self, rep_id: str) -> PersonPaid | None:
        """Return a person's part; null: nothing is told of that person."""
        return next((person for person in self.people if person.rep_id == rep_id), None)

    def within(self, rep_ids: Iterable[str] | None) -> PaidPeriod:
        """Return the part of some people; None: all."""
        if rep_ids is None:
            return self
        wanted = set(rep_ids)
        kept = tuple(person for person in self.people if person.rep_id in wanted)
        return self.model_copy(update={"people": kept})

    def told(self) -> set[str]:
        """Return the texts that people are entitled to read: their deals, and reasons given."""
        found: set[str] = set()
        for person in self.people:
            found |= {credit.transaction_id for credit in person.credits}
            found |= {line.transaction_id or "" for line in person.payments}
            found |= {line.reason for line in person.payments}
            found |= {line.reason for line in person.corrections}
        return found - {""}
