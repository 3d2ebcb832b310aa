"""What of the checklist is due, by when, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from spm_lib.core.calendar import WorkCalendar
from spm_lib.core.months import months_after
from spm_lib.team.following.acceptance import Acceptance
from spm_lib.team.following.checklist import PLAN_SIGNED, Item
from spm_lib.team.records.check import Check

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Member:
    """Somebody with a checklist: role (null: not known), and the day from which it counts."""

    rep_id: str
    role: str | None
    since: date


@dataclass(frozen=True)
class Due:
    """An item of somebody's checklist.

    Attributes
    ----------
    due
        The last day on which it is in time, a working day; null: never again.
    check
        The newest check of it; null: none.
    late
        Working days since the due day; 0 where it is in time.
    """

    rep_id: str
    item: Item
    due: date | None
    check: Check | None
    late: int

    @property
    def overdue(self) -> bool:
        """Whether its day is over."""
        return self.late > 0


def due_items(
    items: Iterable[Item],
    members: Iterable[Member],
    checks: Iterable[Check],
    *,
    on: date,
    calendar: WorkCalendar,
) -> list[Due]:
    """Return every item of everybody, the longest overdue first, then by due day.

    Parameters
    ----------
    items
        The checklist.
    members
        Whose checklists.
    checks
        The newest check of each person and item.
    on
        The day.
    calendar
        The client's: a day on which nobody works moves to the next on which people do.

    Examples
    --------
    >>> item = Item(key="crm", name="CRM", owner="rep", evidence="x", within_days=2)
    >>> member = Member("R1", None, date(2026, 10, 6))
    >>> (due,) = due_items([item], [member], [], on=date(2026, 10, 12), calendar=WorkCalendar())
    >>> due.due, due.late
    (datetime.date(2026, 10, 8), 2)
    """
    newest: Mapping[tuple[str, str], Check] = {(c.rep_id, c.item): c for c in checks}
    listed = list(items)
    found = [
        _due(item, member, newest.get((member.rep_id, item.key)), on=on, calendar=calendar)
        for member in members
        for item in listed
        if item.is_for(member.role)
    ]
    return sorted(found, key=lambda d: (-d.late, d.due or date.max, d.rep_id, d.item.key))


def signed(standings: Acceptance) -> list[Check]:
    """Return the check of the item ``plan_signed`` of everybody who accepted the newest letter."""
    return [
        Check(s.rep_id, PLAN_SIGNED, s.response.read_on, f"v{s.letter.version}")
        for s in standings.standings
        if s.accepted and s.response
    ]


def _due(
    item: Item, member: Member, check: Check | None, *, on: date, calendar: WorkCalendar
) -> Due:
    due = _due_day(item, member, check, calendar)
    late = 0
    if due is not None and on > due:
        late = max(calendar.working_days(due + _DAY, on + _DAY), 1)
    return Due(member.rep_id, item, due, check, late)


def _due_day(
    item: Item, member: Member, check: Check | None, calendar: WorkCalendar
) -> date | None:
    if check is not None and check.status == "not_needed":
        return None
    done = check.on if check is not None and check.status == "done" else None
    if item.every != "once":
        return _last_of_period(item, member, done, calendar)
    if done is None:
        first = member.since + timedelta(days=item.within_days)
        return _working(first, calendar, step=_DAY)
    if item.renew_months is None:
        return None
    return _working(months_after(done, item.renew_months), calendar, step=_DAY)


def _last_of_period(item: Item, member: Member, done: date | None, calendar: WorkCalendar) -> date:
    """Return the last working day of the first period in which the item was not done."""
    if done is None:
        period = calendar.period_of(member.since + timedelta(days=item.within_days), item.every)
    else:
        period = calendar.shift(calendar.period_of(done, item.every), 1)
    return _working(period.end - _DAY, calendar, step=-_DAY)


def _working(day: date, calendar: WorkCalendar, *, step: timedelta) -> date:
    while not calendar.is_working_day(day):
        day += step
    return day
