"""Which past deals a plan is replayed on: the latest whole plan year that can be, or a part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from spm_lib.core.errors import SpmError
from spm_lib.core.statement import Statement
from spm_lib.incentives import PayData, PayRun, Plan, calculate, moved_by_years
from spm_lib.incentives.chain.missing import MissingError
from spm_lib.incentives.chain.periods import PayPeriod, pay_periods

_YEARS = 3  # that a plan is moved back at most


@dataclass(frozen=True, eq=False)
class PastDeals:
    """Deals, and the days of them that plans are replayed on.

    Attributes
    ----------
    data
        Everybody's deals, people and quotas.
    start, end
        The days ``[start, end)``.
    through
        The last pay period.
    refused
        Why the whole year before cannot be replayed; null: it is.
    """

    data: PayData = field(repr=False)
    start: date
    end: date
    through: str
    refused: Statement | None = None

    def replay(self, plan: Plan) -> PayRun:
        """Return what a plan pays on these deals, moved by whole years to their days.

        Raises
        ------
        PlanError
            If the plan has an error.
        PayError
            If it cannot be paid on these deals.
        """
        return calculate(self.moved(plan), self.data, through=self.through)

    def moved(self, plan: Plan) -> Plan:
        """Return a plan moved to these days."""
        return moved_by_years(plan, self.start.year - plan.plan.valid_from.year)


def past_deals(plan: Plan, data: PayData, as_of: date) -> PastDeals:
    """Choose the days on which a plan is replayed.

    First the latest years that are over and as long as the plan is, then the periods of the plan
    that are over; the first on which the plan runs is taken.

    Raises
    ------
    PlanError
        If the plan has an error.
    PayError
        If the plan runs on none of them: the reason of the first.
    """
    first: SpmError | None = None
    for years, last in _candidates(plan, as_of):
        moved = moved_by_years(plan, -years)
        found = PastDeals(data, moved.plan.valid_from, last.end, last.label, _reason(first, data))
        try:
            found.replay(plan)
        except SpmError as error:
            first = first or error
        else:
            return found
    assert first is not None
    raise first


def _candidates(plan: Plan, as_of: date) -> Iterator[tuple[int, PayPeriod]]:
    """Return years to move back and the last period over by then: whole plans, then parts."""
    whole, parts = [], []
    for years in range(_YEARS + 1):
        periods = pay_periods(moved_by_years(plan, -years))
        over = [
            period for period in periods if period.end <= date.fromordinal(as_of.toordinal() + 1)
        ]
        if over:
            (whole if len(over) == len(periods) else parts).append((years, over[-1]))
    yield from whole[:1]
    yield from parts
    yield from whole[1:]


def _reason(error: SpmError | None, data: PayData) -> Statement | None:
    """Return what stood in the way, for people: whose number is missing, by name."""
    if error is None:
        return None
    if isinstance(error, MissingError):
        return error.missing[0].statement(dict(data.people.select("rep_id", "name").iter_rows()))
    return Statement("The deals and people of those days do not fit the plan.")
