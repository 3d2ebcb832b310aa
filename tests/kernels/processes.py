"""Whether processes live, waiting for what happens to them, and shared servers of one's own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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


@contextmanager
def runtime_of_its_own(folder: Path) -> Iterator[Path]:
    """Give a runtime folder whose shared servers are nobody else's, and end them."""
    folder.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(folder))
        yield folder
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes()
        except OSError:
            continue
        if b"spm_lib.kernels.server" in command and os.fsencode(folder) in command:
            os.kill(int(line.parent.name), signal.SIGTERM)
