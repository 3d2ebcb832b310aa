"""One event of the register: who wrote what about whom and when, what was there before and after.

Events hang on one another: each carries the fingerprint of the one before it, so that a history of
which one was changed, left out or put in another place is told from the true one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from spm_lib.core.errors import TeamError
from spm_lib.store import sha256_bytes

Payload = Mapping[str, Any]
COMPANY = "*"  # whom records of the company itself are about
OF_COMPANY = ("target_plan",)  # their kinds, which the database guards too
BEGINNING = "0" * 64
_LONGEST = 200


@dataclass(frozen=True, order=True)
class Key:
    """What events are about: a kind of record, a person, and the record among the person's own."""

    kind: str
    rep_id: str
    subject: str

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            checked_name(value, what=name)
        if (self.kind in OF_COMPANY) != (self.rep_id == COMPANY):
            whose = ("a person", "the company")
            own, other = reversed(whose) if self.kind in OF_COMPANY else whose
            raise TeamError(f"A {self.kind} is of {own}, not of {other}.", found=self.rep_id)


@dataclass(frozen=True)
class Author:
    """Who writes: the name of the viewer, and the id of the person where the viewer is one."""

    name: str
    rep_id: str | None = None

    def __post_init__(self) -> None:
        checked_name(self.name, what="author")
        if self.rep_id is not None:
            checked_name(self.rep_id, what="author's id")


@dataclass(frozen=True)
class Change:
    """What somebody wants written: the record as it shall be, and the version that was seen.

    ``seen`` is the version on which the change builds; 0 where there was none. If somebody wrote in
    between, the register refuses.
    """

    key: Key
    after: Payload
    seen: int = 0


@dataclass(frozen=True)
class Event:
    """One write. ``number`` counts all events from 1, ``version`` those of one key.

    ``before`` is null in a first version. ``previous`` is the fingerprint of the event before this
    one, of all keys.
    """

    number: int
    key: Key
    version: int
    author: Author
    at: datetime
    before: Payload | None
    after: Payload
    previous: str
    fingerprint: str

    def content(self) -> dict[str, Any]:
        """Return everything but the fingerprint, JSON-ready: what the fingerprint is of."""
        return {
            "number": self.number,
            "kind": self.key.kind,
            "rep_id": self.key.rep_id,
            "subject": self.key.subject,
            "version": self.version,
            "author": self.author.name,
            "author_id": self.author.rep_id,
            "at": instant_text(self.at),
            "before": self.before,
            "after": self.after,
            "previous": self.previous,
        }


def next_event(
    change: Change, *, last: Event | None, current: Event | None, author: Author, at: datetime
) -> Event:
    """Return the event that writes a change after the last of all events.

    Parameters
    ----------
    change
        What is to be written.
    last
        The newest event of the register; None: it is empty.
    current
        The newest event of the change's key; None: there is none.
    author
        Who writes.
    at
        When, with its zone.

    Raises
    ------
    TeamError
        If the moment has no zone, or the payload is no JSON.
    """
    checked = json.loads(canonical(change.after))
    event = Event(
        number=(last.number if last else 0) + 1,
        key=change.key,
        version=(current.version if current else 0) + 1,
        author=author,
        at=utc(at),
        before=current.after if current else None,
        after=checked,
        previous=last.fingerprint if last else BEGINNING,
        fingerprint="",
    )
    return event_of({**event.content(), "fingerprint": fingerprint_of(event)})


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event of a row: the keys of ``Event.content`` and ``fingerprint``.

    Raises
    ------
    TeamError
        If the row is none.
    """
    try:
        return Event(
            number=int(row["number"]),
            key=Key(row["kind"], row["rep_id"], row["subject"]),
            version=int(row["version"]),
            author=Author(row["author"], row["author_id"]),
            at=utc(datetime.fromisoformat(row["at"])),
            before=row["before"],
            after=row["after"],
            previous=row["previous"],
            fingerprint=row["fingerprint"],
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, TeamError):
            raise
        raise TeamError(
            "This is no event of a register.", found=f"{type(error).__name__}: {error}"
        ) from None


def fingerprint_of(event: Event) -> str:
    """Return the fingerprint of an event's content (SHA-256)."""
    return sha256_bytes(canonical(event.content()).encode("utf-8"))


def chained(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events of a whole history, each after it was checked against those before it.

    Raises
    ------
    TeamError
        If one was changed, left out, doubled or moved: its number is named.
    """
    previous, newest = BEGINNING, dict[Key, Event]()
    for number, event in enumerate(events, start=1):
        current = newest.get(event.key)
        sound = (
            event.number == number
            and event.previous == previous
            and event.fingerprint == fingerprint_of(event)
            and event.version == (current.version if current else 0) + 1
            and event.before == (current.after if current else None)
        )
        if not sound:
            raise broken_at(number)
        previous = event.fingerprint
        newest[event.key] = event
        yield event


def broken_at(number: int) -> TeamError:
    """Return the error that tells which event of a history is not as it was written."""
    return TeamError(
        "The history of the register is broken.",
        found=f"event {number} is not the one that was written",
        do="Restore the last good backup",
    )


def canonical(value: object) -> str:
    """Return a value as JSON in its one spelling: sorted keys, no spaces, no infinite numbers.

    Raises
    ------
    TeamError
        If it is no JSON.

    Examples
    --------
    >>> canonical({"b": 1, "a": "שלום"})
    '{"a":"שלום","b":1}'
    """
    try:
        text = json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise TeamError("This cannot be kept in the register.", found=str(error)) from None
    return text


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC.

    Raises
    ------
    TeamError
        If it has no zone.
    """
    if moment.tzinfo is None:
        raise TeamError("A moment in the register needs its zone.", found=moment.isoformat())
    return moment.astimezone(UTC)


def instant_text(moment: datetime) -> str:
    """Return a moment as the register writes it, so that texts sort as moments do.

    Examples
    --------
    >>> instant_text(datetime(2026, 9, 30, 8, tzinfo=UTC))
    '2026-09-30T08:00:00.000000+00:00'
    """
    return utc(moment).isoformat(timespec="microseconds")


def checked_name(value: object, *, what: str) -> str:
    """Return a name that the register can keep in both databases, and print on one line.

    Raises
    ------
    TeamError
        If it is no text, empty, longer than 200 signs, or holds signs that nobody sees.
    """
    if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable():
        return value
    raise TeamError(
        f"This cannot be the {what} of an event.",
        found=ascii(value)[:80],
        do=f"Write 1 to {_LONGEST} visible signs on one line",
    )
