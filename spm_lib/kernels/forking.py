"""Where and when a fork is safe: the system, and the threads of the server."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_TASKS = Path("/proc/self/task")
# Threads that only wait: jemalloc's purging, polars' disk spilling. Both forked well 600 times.
# A thread of a pool (polars-0, tokio-rt-worker, async-executor-, V8, ZMQ) may hold a lock that
# nobody would ever release in a child, so any name that is not known as harmless is a refusal.
_HARMLESS = ("jemalloc_bg_thd", "polars-ooc-clea")
_NAMED_AFTER = 0.1  # seconds


def why_not_here() -> str:
    """Return why this system cannot fork warm processes; empty where it can.

    macOS could fork, but its system libraries do not survive it, and it does not name threads.
    """
    if sys.platform != "linux":
        return f"{sys.platform} does not fork safely"
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
        return "this Python cannot fork"
    return "" if _TASKS.is_dir() else "the threads of a process cannot be told here"


def thread_names() -> list[str]:
    """Return the names of this process's threads but the main one."""
    main = str(os.getpid())
    found = []
    for task in _TASKS.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            found += [(task / "comm").read_text().strip()] if task.name != main else []
    return sorted(found)


def lasting_threads() -> list[str]:
    """Return the names of threads with which a fork could hang, and that stay.

    A harmless thread that has just begun still bears the name of whoever began it.
    """
    until = time.monotonic() + _NAMED_AFTER
    while (bad := forbidding(thread_names())) and time.monotonic() < until:
        time.sleep(_NAMED_AFTER / 10)
    return bad


def forbidding(names: Iterable[str]) -> list[str]:
    """Return those threads with which a fork could hang.

    Examples
    --------
    >>> forbidding(["jemalloc_bg_thd", "polars-ooc-clea", "polars-0", "tokio-rt-worker"])
    ['polars-0', 'tokio-rt-worker']
    """
    return [name for name in names if name not in _HARMLESS]
