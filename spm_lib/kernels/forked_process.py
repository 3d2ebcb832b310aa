"""A process that a fork server made for us, held like a ``subprocess.Popen``."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from spm_lib.core.errors import SpmError
from spm_lib.kernels.job import Job
from spm_lib.kernels.outcome import Ended
from spm_lib.kernels.wire import Wire, short_path


class NotForkedError(SpmError):
    """No process was forked, or its server ended before it did; the job needs another way."""

    def __init__(self, reason: str, *, stale: bool = False, full: bool = False) -> None:
        super().__init__(f"No process was forked: {reason}.")
        self.reason, self.stale, self.full = reason, stale, full


class ForkedProcess:
    """One child of a fork server, which lives no longer than this connection to it.

    Parameters
    ----------
    address
        The server's socket.
    job
        What the child is to do.
    files
        Descriptors for the child's standard output and error.

    Raises
    ------
    NotForkedError
        If there is no server at the address.
    """

    stdin = stdout = stderr = None

    def __init__(self, address: Path, job: Job, *, files: Sequence[int]) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.wire = Wire(connection)
        self.args = job.function or list(job.kernel)
        self.pid = 0
        self.returncode: int | None = None
        self.ended: Ended | None = None
        self._life: int | None = None
        try:
            with short_path(address) as path:
                connection.connect(path)
            self.wire.send(job.to_dict(), files)
        except OSError as error:
            self.wire.close()
            raise NotForkedError("the fork server is gone") from error

    def started(self, patience: float | None = None) -> ForkedProcess:
        """Wait until the child runs, which may take until the server is warm, and return self.

        Raises
        ------
        NotForkedError
            If the server will not fork, is gone, or is too slow for our patience.
        """
        until = None if patience is None else time.monotonic() + patience
        full = False
        while not self.pid:
            if not self._readable(until):
                self.close()
                reason = "all its places are taken" if full else "the fork server does not answer"
                raise NotForkedError(reason, full=full)
            for message in self._messages():
                full = "waiting" in message
                if "refused" in message:
                    self.close()
                    raise NotForkedError(message["refused"], stale=message["stale"])
                self._take(message)
        return self

    def poll(self) -> int | None:
        """Return the return code, negative for a signal; None while the child runs."""
        while self.returncode is None and self._readable(time.monotonic()):
            with contextlib.suppress(NotForkedError):
                self._note()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the child to end and return its return code.

        Raises
        ------
        subprocess.TimeoutExpired
            If it still runs when the time is up.
        NotForkedError
            If the server ended first; the child has ended then, too.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            if not self._readable(until):
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._note()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the child and all that it has started."""
        if self.returncode is None:
            with contextlib.suppress(OSError):
                self.wire.send({"signal": int(number)})

    def terminate(self) -> None:
        """Ask the child to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the child and all that it has started, also while it waits for its turn."""
        if self.pid:
            self.send_signal(signal.SIGKILL)
        else:
            with contextlib.suppress(OSError):
                self.wire.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection: a child that still runs is killed."""
        self.wire.close()
        if self._life is not None:
            os.close(self._life)
            self._life = None

    def _note(self) -> None:
        """Read what the server tells about a child that has started."""
        try:
            messages = self._messages()
        except NotForkedError:
            self._die_with_the_server()
            raise
        for message in messages:
            self._take(message)

    def _take(self, message: dict) -> None:
        """Note that the child has started or ended; both may come in one breath."""
        if "started" in message:
            self.pid = message["started"]
            with contextlib.suppress(OSError):  # it may have ended already
                self._life = os.pidfd_open(self.pid)
        if "ended" in message:
            self.ended = Ended(**message["ended"])
            status, number = self.ended.status, self.ended.signal
            self.returncode = status if status is not None else -(number or 0)
            self.close()

    def _die_with_the_server(self) -> None:
        """Wait until the child, too, is gone: the system kills it when its server ends."""
        if self._life is not None:
            _readable(self._life, 10)
        self.returncode = -signal.SIGKILL
        self.close()

    def _messages(self) -> list[dict]:
        messages = self.wire.receive()
        if messages is None:
            if not self.pid:
                self.close()
            raise NotForkedError("the fork server ended in the middle")
        return messages

    def _readable(self, until: float | None) -> bool:
        """Wait until something can be read; say whether it can before the time is up."""
        patience = None if until is None else max(0.0, until - time.monotonic())
        return _readable(self.wire.connection.fileno(), patience)


def _readable(descriptor: int, seconds: float | None) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if seconds is None else seconds * 1000))
