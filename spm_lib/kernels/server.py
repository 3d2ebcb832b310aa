"""The fork server: a process that has imported everything and forks one child per job.

``python -m spm_lib.kernels.server`` is started by ``starting.start_server`` with a listening
socket. One connection asks for one job: the child lives no longer than its connection, and the
server no longer than its owner. The server has one thread, imports, and never computes anything.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource  # noqa: F401  (each child limits itself with it)
import selectors
import signal
import socket
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from spm_lib.kernels.asked import Asked
from spm_lib.kernels.child import be_forked
from spm_lib.kernels.forking import lasting_threads
from spm_lib.kernels.warm import settle, source_files, stale_file, warm
from spm_lib.kernels.wire import HOLD, Wire

BLOCKED = "debugpy"  # it starts threads, and takes longer to import than all the rest


class Server:
    """Waits for jobs and forks.

    Parameters
    ----------
    listener
        The listening socket.
    address
        Where it listens: the file is removed in the end.
    at_once
        The most children at a time; further jobs wait.
    idle
        Seconds without any child after which it ends; None: it lives as long as its owner.
    files
        Source files as they were imported: if one changes, the server refuses and ends.
    """

    def __init__(
        self,
        listener: socket.socket,
        *,
        address: Path,
        at_once: int,
        idle: float | None = None,
        files: dict[str, int] | None = None,
    ) -> None:
        self.listener, self.address, self.at_once, self.idle = listener, address, at_once, idle
        self.files = files or {}
        self.selector = selectors.DefaultSelector()
        self.asked: set[Asked] = set()
        self.waiting: deque[Asked] = deque()
        self.ending = self.retired = False
        self.quiet_since = time.monotonic()

    @property
    def running(self) -> list[Asked]:
        """The connections whose child is alive."""
        return [asked for asked in self.asked if asked.pid is not None]

    def run(self, *, owner: int | None = None) -> None:
        """Serve until the owner lets go of the descriptor, or nobody has asked for long."""
        awake, alarm = socket.socketpair()
        for end in (awake, alarm, self.listener):
            end.setblocking(False)
        self._own = [self.listener, awake, alarm]
        signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "ending", True))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._watch(self.listener, self._accept)
        self._watch(awake, lambda: awake.recv(4096))
        if owner is not None:
            self._watch(owner, lambda: self._owner_speaks(owner))
        while not self._is_over():
            for key, _ in self.selector.select(self._patience()):
                key.data()
            self._settle_ended()
            self._stop_overdue()
            self._start_waiting()
        self._end()

    def _watch(self, source: int | socket.socket, act: Callable[[], object]) -> None:
        self.selector.register(source, selectors.EVENT_READ, act)

    def _owner_speaks(self, owner: int) -> None:
        self.ending = not os.read(owner, 4096)

    def _is_over(self) -> bool:
        if self.asked:
            self.quiet_since = time.monotonic()
        elif self.idle is not None and time.monotonic() - self.quiet_since >= self.idle:
            self._retire()
        return self.ending or (self.retired and all(asked.holding for asked in self.asked))

    def _patience(self) -> float | None:
        """Return how long nothing needs to be done."""
        now = time.monotonic()
        ends = [a.deadline for a in self.running if a.deadline is not None and not a.cause]
        if self.idle is not None and not self.asked:
            ends.append(self.quiet_since + self.idle)
        return max(0.0, min(ends) - now) if ends else None

    def _retire(self) -> None:
        """Take no new connections; those who stand in the door are still served."""
        if self.retired:
            return
        self.retired = True
        self.address.unlink(missing_ok=True)
        self._accept()
        self.selector.unregister(self.listener)
        self.listener.close()
        self._own.remove(self.listener)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setblocking(False)
            asked = Asked(Wire(connection))
            self.asked.add(asked)
            self._watch(connection, lambda asked=asked: self._hear(asked))

    def _hear(self, asked: Asked) -> None:
        messages = asked.wire.receive()
        if messages is None:
            self._forget(asked)
            return
        try:
            for message in messages:
                if message == HOLD:
                    asked.holding = True
                    self._tell(asked, **HOLD)
                elif asked.job is None:
                    asked.take(message)
                    self.waiting.append(asked)
                elif asked.pid is not None:
                    asked.signal(int(message["signal"]))
        except (KeyError, TypeError, ValueError):
            self._forget(asked)

    def _forget(self, asked: Asked) -> None:
        """Drop a connection whose other side is gone, and kill its child."""
        self.selector.unregister(asked.wire.connection)
        asked.wire.close()
        if asked in self.waiting:
            self.waiting.remove(asked)
        if asked.pid is None:
            self.asked.discard(asked)
        else:
            asked.orphaned = True
            asked.kill()

    def _settle_ended(self) -> None:
        for asked in self.running:
            ended = asked.ended()
            if ended is not None:
                self._tell_and_close(asked, ended=asdict(ended))

    def _stop_overdue(self) -> None:
        now = time.monotonic()
        for asked in self.running:
            if asked.deadline is not None and asked.deadline <= now:
                asked.kill("timeout")

    def _start_waiting(self) -> None:
        while self.waiting and len(self.running) < self.at_once:
            asked = self.waiting.popleft()
            reason, stale = self._refusal()
            if reason:
                self._tell_and_close(asked, refused=reason, stale=stale)
            else:
                self._fork(asked)
        for asked in self.waiting:
            if not asked.told_to_wait:
                asked.told_to_wait = True
                self._tell(asked, waiting=len(self.waiting))

    def _refusal(self) -> tuple[str, bool]:
        """Return why no fork is safe now, and whether a new server would do better."""
        bad = lasting_threads()
        if bad:
            return f"threads run in the fork server: {', '.join(bad)}", False
        stale = stale_file(self.files)
        if stale:
            self._retire()
            return f"{stale} has changed since it was imported", True
        return "", False

    def _fork(self, asked: Asked) -> None:
        assert asked.job is not None
        parent = os.getpid()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # our check knows the threads
                pid = os.fork()
        except OSError as error:
            self._tell_and_close(asked, refused=f"no process can be forked: {error}", stale=False)
            return
        if pid == 0:
            be_forked(asked.job, parent=parent, files=asked.wire.files, close=self._descriptors())
        asked.begin(pid)
        self._tell(asked, started=pid)

    def _descriptors(self) -> list[int]:
        """Return what a child must not hold: above all the connections of its neighbours."""
        connections = [a.wire.connection for a in self.asked if not a.orphaned]
        others = [f for a in self.asked for f in a.wire.files]
        own = [end.fileno() for end in (*self._own, *connections)]
        return [*own, *others, self.selector.fileno()]

    def _tell(self, asked: Asked, **message: object) -> None:
        with contextlib.suppress(OSError):  # who is gone is met at the next reading
            asked.wire.send(message)

    def _tell_and_close(self, asked: Asked, **message: object) -> None:
        self.asked.discard(asked)
        if not asked.orphaned:
            self._tell(asked, **message)
            self.selector.unregister(asked.wire.connection)
        asked.wire.close()

    def _end(self) -> None:
        """Kill every child, and leave nothing behind."""
        if not self.retired:
            self.address.unlink(missing_ok=True)
        running = self.running
        for asked in running:
            asked.kill()
        for asked in running:
            os.waitpid(asked.pid or 0, 0)


def main() -> None:
    """Import the warm list and serve."""
    began_in = Path.cwd()
    if sys.path and Path(sys.path[0] or ".").resolve() == began_in:
        del sys.path[0]  # where the server was started is no place to import from
    parser = argparse.ArgumentParser(prog="spm_lib.kernels.server", description=__doc__)
    parser.add_argument("--listen", type=int, required=True, help="descriptor of the socket")
    parser.add_argument("--address", type=Path, required=True, help="path of the socket")
    parser.add_argument("--at-once", type=int, default=2, help="the most children at a time")
    parser.add_argument("--owner", type=int, help="descriptor that tells when the owner is gone")
    parser.add_argument("--idle", type=float, help="seconds of silence after which to end")
    parser.add_argument("--watch-sources", action="store_true", help="end when a source changes")
    parser.add_argument("warm", nargs="*", help="modules to import, or module:function to call")
    given = parser.parse_args()
    if given.owner is None and os.fork():
        os._exit(0)  # nobody waits for a server without an owner
    listener = socket.socket(fileno=given.listen)
    sys.modules[BLOCKED] = None  # type: ignore[assignment]
    warm(given.warm)
    settle()
    files = source_files() if given.watch_sources else None
    server = Server(
        listener, address=given.address, at_once=given.at_once, idle=given.idle, files=files
    )
    server.run(owner=given.owner)


if __name__ == "__main__":
    main()
