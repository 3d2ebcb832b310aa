"""What is true now, told from all that was ever written: a fold of the history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from spm_lib.team.register.event import Event, Key, utc


def newest(events: Iterable[Event]) -> dict[Key, Event]:
    """Return the newest event of each key, keys in the order in which they first appeared.

    Parameters
    ----------
    events
        In the order of their numbers.
    """
    found: dict[Key, Event] = {}
    for event in events:
        found[event.key] = event
    return found


def known_by(events: Iterable[Event], moment: datetime) -> list[Event]:
    """Return the events that were written before a moment; the moment itself is outside."""
    end = utc(moment)
    return [event for event in events if event.at < end]


def about(events: Iterable[Event], rep_ids: Collection[str] | None) -> list[Event]:
    """Return the events about some people; None: about everybody."""
    return [e for e in events if rep_ids is None or e.key.rep_id in rep_ids]


def of_kind(events: Iterable[Event], kind: str) -> list[Event]:
    """Return the events of one kind of record."""
    return [event for event in events if event.key.kind == kind]
