"""How a call in a process of its own ended."""

from __future__ import annotations

import signal as signals
from dataclasses import dataclass
from typing import Any

TIMEOUT = "timeout"
KILLED = "killed"


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it used.

    ``status`` is its exit status, or None where a signal ended it; ``cause`` is "timeout" or
    "killed" where that signal was ours. ``peak_memory`` is in bytes and counts pages shared with
    other processes; what a system does not tell is None.
    """

    status: int | None
    signal: int | None = None
    cause: str = ""
    seconds: float = 0.0
    cpu_seconds: float | None = None
    peak_memory: int | None = None


@dataclass(frozen=True)
class Outcome(Ended):
    """How a call ended, what it gave back, and what kind of process did it.

    Parameters
    ----------
    value
        What the function returned, if it came to its end.
    error
        What the function raised, in one line.
    forked
        Whether a fork of the warm server did it.
    reason
        Why it was an ordinary process, where it was one.
    imported
        Modules that a fork had to import itself: candidates for the warm list.
    """

    value: Any = None
    error: str = ""
    forked: bool = True
    reason: str = ""
    imported: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the function came to its end."""
        return self.status == 0

    @property
    def fault(self) -> str:
        """What went wrong, in one sentence without a stop; empty where nothing did.

        Examples
        --------
        >>> Outcome(None, signal=9, cause="timeout", seconds=60.2).fault
        'it was stopped after 60 seconds, its time limit'
        >>> Outcome(None, signal=11).fault
        'it crashed (SIGSEGV), as native code does on a fault of its own or out of memory'
        """
        if self.ok:
            return ""
        if self.error:
            return self.error
        if self.cause == TIMEOUT:
            return f"it was stopped after {self.seconds:.0f} seconds, its time limit"
        if self.cause == KILLED:
            return "it was stopped from outside"
        if self.signal is not None:
            name = signals.Signals(self.signal).name
            return (
                f"it crashed ({name}), as native code does on a fault of its own or out of memory"
            )
        return f"it ended itself with exit status {self.status}"


def ended_from(code: int, *, cause: str = "", seconds: float = 0.0, usage: Any = None) -> Ended:
    """Return how a process ended from its return code (negative: a signal) and its usage.

    Examples
    --------
    >>> ended_from(-11).signal, ended_from(3).status
    (11, 3)
    """
    return Ended(
        status=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        cause=cause if code else "",
        seconds=round(seconds, 3),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3) if usage else None,
        peak_memory=usage.ru_maxrss * 1024 if usage else None,
    )
