"""Files that one manifest names: whole, never changed, and swept when nobody needs them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from spm_lib.store.hashes import sha256_file
from spm_lib.store.writing import write_json

MANIFEST = "store.json"
SHORT = 16


def keep_file(folder: Path, name: str, write: Callable[[Path], object]) -> str:
    """Write a file that is named after its content, and return that name.

    ``write`` is handed the path to write to. The file appears whole or not at all, synced; one of
    the same content is not written twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     keep_file(Path(place), "note.txt", lambda file: file.write_text("hello"))
    'note-2cf24dba5fb0a30e.txt'
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{os.getpid()}-{name}.tmp"
    try:
        write(fresh)
        stem, suffix = Path(name).stem, Path(name).suffix
        goal = folder / f"{stem}-{sha256_file(fresh)[:SHORT]}{suffix}"
        put_in_place(fresh, goal)
    finally:
        fresh.unlink(missing_ok=True)
    return goal.name


def put_in_place(fresh: Path, goal: Path) -> None:
    """Sync a written file and move it to its goal in one step."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(goal)


def told_in(folder: Path) -> dict[str, Any]:
    """Return what the manifest of a folder says.

    Raises
    ------
    OSError
        If there is none.
    """
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def tell(folder: Path, content: dict[str, Any]) -> Path:
    """Put a manifest in the place of the old one, in one step: from then on it holds."""
    return write_json(folder / MANIFEST, content)


def sweep(folder: Path, *, needed: Collection[str], there: Collection[str] | None = None) -> int:
    """Remove the files of a folder that nobody needs, and return how many.

    Left-over files of writers that did not come to their end are among them. ``there`` are the
    files that may go, where others write beside; default: all.
    """
    removed = 0
    for entry in list(folder.iterdir()) if folder.is_dir() else ():
        known = there is None or entry.name in there
        if known and entry.name not in needed and entry.is_file():
            with suppress(OSError):
                entry.unlink()
                removed += 1
    return removed
