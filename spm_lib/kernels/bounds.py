"""The bounds of a child: its memory, and that it never outlives its server."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def limit_memory(limit: int | None) -> None:
    """Let this process hold no more than so many bytes of data; does nothing on Windows.

    The limit is on data (RLIMIT_DATA), not on addresses (RLIMIT_AS): V8, which draws charts,
    reserves 64 GB of addresses that it never fills and ends the process where it cannot.
    """
    if limit is None or sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def die_with(parent: int) -> None:
    """Let the system kill this process when its parent is gone, whatever it is doing then."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)
