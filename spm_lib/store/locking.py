"""One writer at a time: a lock that goes when its holder does, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: str | Path) -> Iterator[None]:
    """Hold a file's lock; others who ask for it wait. Where the system has no such locks, go on.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder, "lock")):
    ...     print("mine")
    mine
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with Path(path).open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
