"""What a process of its own does with a job, whether it was forked or started in the usual way."""

from __future__ import annotations

import atexit
import gc
import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import traceback
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.kernels.bounds import die_with, limit_memory
from spm_lib.kernels.job import Job

MOST_ANSWER = 1024 * 1024
SELDOM = 100_000  # new objects after which a process that ends with its call looks for garbage
imported_before: frozenset[str] = frozenset()
"""The modules that were there when this process was forked; empty in an ordinary one."""


def be_forked(job: Job, *, parent: int, files: Sequence[int], close: Sequence[int]) -> NoReturn:
    """Do a job in a process that was forked a moment ago, and end it.

    Parameters
    ----------
    job
        What to do.
    parent
        The server; the child dies with it.
    files
        Descriptors that become standard output and error.
    close
        Descriptors of the server, which are none of the child's business.
    """
    status = 1
    try:
        os.setsid()
        die_with(parent)
        _plug(files, close)
        _reset_signals()
        _start_afresh()
        status = do(job)
    except SystemExit as ending:
        status = _status_of(ending)
    except BaseException:
        traceback.print_exc()
    _finish(status)


def do(job: Job) -> int:
    """Do a job in this process and return the exit status it should end with."""
    if not job.kernel:
        return call(job)
    settle_in(job)
    return be_kernel(job.kernel)


def settle_in(job: Job) -> None:
    """Take the environment, the folder and the bounds that the job is to have."""
    os.environ.clear()
    os.environ.update(job.environment)
    if hasattr(time, "tzset"):
        time.tzset()
    os.chdir(job.folder)
    limit_memory(job.memory)


def call(job: Job) -> int:
    """Call the job's function and write down what came of it."""
    answer: dict[str, Any] = {}
    status = 0
    gc.set_threshold(SELDOM)
    try:
        settle_in(job)
        answer["value"] = find_function(job.function)(**job.arguments)
        text = _answer_text(answer)
    except SystemExit as ending:
        status, text = _status_of(ending), "{}"
    except BaseException as error:
        traceback.print_exc()
        status, text = 1, _answer_text({"error": _told(error)})
    if job.answer:
        Path(job.answer).write_text(text, encoding="utf-8")
    return status


def find_function(name: str) -> Any:
    """Return the function that ``module:function`` names.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> find_function("math:floor")(2.5)
    2
    """
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ParameterError(
            "There is no such function to call.",
            found=f"'{name}' ({error})",
            do="Name it as module:function",
        ) from error


def be_kernel(arguments: Sequence[str]) -> int:
    """Be a Jupyter kernel until it is shut down."""
    from ipykernel.kernelapp import IPKernelApp

    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "", *arguments]
    app = IPKernelApp.instance()
    app.initialize([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    _offer_widgets()
    app.start()
    return 0


def _offer_widgets() -> None:
    """Let pages ask for widgets: ipywidgets offers them when a kernel imports it, not before.

    Where it was imported before there was a kernel, a page would ask in vain and then fetch its
    widgets one by one.
    """
    widgets = sys.modules.get("ipywidgets")
    if widgets is not None:
        widgets.register_comm_target()


def _answer_text(answer: dict[str, Any]) -> str:
    if imported_before:
        answer["imported"] = sorted(set(sys.modules) - imported_before)
    text = json.dumps(answer, allow_nan=False)
    if len(text) > MOST_ANSWER:
        raise ParameterError(
            "A function called in a process of its own returned too much.",
            found=f"{len(text):,} characters of JSON, the most is {MOST_ANSWER:,}",
            do="Write data to a file and return its path",
        )
    return text


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, SpmError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _status_of(ending: SystemExit) -> int:
    """Return the exit status of a SystemExit, as Python itself counts it."""
    if ending.code is None:
        return 0
    if isinstance(ending.code, int):
        return ending.code & 0xFF
    print(ending.code, file=sys.stderr)  # noqa: T201
    return 1


def _plug(files: Sequence[int], close: Sequence[int]) -> None:
    """Connect the standard files, and let go of what belongs to the server."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for goal, file in zip((1, 2), files, strict=True):
        os.dup2(file, goal)
    for descriptor in {nothing, *files, *close} - {0, 1, 2}:
        os.close(descriptor)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _start_afresh() -> None:
    """Make this process as one that was just started: own chance, own main module, no arguments."""
    global imported_before
    imported_before = frozenset(sys.modules)
    sys.argv = [""]
    sys.modules["__main__"] = types.ModuleType("__main__")
    if "numpy.random" in sys.modules:  # Python's own generator knows that it was forked
        sys.modules["numpy.random"].seed()


def _finish(status: int) -> NoReturn:
    """End as a Python process ends, but without taking its modules apart."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _end_with_the_caller(lifeline: int) -> None:
    """End this process as soon as whoever started it lets go of the other end."""
    while os.read(lifeline, 4096):
        pass
    os._exit(1)


def main() -> NoReturn:
    """Do the job that is written on standard input, in an ordinary process."""
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(0, 65_536)
        if not part:
            os._exit(1)
        line += part
    lifeline = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=_end_with_the_caller, args=[lifeline], daemon=True).start()
    sys.exit(do(Job.read(json.loads(line))))


if __name__ == "__main__":
    main()
