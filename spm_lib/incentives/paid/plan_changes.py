"""The days on which the plan that pays a person changed, as the kept periods and its file tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from spm_lib.incentives.chain.periods import end_of
from spm_lib.incentives.paid.kept_average import months_of
from spm_lib.incentives.plan.plan import Plan
from spm_lib.incentives.plan.section import Dated


class PaidBy(NamedTuple):
    """Which plan, of which fingerprint, paid a period."""

    label: str
    start: date
    plan: str
    plan_hash: str


def plan_changes(periods: Iterable[PaidBy], plans: Iterable[Plan], person: Person) -> list[date]:
    """Return the days on which the plan of a person changed, ascending.

    Parameters
    ----------
    periods
        The kept periods in which the person was in a plan.
    plans
        The plans as their files say now. The dated rules of one count where a period was paid by
        this very file.
    person
        Whose rules count.

    Notes
    -----
    A period paid by another plan file than the one before it, or by a file that was edited, begins
    with a change; a further plan beside the first is none. A rule, target pay or rule of credit
    that begins or ends inside a plan is one on its day.
    """
    known = list(periods)
    paid_by = {period.plan_hash for period in known}
    dated = (day for plan in plans if plan.hash in paid_by for day in _dated(plan, person))
    return sorted({*_replaced(known), *dated})


class Person(NamedTuple):
    """A person, the components that ever earned anything for them, and their role.

    Null: the role is not known, and target pay of every role may be theirs.
    """

    rep_id: str
    components: frozenset[str]
    role: str | None = None


def _replaced(periods: Iterable[PaidBy]) -> Iterator[date]:
    """Yield the months that are paid by another plan, or another version, than those before."""
    by_month: dict[date, set[tuple[str, str]]] = {}
    for label, start, plan, version in periods:
        for month in months_of(start, end_of(label, start)):
            by_month.setdefault(month, set()).add((plan, version))
    before: set[tuple[str, str]] = set()
    for month, now in sorted(by_month.items()):
        if before - now and now - before:
            yield month
        before = now


def _dated(plan: Plan, person: Person) -> Iterator[date]:
    """Yield the days inside a plan on which something of a person's begins or ends."""
    rep, role = person.rep_id, person.role
    rules: list[Dated] = [c for c in plan.components if c.id in person.components]
    targets = (target for target in plan.target_pay if target.rep in (None, rep))
    rules += [target for target in targets if role is None or target.role in (None, role)]
    rules += [credit for credit in plan.credits if credit.rep in (None, rep)]
    for rule in rules:
        for day in (rule.valid_from, rule.valid_to):
            if day is not None and plan.plan.valid_from < day < plan.plan.valid_to:
                yield day
