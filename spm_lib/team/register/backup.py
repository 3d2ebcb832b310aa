"""Backup and restore: a whole history as one file of JSON lines, the same for every database."""

from __future__ import annotations

import json
from pathlib import Path

from spm_lib.core.errors import TeamError
from spm_lib.store import write_private
from spm_lib.team.register.event import BEGINNING, Event, canonical, chained, event_of
from spm_lib.team.register.register import Register

_FORMAT = "spm team register"


def back_up(register: Register, file: Path) -> int:
    """Write all events into a file that only its owner may read; return how many.

    The first line tells how many there are and the last one's fingerprint, then one event a line.
    The same history gives the same bytes, from either database.

    Raises
    ------
    TeamError
        If the history is broken: a broken one is no backup.
    """
    events = list(chained(register.events()))
    head = events[-1].fingerprint if events else BEGINNING
    first = {"format": _FORMAT, "version": 1, "events": len(events), "fingerprint": head}
    lines = [first, *({**e.content(), "fingerprint": e.fingerprint} for e in events)]
    write_private(file, "".join(f"{canonical(line)}\n" for line in lines))
    return len(events)


def restore(register: Register, file: Path) -> int:
    """Write the events of a backup that the register lacks; return how many.

    Nothing is written unless the whole file is sound, and it and what is here are one history. An
    older backup writes nothing; it tells whether what is here still begins with it.

    Raises
    ------
    TeamError
        If the file is no backup, was cut or changed, or holds another history.
    """
    return register.take_over(read_backup(file))


def read_backup(file: Path) -> list[Event]:
    """Return the events of a backup, checked against each other and against its first line.

    Raises
    ------
    TeamError
        As ``restore``.
    """
    try:
        lines = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
    except FileNotFoundError:
        raise TeamError("There is no such backup.", found=str(file)) from None
    except ValueError:
        raise _no_backup(file, "it is cut, or no JSON lines") from None
    if not lines or not isinstance(lines[0], dict) or lines[0].get("format") != _FORMAT:
        raise _no_backup(file, "its first line does not say so")
    if lines[0].get("version") != 1:
        raise _no_backup(file, f"it is of version {lines[0].get('version')}, known here is 1")
    events = list(chained(event_of(line) for line in lines[1:]))
    head = events[-1].fingerprint if events else BEGINNING
    if (len(events), head) != (lines[0].get("events"), lines[0].get("fingerprint")):
        raise _no_backup(file, f"{len(events)} events, not the {lines[0].get('events')} it tells")
    return events


def _no_backup(file: Path, found: str) -> TeamError:
    return TeamError(
        "This is no whole backup of a register.",
        found=f"{file.name}: {found}",
        do="Name a file that `spm team backup` wrote",
    )
