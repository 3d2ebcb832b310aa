"""The fork server that all kernels of one user and one environment share, started on demand."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from spm_lib.kernels.forked_process import ForkedProcess, NotForkedError
from spm_lib.kernels.forking import why_not_here
from spm_lib.kernels.job import Job
from spm_lib.kernels.kernelspec import warm_list
from spm_lib.kernels.starting import start_server
from spm_lib.kernels.warm import LIBRARIES
from spm_lib.kernels.wire import HOLD, Wire, short_path

# Only these come into the server from whoever asks first; a kernel gets its own environment whole.
_READ_AT_IMPORT = ("PYTHON", "POLARS_")
_PASSED_ON = ("HOME", "LANG", "LANGUAGE", "PATH", "TMPDIR", "USER", "VIRTUAL_ENV")


@dataclass(frozen=True)
class SharedServer:
    """Where the shared server of an environment is, or will be.

    Parameters
    ----------
    folder
        A folder that only its owner may enter.
    environment
        Environment of the server; another one where what is read at imports differs.
    warm
        Modules it imports.
    at_once
        The most kernels it runs at the same time.
    idle
        Seconds without a kernel after which it ends.
    """

    folder: Path
    environment: Mapping[str, str]
    warm: tuple[str, ...]
    at_once: int = 64
    idle: float = 600.0

    @classmethod
    def of(
        cls, environment: Mapping[str, str], *, warm: Sequence[str], **options: float
    ) -> SharedServer:
        """Return the server for kernels with this environment.

        Raises
        ------
        NotForkedError
            If there is no safe place for its socket, or this system cannot fork.
        """
        why = why_not_here()
        if why:
            raise NotForkedError(why)
        kept = {
            name: value
            for name, value in environment.items()
            if name in _PASSED_ON or name.startswith((*_READ_AT_IMPORT, "LC_"))
        }
        return cls(runtime_folder(environment), kept, tuple(warm), **options)  # type: ignore[arg-type]

    @property
    def address(self) -> Path:
        """The path of its socket: another for each set of things that make servers differ."""
        read = {k: v for k, v in self.environment.items() if k.startswith(_READ_AT_IMPORT)}
        told = [sys.executable, sys.version, read, self.warm, self.at_once, self.idle]
        key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
        return self.folder / f"{key}.sock"

    def start(self, job: Job, *, files: Sequence[int], patience: float) -> ForkedProcess:
        """Have the server fork a child for a job; the server is started if it does not run.

        Raises
        ------
        NotForkedError
            If no child could be forked within our patience (seconds).
        """
        try:
            return self._ask(job, files, patience)
        except NotForkedError as refused:
            if not refused.stale and not refused.reason.startswith("the fork server ended"):
                raise
        return self._ask(
            job, files, patience
        )  # it was just about to end: once more, with a new one

    def hold(self) -> socket.socket:
        """Start the server if it does not run, and keep it warm until the connection is closed.

        Raises
        ------
        NotForkedError
            If it cannot be started.
        """
        held = self._knocked()
        if held is None:
            with self._starting():
                held = self._knocked()
                if held is None:
                    self._start()
                    held = self._knocked()
        if held is None:
            raise NotForkedError("the fork server is gone")
        return held

    def _knocked(self) -> socket.socket | None:
        """Return a connection that asks for no job; None where nobody listens."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with short_path(self.address) as path:
                connection.connect(path)
            Wire(connection).send(HOLD)
        except OSError:
            connection.close()
            return None
        return connection

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Let one start the server, and the others wait here until its socket is there."""
        import fcntl

        with (self.folder / "starting.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ask(self, job: Job, files: Sequence[int], patience: float) -> ForkedProcess:
        return self._connect(job, files).started(patience)

    def _connect(self, job: Job, files: Sequence[int]) -> ForkedProcess:
        try:
            return ForkedProcess(self.address, job, files=files)
        except NotForkedError:
            pass
        with self._starting():
            try:
                return ForkedProcess(self.address, job, files=files)
            except NotForkedError:
                self._start()
            return ForkedProcess(self.address, job, files=files)

    def _start(self) -> None:
        self.address.unlink(missing_ok=True)
        try:
            with self.address.with_suffix(".log").open("wb") as log:
                start_server(
                    self.address,
                    warm=self.warm,
                    at_once=self.at_once,
                    idle=self.idle,
                    log=log,
                    environment=self.environment,
                ).wait(30)
        except OSError as error:
            raise NotForkedError(f"the fork server did not start: {error}") from error


def runtime_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for sockets, made for its owner only.

    Raises
    ------
    NotForkedError
        If somebody else could enter it, or owns it.
    """
    base = environment.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(base, f"spm-kernels-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        told = folder.lstat()
    except OSError as error:
        raise NotForkedError(f"there is no place for its socket: {error}") from error
    private = stat.S_ISDIR(told.st_mode) and not told.st_mode & 0o077
    if not private or told.st_uid != os.getuid():
        raise NotForkedError(f"{folder} is not a folder that only you may enter")
    return folder


def keep_warm(environment: Mapping[str, str], *, patience: float = 60.0) -> socket.socket | None:
    """Start the server that kernels ``spm`` with this environment will be forked from.

    Returns once it is warm, or our patience (seconds) is at an end; it stays warm until the
    returned connection is closed. None where no process can be forked: kernels are ordinary ones
    there.
    """
    try:
        held = SharedServer.of(environment, warm=(*LIBRARIES, *warm_list())).hold()
    except NotForkedError:
        return None
    held.settimeout(patience)
    with suppress(OSError):
        held.recv(1)
    return held
