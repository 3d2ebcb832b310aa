"""Pruning a cache: what nobody has used for some time is removed; it can be made again."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path


def used(entry: Path) -> None:
    """Note that an entry of a cache is used now; one that is not there is left alone."""
    with suppress(OSError):
        os.utime(entry)


def prune(folder: Path, *, unused_days: float) -> int:
    """Remove the entries of a cache that were not used for some days, and return how many.

    An entry that somebody holds open, or that another process removes meanwhile, is left to it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     (Path(place) / "view").mkdir()
    ...     prune(Path(place), unused_days=1), prune(Path(place), unused_days=-1)
    (0, 1)
    """
    oldest = time.time() - unused_days * 86_400
    removed = 0
    for entry in folder.glob("*"):
        with suppress(OSError):
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
                removed += 1
    return removed
