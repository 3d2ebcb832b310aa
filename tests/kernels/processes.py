"""Whether processes live, and waiting until something has happened to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent


def alive(pid: int) -> bool:
    """Say whether a process is there and no zombie."""
    try:
        return stat_of(pid)[0] != "Z"
    except OSError:
        return False


def parent_of(pid: int) -> int:
    """Return the parent of a process."""
    return int(stat_of(pid)[1])


def stat_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def until(happened: Callable[[], object], *, seconds: float = 20) -> bool:
    """Wait until something has happened; say whether it did in time."""
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def pids_in(path: Path) -> list[int]:
    """Return the process ids that jobs have noted in a file."""
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []
