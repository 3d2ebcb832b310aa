"""The same job in an ordinary process, where none can be forked."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Any

from spm_lib.kernels.job import Job
from spm_lib.kernels.outcome import TIMEOUT, Ended, ended_from
from spm_lib.kernels.starting import import_path


class OrdinaryProcess:
    """A process started in the usual way; it ends when we do.

    Parameters
    ----------
    job
        The call to make.
    log
        File that takes its standard output and error.
    """

    def __init__(self, job: Job, *, log: IO[bytes]) -> None:
        self.job, self.cause, self._began = job, "", time.monotonic()
        self._gate = threading.Lock()
        self._reaped = False
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "spm_lib.kernels.child"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**job.environment, "PYTHONPATH": import_path()},
            start_new_session=os.name == "posix",
        )
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it died before it could read: its end tells
            self.process.stdin.write(json.dumps(job.to_dict()).encode() + b"\n")
            self.process.stdin.flush()

    def kill(self, cause: str = "killed") -> None:
        """Kill the process and all that it has started."""
        with self._gate:
            if self._reaped:
                return
            self.cause = self.cause or cause
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()

    def wait(self) -> Ended:
        """Wait for the end, or for the time limit."""
        timer = threading.Timer(self.job.timeout or 0, self.kill, [TIMEOUT])
        timer.daemon = True
        if self.job.timeout is not None:
            timer.start()
        code, usage = self._reap() if os.name == "posix" else (self.process.wait(), None)
        timer.cancel()
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        seconds = time.monotonic() - self._began
        return ended_from(code, cause=self.cause, seconds=seconds, usage=usage)

    def _reap(self) -> tuple[int, Any]:
        """Wait for the end; what the process left running is killed before its id is free again."""
        pid = self.process.pid
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with self._gate:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            self._reaped = True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.process.returncode, usage
