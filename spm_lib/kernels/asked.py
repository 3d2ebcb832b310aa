"""One connection of the fork server: the job it asked for and the child that does it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spm_lib.kernels.job import Job
from spm_lib.kernels.outcome import Ended, ended_from
from spm_lib.kernels.wire import Wire


@dataclass(eq=False)
class Asked:
    """A connection and its child.

    Only the server reaps its children, and it signals no child that it has reaped: a signal can
    never reach a stranger that was given the same process id.
    """

    wire: Wire
    job: Job | None = None
    pid: int | None = None
    began: float = 0.0
    deadline: float | None = None
    cause: str = ""
    orphaned: bool = False
    told_to_wait: bool = False
    holding: bool = False

    def take(self, message: Mapping[str, Any]) -> None:
        """Take the job that the first message describes."""
        self.job = Job.read(message)

    def begin(self, pid: int) -> None:
        """Note that the child runs; the files that came with the job are the child's now."""
        assert self.job is not None
        self.pid, self.began = pid, time.monotonic()
        if self.job.timeout is not None:
            self.deadline = self.began + self.job.timeout
        while self.wire.files:
            os.close(self.wire.files.pop())

    def signal(self, number: int) -> None:
        """Signal the child and all that it has started."""
        if number == signal.SIGKILL:
            self.kill()
        else:
            self._send(number)

    def kill(self, cause: str = "killed") -> None:
        """Kill the child and all that it has started; the first cause is kept."""
        self.cause = self.cause or cause
        self.deadline = None
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        assert self.pid is not None
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # forked a moment ago, and not yet a group of its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def ended(self) -> Ended | None:
        """Return how the child ended; None while it runs. What it left running is killed."""
        assert self.pid is not None
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        self.pid = None
        return ended_from(
            os.waitstatus_to_exitcode(status),
            cause=self.cause,
            seconds=time.monotonic() - self.began,
            usage=usage,
        )
