"""What one process has read of a client it does not read again: see ``one_reading``."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from spm_lib.core.errors import SpmError
from spm_lib.model.intake import Intake
from spm_lib.sources.read import raw_files
from spm_lib.workspace import Settings, load_settings

MOST = 8  # clients whose tables are held at once
Read = Callable[[str | Path], tuple[Settings, Intake]]


class Readings:
    """Reads a workspace file as ``read`` does; tables of the same bytes are the same tables.

    A client with a database, with mended rows or with any fault is read anew each time.
    """

    def __init__(self, read: Read) -> None:
        self.read = read
        self.kept: OrderedDict[str, Intake] = OrderedDict()

    def __call__(self, path: str | Path) -> tuple[Settings, Intake]:
        """Return the settings as they are now, and the tables."""
        key = _bytes_behind(path)
        if key is None:
            return self.read(path)
        if key not in self.kept:
            self.kept[key] = self.read(path)[1]
        self.kept.move_to_end(key)
        while len(self.kept) > MOST:
            self.kept.popitem(last=False)
        made = self.kept[key]
        return load_settings(path), Intake(dict(made.tables), dict(made.kept), list(made.notes))


def _bytes_behind(path: str | Path) -> str | None:
    """Return a digest of all that is read; None where files are not all of it."""
    try:
        settings = load_settings(path)
        if settings.connections or (settings.folder / "quarantine").exists():
            return None
        found = hashlib.sha256(settings.path.read_bytes())
        for name in settings.raw:
            for file in raw_files(settings, name):
                told = f"\0{name}\0{os.path.relpath(file, settings.folder)}\0"
                found.update(told.encode() + hashlib.sha256(file.read_bytes()).digest())
    except (SpmError, OSError):
        return None
    return found.hexdigest()
