"""A papermill engine that runs the cells in this very process: one process, one report.

It is for a process made for one report only, a child of the fork server: what a notebook does to
modules, folders and the environment ends with it. Widgets, ``input`` and messages to a front end
are not there; a notebook that needs them runs in a kernel (see ``needs_kernel``).
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

from spm_lib.reports.blocks import MIME
from spm_lib.reports.runs.parameters import source_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

_KERNEL_ONLY = re.compile(
    r"^\s*[%!?]|^\s*(?:from|import)\s+(?:ipywidgets|anywidget)\b|\binput\(|\?\s*$", re.MULTILINE
)


class CellTimeoutError(RuntimeError):
    """A cell ran longer than it may."""


def needs_kernel(notebook: Mapping[str, Any]) -> bool:
    """Say whether a notebook asks for what only a kernel has: magics, widgets, input.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": "import ipywidgets"}
    >>> needs_kernel({"cells": [cell]}), needs_kernel({"cells": [{**cell, "source": "x = 5 % 3"}]})
    (True, False)
    """
    codes = (source_of(c) for c in notebook["cells"] if c["cell_type"] == "code")
    return any(_KERNEL_ONLY.search(code) for code in codes)


class Recorder:
    """Collects what one cell shows, in its order, as a notebook keeps it."""

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []
        self.count: int | None = None

    def stream(self, name: str, text: str) -> None:
        """Add printed text; what follows on the same stream joins what is there."""
        from nbformat.v4 import new_output

        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            self.outputs.append(new_output("stream", name=name, text=text))

    def shown(self, kind: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Add something displayed, or the value of the cell."""
        from nbformat.v4 import new_output

        more = {"execution_count": self.count} if kind == "execute_result" else {}
        self.outputs.append(new_output(kind, data=_kept(data), metadata=dict(metadata), **more))

    def failed(self, name: str, value: str, traceback: list[str]) -> None:
        """Add the error that ended the cell."""
        from nbformat.v4 import new_output

        self.outputs.append(new_output("error", ename=name, evalue=value, traceback=traceback))


def _kept(data: Mapping[str, Any]) -> NotebookNode:
    """Return what was shown as a notebook has it; what an analyst may still change is copied.

    A block's payload is new each time, and has thousands of parts that no node is made of.
    """
    from nbformat import NotebookNode, from_dict

    kept = NotebookNode()
    dict.update(kept, {k: v if k == MIME else from_dict(v) for k, v in data.items()})
    return kept


class _Stream:
    """What a cell prints to; ``sys.stdout`` and ``sys.stderr`` while it runs."""

    encoding = "utf-8"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def write(self, text: str) -> int:
        self._recorder.stream(self._name, str(text))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False


def make_shell(recorder: Recorder) -> Any:
    """Return this process's IPython shell; what it shows goes to the recorder.

    It keeps no history on disk and starts no thread for it.
    """
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Values(DisplayHook):
        """Records the value of a cell."""

        def start_displayhook(self) -> None:
            """Print no number before it."""

        def write_output_prompt(self) -> None:
            """Print no number before it."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            recorder.shown("execute_result", format_dict, md_dict or {})

        def finish_displayhook(self) -> None:
            """Print no line end after it."""

    class Shown(DisplayPublisher):
        """Records what a cell displays."""

        def publish(self, data: Any, metadata: Any = None, *_more: Any, **_named: Any) -> None:
            recorder.shown("display_data", data, metadata or {})

        def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002, FBT001
            recorder.outputs.clear()

    class Shell(InteractiveShell):
        """A shell that records its errors."""

        displayhook_class = Values
        display_pub_class = Shown

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            recorder.failed(etype.__name__, str(evalue), list(stb))

        def init_history(self) -> None:
            """Keep what history needs in memory only."""
            self.config.HistoryManager.enabled = False
            super().init_history()

        def enable_gui(self, gui: Any = None) -> None:
            """There is no window here."""

    return Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Stop what runs inside after some seconds, where the system can; native code is not broken."""
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise CellTimeoutError(f"the cell ran longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_cells(manager: Any, *, timeout: float | None) -> None:
    """Run the code cells of a papermill manager's notebook, up to the first that fails."""
    recorder = Recorder()
    shell = make_shell(recorder)
    if "" not in sys.path:
        sys.path.insert(0, "")
    for index, cell in enumerate(manager.nb.cells):
        manager.cell_start(cell, index)
        try:
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            error = _run_cell(shell, recorder, cell, timeout=timeout)
            if error is not None:
                manager.cell_exception(cell, index, exception=error)
                break
        finally:
            manager.cell_complete(cell, index)


def _run_cell(
    shell: Any, recorder: Recorder, cell: NotebookNode, *, timeout: float | None
) -> BaseException | None:
    recorder.outputs = cell["outputs"] = []
    recorder.count = shell.execution_count
    out, err = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")
    with redirect_stdout(out), redirect_stderr(err), limited(timeout):  # type: ignore[type-var]
        result = shell.run_cell(cell.source, store_history=True)
    cell["execution_count"] = recorder.count
    return result.error_before_exec or result.error_in_exec
