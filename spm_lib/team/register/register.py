"""The register: what is written stays, and what is true now is told from the whole history."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from spm_lib.core.errors import TeamError
from spm_lib.team.register.conflict import ConflictError
from spm_lib.team.register.database import Database
from spm_lib.team.register.event import (
    Author,
    Change,
    Event,
    Key,
    Payload,
    broken_at,
    canonical,
    chained,
    event_of,
    next_event,
)

_COLUMNS = (
    "number",
    "kind",
    "rep_id",
    "subject",
    "version",
    "author",
    "author_id",
    "at",
    "before",
    "after",
    "previous",
    "fingerprint",
)


class Register:
    """The history of a team. Nothing in it is ever changed: every write is a new event.

    It asks nobody who may write or read; that is for the one who holds it.

    Parameters
    ----------
    url
        The address of the database, as ``[team] url`` says it.
    folder
        The client's folder, on which a relative address hangs.

    Raises
    ------
    MissingExtraError
        If the extra ``team`` is not installed.
    TeamError
        If the database does not answer.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> with tempfile.TemporaryDirectory() as place:
    ...     register = Register("sqlite:///team.db", folder=Path(place))
    ...     key = Key("note", "R1", "first")
    ...     at, dana = datetime(2026, 10, 1, 8, tzinfo=UTC), Author("dana")
    ...     _ = register.write(Change(key, {"text": "hello"}), author=dana, at=at)
    ...     event = register.write(Change(key, {"text": "shalom"}, seen=1), author=dana, at=at)
    ...     event.version, event.before, event.after, len(register.events())
    (2, {'text': 'hello'}, {'text': 'shalom'}, 2)
    """

    def __init__(self, url: str, *, folder: Path) -> None:
        self.database = Database(url, folder=folder)

    def write(self, change: Change, *, author: Author, at: datetime) -> Event:
        """Write one change, and return its event; see ``write_all``."""
        (event,) = self.write_all([change], author=author, at=at)
        return event

    def write_all(self, changes: Sequence[Change], *, author: Author, at: datetime) -> list[Event]:
        """Write several changes as one: all of them, or where one cannot be, none.

        Parameters
        ----------
        changes
            In the order in which they are to stand.
        author
            Who writes.
        at
            When, with its zone.

        Raises
        ------
        ConflictError
            If one builds on a version that is not the newest any more.
        TeamError
            If one cannot be kept, or the database refuses.
        """
        with self.database.writing() as connection:
            return _appended(connection, changes, author=author, at=at)

    def amend(
        self,
        key: Key,
        make: Callable[[Payload | None], Payload],
        *,
        author: Author,
        at: datetime,
    ) -> Event:
        """Write what follows from the newest payload, with no one writing in between.

        Parameters
        ----------
        key
            What is written about.
        make
            Gives the new payload from the newest one (None: there is none); pure and quick, since
            other writers wait.
        author, at
            As ``write_all``.
        """
        with self.database.writing() as connection:
            current = _current(connection, key)
            after = make(current.after if current else None)
            change = Change(key, after, seen=current.version if current else 0)
            (event,) = _appended(connection, [change], author=author, at=at)
            return event

    def current(self, key: Key) -> Event | None:
        """Return the newest event of a key; None where nothing was written."""
        with self.database.reading() as connection:
            return _current(connection, key)

    def events(
        self,
        *,
        kinds: Collection[str] | None = None,
        rep_ids: Collection[str] | None = None,
        after: int = 0,
    ) -> list[Event]:
        """Return events in the order of their numbers.

        Parameters
        ----------
        kinds
            Those of these kinds of records; None: of all.
        rep_ids
            Those about these people; None: about everybody; empty: none.
        after
            Those with a greater number.
        """
        with self.database.reading() as connection:
            return _select(connection, kinds=kinds, rep_ids=rep_ids, after=after)

    def check(self) -> int:
        """Return how many events there are, after every one was checked against those before it.

        Raises
        ------
        TeamError
            If the history is broken: the first event that is not as it was written is named.
        """
        return sum(1 for _ in chained(self.events()))

    def take_over(self, events: Iterable[Event]) -> int:
        """Write those events of a whole history that are missing here; return how many.

        One of the two histories must be the beginning of the other.

        Raises
        ------
        TeamError
            If the given one is broken, or another one than the one here.
        """
        given = list(chained(events))
        with self.database.writing() as connection:
            here = _select(connection)
            known = zip(given, here, strict=False)  # what both have
            if any(theirs.fingerprint != ours.fingerprint for theirs, ours in known):
                raise TeamError(
                    "The register here holds another history than the backup.",
                    found=f"{len(here)} events here, {len(given)} in the backup",
                    do="Restore into an empty register: a new file, or a new database",
                )
            missing = given[len(here) :]
            _insert(connection, missing)
        return len(missing)


def _appended(
    connection: Any, changes: Sequence[Change], *, author: Author, at: datetime
) -> list[Event]:
    last, written = _last(connection), list[Event]()
    for change in changes:
        current = _current(connection, change.key)
        if change.seen != (current.version if current else 0):
            raise ConflictError(change.key, change.seen, current)
        last = next_event(change, last=last, current=current, author=author, at=at)
        _insert(connection, [last])
        written.append(last)
    return written


def _insert(connection: Any, events: Sequence[Event]) -> None:
    if events:
        connection.execute(_table().insert(), [_row(event) for event in events])


def _row(event: Event) -> dict[str, Any]:
    row = {**event.content(), "fingerprint": event.fingerprint}
    row["before"] = None if event.before is None else canonical(event.before)
    return {**row, "after": canonical(event.after)}


def _of_row(row: Any) -> Event:
    told = dict(row._mapping)
    try:
        read = {
            name: None if told[name] is None else json.loads(told[name])
            for name in ("before", "after")
        }
    except (ValueError, TypeError):  # a file that was damaged, or written by other hands
        raise broken_at(told["number"]) from None
    return event_of({**told, **read})


def _table() -> Any:
    import sqlalchemy

    return sqlalchemy.table("team_event", *(sqlalchemy.column(name) for name in _COLUMNS))


def _select(
    connection: Any,
    *,
    kinds: Collection[str] | None = None,
    rep_ids: Collection[str] | None = None,
    after: int = 0,
) -> list[Event]:
    table = _table()
    query = table.select().where(table.c.number > after).order_by(table.c.number)
    if kinds is not None:
        query = query.where(table.c.kind.in_(sorted(kinds)))
    if rep_ids is not None:
        query = query.where(table.c.rep_id.in_(sorted(rep_ids)))
    return [_of_row(row) for row in connection.execute(query)]


def _current(connection: Any, key: Key) -> Event | None:
    table = _table()
    query = (
        table.select()
        .where(table.c.kind == key.kind, table.c.rep_id == key.rep_id)
        .where(table.c.subject == key.subject)
        .order_by(table.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _of_row(row) if row else None


def _last(connection: Any) -> Event | None:
    table = _table()
    row = connection.execute(table.select().order_by(table.c.number.desc()).limit(1)).first()
    return _of_row(row) if row else None
