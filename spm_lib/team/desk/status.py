"""The state of a team on a day, as one viewer may see it: answers, promises, checklists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from spm_lib.core.calendar import WorkCalendar
from spm_lib.model import Company, Figure
from spm_lib.team.desk.desk import Desk
from spm_lib.team.following.acceptance import Acceptance, acceptance
from spm_lib.team.following.agenda import Agenda, agenda
from spm_lib.team.following.checklist import PLAN_SIGNED, Item
from spm_lib.team.following.due import Due, Member, due_items, signed
from spm_lib.team.following.figures import team_figures, worry_figures
from spm_lib.team.records.kinds import records_of
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise
from spm_lib.team.records.reply import Reply
from spm_lib.team.register.event import Event
from spm_lib.team.register.history import known_by


@dataclass(frozen=True)
class TeamStatus:
    """What a viewer may see of a team at the end of a day.

    Attributes
    ----------
    on
        The day.
    standings
        How everybody with a letter stands to it.
    due
        Every item of everybody's checklist, the longest overdue first.
    promises, meetings
        The newest records of everybody.
    names
        Of people, by id.
    scoped
        Whether a scope left people out.
    replies
        To worries of everybody.
    """

    on: date
    standings: Acceptance
    due: tuple[Due, ...]
    promises: tuple[Promise, ...]
    meetings: tuple[Meeting, ...]
    names: dict[str, str]
    scoped: bool
    replies: tuple[Reply, ...] = ()

    @property
    def overdue(self) -> tuple[Due, ...]:
        """The items of checklists whose day is over."""
        return tuple(item for item in self.due if item.overdue)

    def agenda(self, rep_id: str) -> Agenda:
        """Return what the next 1:1 of a person opens with."""
        return agenda(
            (p for p in self.promises if p.rep_id == rep_id),
            (m for m in self.meetings if m.rep_id == rep_id),
        )

    @cached_property
    def figures(self) -> list[Figure]:
        """The numbers of this state, with their metric ids."""
        return team_figures(self.standings, self.promises, self.due, on=self.on, scoped=self.scoped)

    def figures_of(self, rep_id: str) -> dict[str, Figure]:
        """Return the same numbers of one person, by what follows ``team.`` in their ids."""
        own = team_figures(
            Acceptance(tuple(s for s in self.standings.standings if s.rep_id == rep_id)),
            [p for p in self.promises if p.rep_id == rep_id],
            [d for d in self.due if d.rep_id == rep_id],
            on=self.on,
            scoped=self.scoped,
        )
        return {f.metric.removeprefix("team."): replace(f, by={"rep_id": rep_id}) for f in own}

    @cached_property
    def worries(self) -> list[Figure]:
        """How many worries there are of each category, the most frequent first; not the 0s."""
        return worry_figures(self.standings, on=self.on, scoped=self.scoped)


def team_status(
    desk: Desk, *, company: Company, items: Sequence[Item], calendar: WorkCalendar, on: date
) -> TeamStatus:
    """Return the state of a team at the end of a day: nothing that was written later is in it.

    Parameters
    ----------
    desk
        The viewer's.
    company
        The client's people: names, roles, first and last days.
    items
        The checklist. It counts from a person's first day, or from the first event about the
        person if that is later: what was long ago is not overdue on the first day of use.
    calendar
        The client's.
    on
        The day.
    """
    events = known_on(desk, on, calendar)
    replies = records_of(events, "reply")
    standings = acceptance(
        records_of(events, "letter"),
        records_of(events, "response"),
        replies=replies,
        requests=records_of(events, "request"),
    )
    people = [row for row in _people(company) if desk.viewer.sees(row["rep_id"])]
    members = [m for row in people if (m := _member(row, events, calendar, on))]
    checks = [c for c in records_of(events, "check") if c.item != PLAN_SIGNED]
    checks += signed(standings)
    return TeamStatus(
        on=on,
        standings=standings,
        due=tuple(due_items(items, members, checks, on=on, calendar=calendar)),
        promises=tuple(records_of(events, "promise")),
        meetings=tuple(records_of(events, "meeting")),
        names={row["rep_id"]: row.get("name") or row["rep_id"] for row in people},
        scoped=desk.viewer.scope.narrow,
        replies=tuple(replies),
    )


def known_on(desk: Desk, day: date, calendar: WorkCalendar) -> list[Event]:
    """Return the history that a viewer may see, as far as it was written by the end of a day."""
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), calendar.zone)
    return known_by(desk.events(), end)


def _people(company: Company) -> list[dict[str, Any]]:
    wanted = ("rep_id", "name", "role", "hired_on", "left_on")
    frame = company.table("reps").filter(pl.col("rep_id").is_not_null())
    return frame.select(c for c in wanted if c in frame.columns).sort("rep_id").to_dicts()


def _member(
    row: dict[str, Any], events: Sequence[Event], calendar: WorkCalendar, on: date
) -> Member | None:
    """Return the person of a row; null: gone, or nothing was ever said about the person."""
    rep_id, left = row["rep_id"], row.get("left_on")
    about = [event.at for event in events if event.key.rep_id == rep_id]
    if not about or (left and left <= on):
        return None
    first = calendar.local_date(min(about))
    return Member(rep_id, row.get("role"), max(row.get("hired_on") or first, first))
