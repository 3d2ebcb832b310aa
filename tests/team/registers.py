"""Registers on both databases, and what many tests write into them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from spm_lib.team.register.event import Author, Change, Key
from spm_lib.team.register.register import Register
from tests.postgres import connected

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
DANA = Author("dana", "M1")
NOAM = Author("noam", "R1")


@dataclass(frozen=True)
class Place:
    """Where a register is kept."""

    url: str
    folder: Path

    def register(self) -> Register:
        return Register(self.url, folder=self.folder)

    @contextlib.contextmanager
    def raw(self) -> Iterator[Any]:
        """A connection of the driver itself, which knows nothing of the register."""
        lite = self.url.startswith("sqlite")
        connection = sqlite3.connect(self.folder / "team.db") if lite else connected(self.url)
        with contextlib.closing(connection) as opened:
            yield opened


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def note(register: Register, rep_id: str, text: str, *, subject: str = "a", seen: int = 0) -> Any:
    change = Change(Key("note", rep_id, subject), {"text": text}, seen=seen)
    return register.write(change, author=DANA, at=START)
