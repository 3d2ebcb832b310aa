"""The agenda of a 1:1: every open promise, and what came of those closed since the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise


@dataclass(frozen=True)
class Agenda:
    """What a 1:1 opens with.

    Attributes
    ----------
    open
        Every promise that is owed, the first due first. One that is missing here was closed by
        somebody, with a word on what came of it.
    closed
        Those done or withdrawn since the last 1:1.
    last
        The last 1:1; null: there was none.
    """

    open: tuple[Promise, ...]
    closed: tuple[Promise, ...]
    last: Meeting | None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all promises that are to be gone through, ascending."""
        return tuple(sorted(p.number for p in self.open))

    def overdue(self, on: date) -> tuple[Promise, ...]:
        """Return the promises whose day is over."""
        return tuple(p for p in self.open if p.overdue(on))


def agenda(promises: Iterable[Promise], meetings: Iterable[Meeting] = ()) -> Agenda:
    """Return what the next 1:1 of one person opens with.

    Parameters
    ----------
    promises, meetings
        All newest records of the person.

    Examples
    --------
    >>> one = Promise("R1", 1, "R1", "call Acme", date(2026, 10, 8), date(2026, 10, 1))
    >>> agenda([one]).numbers
    (1,)
    """
    known = sorted(promises, key=lambda p: (p.due, p.number))
    last = max(meetings, key=lambda m: m.on, default=None)
    since = last.on if last else date.min
    return Agenda(
        open=tuple(p for p in known if p.open),
        closed=tuple(p for p in known if p.closed_on is not None and p.closed_on >= since),
        last=last,
    )
