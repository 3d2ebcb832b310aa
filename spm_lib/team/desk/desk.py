"""The desk: reads and writes of one viewer, each decided before it reaches the register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from spm_lib.core.errors import ScopeError
from spm_lib.team.desk.admission import check_admitted
from spm_lib.team.desk.viewer import Viewer
from spm_lib.team.records.kinds import KINDS, Record, key_of, payload_of, record_of, records_of
from spm_lib.team.records.target_plan_state import TargetPlanState, as_they_stand
from spm_lib.team.register.event import COMPANY, Author, Change, Event, Key
from spm_lib.team.register.history import newest
from spm_lib.team.register.register import Register


class Desk:
    """One viewer's way to the register.

    Parameters
    ----------
    register
        Where the history is.
    viewer
        Who reads and writes.
    people
        All people that records may be about; None: whoever is in scope.
    """

    def __init__(
        self, register: Register, viewer: Viewer, *, people: Collection[str] | None = None
    ) -> None:
        self._register, self.viewer = register, viewer
        self._people = None if people is None else frozenset(people)

    def events(
        self, *, kinds: Collection[str] | None = None, rep_id: str | None = None
    ) -> list[Event]:
        """Return the history that the viewer may see, in its order.

        Of a review the person sees the manager's rating only after the own one is in.

        Parameters
        ----------
        kinds
            Of these kinds; None: of all.
        rep_id
            About one person; None: about everybody in scope.

        Raises
        ------
        ScopeError
            If one person is asked for whose rows may not be seen.
        """
        if rep_id is not None:
            self.check_sees(rep_id)
        asked = None if kinds is None else {*kinds, "self_rating"}
        found = self._register.events(kinds=asked, rep_ids=self._visible(rep_id))
        rated = {(e.key.rep_id, e.key.subject) for e in found if e.key.kind == "self_rating"}
        return [
            event
            for event in found
            if (kinds is None or event.key.kind in kinds)
            and self.viewer.sees(event.key.rep_id)
            and not self._too_early(event.key, rated)
        ]

    def records(self, kind: str, *, rep_id: str | None = None) -> list[Any]:
        """Return the newest records of a kind that the viewer may see."""
        return records_of(self.events(kinds=[kind], rep_id=rep_id), kind)

    def find(self, kind: str, rep_id: str, subject: str) -> tuple[Any, int]:
        """Return a record and its version in the register; null and 0 where there is none.

        Raises
        ------
        ScopeError
            If the person's rows may not be seen.
        """
        event = newest(self.events(kinds=[kind], rep_id=rep_id)).get(Key(kind, rep_id, subject))
        return (record_of(event), event.version) if event else (None, 0)

    def plan_states(self) -> list[TargetPlanState]:
        """Return how the target plans stand: of no person, so that every seat may ask.

        What is told of them to people is a word (see ``check_approved``); their history is for who
        may see the company (``events``).
        """
        if self.viewer.scope.part is not None:
            return []
        found = self._register.events(kinds=["target_plan"], rep_ids=[COMPANY])
        return as_they_stand(map(record_of, found))

    def check_sees(self, rep_id: str) -> None:
        """Refuse a person whose rows may not be seen, and one who is not there, in the same words.

        Raises
        ------
        ScopeError
            If the viewer may not see the person's rows.
        """
        known = self._people is None or rep_id in self._people or rep_id == COMPANY
        if not known or not self.viewer.sees(rep_id):
            raise ScopeError(
                f"There is nobody '{rep_id}' whose rows '{self.viewer.name}' may see.",
                do="Name somebody in your own scope",
            )

    def next_number(self, kind: str, rep_id: str) -> int:
        """Return the number that the next record of a numbered kind has."""
        return 1 + max((r.number for r in self.records(kind, rep_id=rep_id)), default=0)

    def write(self, kind: str, record: Record, *, seen: int, at: datetime) -> Event:
        """Write a record in the viewer's own name.

        Parameters
        ----------
        kind
            Of the record; the record itself tells whom it is about.
        record
            As it shall stand.
        seen
            The version that ``find`` gave.
        at
            When, with its zone.

        Raises
        ------
        ScopeError
            If the viewer may not write it: about others, or what only the person or only who leads
            the person may say.
        ConflictError
            If somebody wrote in between.
        TeamError
            If it may not follow on what is there.
        """
        (event,) = self.write_all([(kind, record, seen)], at=at)
        return event

    def write_all(self, records: Sequence[tuple[str, Record, int]], *, at: datetime) -> list[Event]:
        """Write several records in the viewer's own name: all, or where one may not be, none.

        Each is checked against what is there before, not against the others.

        Parameters
        ----------
        records
            Kind, record and version seen of each, see ``write``.
        at
            When, with its zone.

        Raises
        ------
        ScopeError, ConflictError, TeamError
            As ``write``.
        """
        changes = [self._change(kind, record, seen) for kind, record, seen in records]
        author = Author(self.viewer.name, self.viewer.person)
        return self._register.write_all(changes, author=author, at=at)

    def enter(self, records: Sequence[tuple[str, Record]], *, at: datetime) -> list[Event]:
        """Write several records on the newest versions, all or none; see ``write_all``.

        Parameters
        ----------
        records
            Kind and record of each.
        at
            When, with its zone.

        Raises
        ------
        ScopeError, ConflictError, TeamError
            As ``write``.
        """
        keys = [key_of(kind, record) for kind, record in records]
        seen = [self.find(key.kind, key.rep_id, key.subject)[1] for key in keys]
        entries = [(*one, version) for one, version in zip(records, seen, strict=True)]
        return self.write_all(entries, at=at)

    def _change(self, kind: str, record: Record, seen: int) -> Change:
        key = key_of(kind, record)
        self._check_writes(kind, record)
        history = self._register.events(rep_ids=[key.rep_id])
        current = newest(history).get(key)
        check_admitted(kind, record, before=current.after if current else None, history=history)
        return Change(key, payload_of(record), seen)

    def _visible(self, rep_id: str | None) -> Collection[str] | None:
        """Return the people whose rows are asked of the register: no more than may be seen."""
        if rep_id is not None:
            return [rep_id]
        scope = self.viewer.scope
        return frozenset() if scope.part is not None else scope.rep_ids

    def _too_early(self, key: Key, rated: Collection[tuple[str, str]]) -> bool:
        own = self.viewer.is_self(key.rep_id)
        return own and key.kind == "manager_rating" and (key.rep_id, key.subject) not in rated

    def _check_writes(self, kind: str, record: Record) -> None:
        rep_id = record.rep_id
        self.check_sees(rep_id)
        writer = KINDS[kind].writer(record)
        may = {
            "self": self.viewer.speaks_for(rep_id),
            "lead": self.viewer.leads(rep_id),
            "both": self.viewer.writes(rep_id),
        }[writer]
        if not may:
            who = "the person" if writer == "self" else "who leads the person"
            raise ScopeError(
                f"'{self.viewer.name}' may not write this about {rep_id}.",
                found=f"a {kind}, which {who} writes",
            )
