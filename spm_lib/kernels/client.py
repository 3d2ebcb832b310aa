"""A fork server of one's own: calls in processes of their own, a few at once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import IO, Any

from spm_lib.kernels.forked_process import ForkedProcess, NotForkedError
from spm_lib.kernels.forking import why_not_here
from spm_lib.kernels.job import DEFAULT_MEMORY, Job
from spm_lib.kernels.ordinary import OrdinaryProcess
from spm_lib.kernels.outcome import KILLED, Ended, Outcome
from spm_lib.kernels.starting import import_path, start_server
from spm_lib.kernels.warm import LIBRARIES


class Handle:
    """One call that was asked for: wait for it, or kill it."""

    def __init__(self) -> None:
        self.future: Future[Outcome] = Future()
        self.process: ForkedProcess | OrdinaryProcess | None = None
        self.killed = False
        self._gate = threading.Lock()

    @property
    def done(self) -> bool:
        """Whether the call has ended."""
        return self.future.done()

    def wait(self, timeout: float | None = None) -> Outcome:
        """Wait for the end of the call and return how it ended.

        Raises
        ------
        TimeoutError
            If it still runs when the time is up; it goes on.
        """
        return self.future.result(timeout)

    def kill(self) -> None:
        """End the call, running or not yet begun, with all that it has started."""
        with self._gate:
            self.killed = True
            if self.process is not None:
                self.process.kill()

    def hold(self, process: ForkedProcess | OrdinaryProcess | None) -> None:
        """Note which process does the call now."""
        with self._gate:
            self.process = process
            if self.killed and process is not None:
                process.kill()


class ForkServer:
    """Runs functions in processes of their own, forked from one that has imported everything.

    Where no process can be forked - on Windows and macOS, when a thread runs in the server, when
    the server has died - an ordinary process does the same work, and the outcome says so. A call
    whose server died in the middle is made once more: write files whole.

    Parameters
    ----------
    warm
        Modules to import beside the usual libraries, or ``module:function`` to call as well.
    at_once
        The most calls that run at the same time.
    memory
        Bytes of memory that one call may hold; None: no limit.
    threads
        Threads that polars may use in one call; None: as many as there are processors.

    Examples
    --------
    >>> with ForkServer(libraries=()) as server:
    ...     server.call("textwrap:shorten", {"text": "a long line", "width": 8}).wait().value
    'a [...]'
    """

    def __init__(
        self,
        warm: Iterable[str] = (),
        *,
        at_once: int = 2,
        memory: int | None = DEFAULT_MEMORY,
        threads: int | None = None,
        libraries: Iterable[str] = LIBRARIES,
    ) -> None:
        self.warm = (*libraries, *warm)
        self.at_once, self.memory, self.threads = at_once, memory, threads
        self.process: subprocess.Popen[bytes] | None = None
        self.reason = why_not_here()
        self._number = count(1)
        self._handles: set[Handle] = set()

    @staticmethod
    def available() -> bool:
        """Say whether processes can be forked on this system."""
        return not why_not_here()

    def __enter__(self) -> ForkServer:
        """Start the server; it warms up while the first calls are prepared."""
        self._folder = Path(tempfile.mkdtemp(prefix="spm-"))
        self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="spm-call")
        if not self.reason:
            try:
                with self._log_file(self._folder / "server.log") as log:
                    self.process = start_server(
                        self._address,
                        warm=self.warm,
                        at_once=self.at_once,
                        log=log,
                        environment={**os.environ, **self._own, "PYTHONPATH": import_path()},
                    )
            except OSError as error:
                self.reason = f"the fork server did not start: {error}"
        return self

    def __exit__(self, *_: object) -> None:
        """End everything that still runs, and the server."""
        for handle in list(self._handles):
            handle.kill()
        self._pool.shutdown(wait=True)
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _own(self) -> dict[str, str]:
        """Variables that both kinds of process need from their start: imports read them."""
        own = {"OPENBLAS_NUM_THREADS": "1"}
        if self.threads is not None:
            own["POLARS_MAX_THREADS"] = str(self.threads)
        return own

    @property
    def _address(self) -> Path:
        return self._folder / "server.sock"

    def call(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        log: str | Path | None = None,
        timeout: float | None = None,
        folder: str | Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Handle:
        """Call a function in a process of its own, as soon as there is a place.

        Parameters
        ----------
        function
            ``"module:function"``; it takes and returns plain JSON. Data travels as files.
        arguments
            Its keyword arguments.
        log
            File to which standard output and error are appended; None: nowhere.
        timeout
            Seconds from its start after which it is killed.
        folder
            Its working folder; ours by default.
        environment
            Variables to set beside our own.

        Raises
        ------
        TypeError
            If the arguments are not plain JSON.
        """
        json.dumps(arguments)  # what cannot travel fails here, not in the other process
        answer = self._folder / f"{next(self._number)}.json"
        job = Job(
            function=function,
            arguments=arguments,
            environment={**os.environ, **self._own, **(environment or {})},
            folder=str(Path(folder or ".").resolve()),
            memory=self.memory,
            timeout=timeout,
            answer=str(answer),
        )
        handle = Handle()
        self._handles.add(handle)
        handle.future.add_done_callback(lambda _: self._handles.discard(handle))
        self._pool.submit(self._settle, handle, job, Path(log) if log else None)
        return handle

    def _settle(self, handle: Handle, job: Job, log: Path | None) -> None:
        try:
            handle.future.set_result(self._made(handle, job, log))
        except BaseException as error:
            handle.future.set_exception(error)

    def _made(self, handle: Handle, job: Job, log: Path | None) -> Outcome:
        with self._log_file(log) as file:
            reason = self.reason
            if not reason and not handle.killed:
                try:
                    return _outcome(self._forked(handle, job, file), job)
                except NotForkedError as refused:
                    reason = refused.reason
            if handle.killed:
                return Outcome(None, cause=KILLED, forked=not self.reason, reason=self.reason)
            return _outcome(self._ordinary(handle, job, file), job, reason=reason)

    def _forked(self, handle: Handle, job: Job, log: IO[bytes]) -> Ended:
        process = ForkedProcess(self._address, job, files=[log.fileno(), log.fileno()])
        handle.hold(process)
        try:
            process.started().wait()
        finally:
            handle.hold(None)
            process.close()
        assert process.ended is not None
        return process.ended

    def _ordinary(self, handle: Handle, job: Job, log: IO[bytes]) -> Ended:
        process = OrdinaryProcess(job, log=log)
        handle.hold(process)
        try:
            return process.wait()
        finally:
            handle.hold(None)

    @staticmethod
    def _log_file(path: Path | None) -> IO[bytes]:
        return (path or Path(os.devnull)).open("ab")


def finished(handles: Iterable[Handle]) -> Iterator[Handle]:
    """Give handles one by one as their calls end."""
    by_future = {handle.future: handle for handle in handles}
    for future in as_completed(by_future):
        yield by_future[future]


def ended_among(handles: Iterable[Handle], *, patience: float | None = None) -> set[Handle]:
    """Wait until a call has ended, or our patience (seconds) has; return those that have ended.

    Examples
    --------
    >>> with ForkServer(libraries=()) as server:
    ...     call = server.call("math:floor", {"x": 2.5})
    ...     ended_among([call]) == {call}
    True
    """
    by_future = {handle.future: handle for handle in handles}
    done, _ = wait(by_future, timeout=patience, return_when=FIRST_COMPLETED)
    return {by_future[future] for future in done}


def _outcome(ended: Ended, job: Job, *, reason: str = "") -> Outcome:
    """Return how a call ended together with the answer that it left."""
    answer: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):  # it did not come so far
        answer = json.loads(Path(job.answer).read_text(encoding="utf-8"))
    return Outcome(
        **asdict(ended),
        value=answer.get("value"),
        error=answer.get("error", ""),
        forked=not reason,
        reason=reason,
        imported=tuple(answer.get("imported", ())),
    )
