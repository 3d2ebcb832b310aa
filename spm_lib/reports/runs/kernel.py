"""Running a notebook: in a kernel of this interpreter or in this process, watched cell by cell."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from spm_lib.reports.runs.inprocess import run_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE = "spm"
Way = Literal["kernel", "in-process"]
CellDone = Callable[[int, int], None]


@dataclass
class Timings:
    """Seconds spent: starting the kernel, importing, running the cells, drawing the page."""

    kernel_start: float = 0.0
    imports: float = 0.0
    execution: float = 0.0
    rendering: float = 0.0

    def to_dict(self) -> dict[str, float]:
        """Return the seconds, rounded to milliseconds."""
        return {name: round(seconds, 3) for name, seconds in vars(self).items()}


@dataclass
class Watch:
    """Follows one run: tells how far it is, and where the time went."""

    cell_done: CellDone | None = None
    timings: Timings = field(default_factory=Timings)
    began: float = field(default_factory=time.perf_counter)
    cell_began: float = 0.0

    def cell_start(self, index: int) -> None:
        """Note that a cell starts; before the first one the kernel was starting."""
        self.cell_began = time.perf_counter()
        if index == 0:
            self.timings.kernel_start = self.cell_began - self.began

    def cell_complete(self, index: int, *, source: str, total: int) -> None:
        """Note that a cell is done, and tell whoever shows the progress."""
        seconds = time.perf_counter() - self.cell_began
        if only_imports(source):
            self.timings.imports += seconds
        else:
            self.timings.execution += seconds
        if self.cell_done:
            self.cell_done(index + 1, total)


def only_imports(source: str) -> bool:
    """Say whether a cell does nothing but import.

    Examples
    --------
    >>> only_imports("from spm_lib.reports import FunnelPage"), only_imports("x = 1")
    (True, False)
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return bool(body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)


@dataclass(frozen=True)
class Stopped:
    """Why a notebook did not run to its end: the cell (from 1), its text, and the cause."""

    cell: int
    source: str
    cause: str


def execute(
    notebook: Path,
    *,
    parameters: Mapping[str, Any],
    watch: Watch,
    folder: Path | None = None,
    way: Way = "kernel",
    timeout: float | None = None,
) -> tuple[NotebookNode, Stopped | None]:
    """Run a notebook through papermill, in a kernel or in this process.

    Parameters
    ----------
    notebook
        The notebook; it is not changed.
    parameters
        Parameters, already checked.
    watch
        Follows the run.
    folder
        The working folder; the notebook's own by default.
    way
        "kernel": a kernel of this interpreter; "in-process": here, for a process made for this
        report only.
    timeout
        Seconds a cell may run.

    Returns
    -------
    tuple[NotebookNode, Stopped | None]
        The notebook as far as it was executed, and where and why it stopped, if it did.
    """
    from nbclient.exceptions import CellControlSignal, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook, raise_for_execution_errors

    engine = _engine(watch, timeout=timeout) if way == "kernel" else _here(watch, timeout=timeout)
    papermill_engines.register(ENGINE, engine)
    prepared = execute_notebook(
        str(notebook),
        None,
        parameters=dict(parameters),
        engine_name=ENGINE,
        kernel_name="python3",
        language="python",
        prepare_only=True,  # what papermill does after it would write the whole notebook once more
    )
    try:
        with chdir(folder or notebook.resolve().parent):
            papermill_engines.execute_notebook_with_engine(ENGINE, prepared, kernel_name="python3")
        raise_for_execution_errors(engine.executed, None)
    except PapermillExecutionError as error:
        return engine.executed, _stopped(engine.executed, f"{error.ename}: {error.evalue}")
    except (DeadKernelError, CellControlSignal):
        cause = "the kernel died, as it does when memory runs out or native code crashes"
        return engine.executed, _stopped(engine.executed, cause)
    return engine.executed, None


def _stopped(notebook: NotebookNode, cause: str) -> Stopped:
    """Return the first cell that failed or was still running."""
    own = [
        c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", ())
    ]
    for number, cell in enumerate(own, start=1):
        if cell.metadata.papermill["status"] in ("failed", "running"):
            return Stopped(number, cell.source, cause)
    return Stopped(len(own), own[-1].source, cause)


def _manager(watch: Watch) -> Any:
    """Return papermill's manager of a run, telling a watch about each cell."""
    from papermill.engines import NotebookExecutionManager

    class Manager(NotebookExecutionManager):
        """Tells the watch about each cell."""

        def cell_start(self, cell: Any, cell_index: Any = None, **kwargs: Any) -> None:
            super().cell_start(cell, cell_index, **kwargs)
            watch.cell_start(cell_index)

        def cell_complete(self, cell: Any, cell_index: Any = None, **kwargs: Any) -> None:
            super().cell_complete(cell, cell_index, **kwargs)
            watch.cell_complete(cell_index, source=cell["source"], total=len(self.nb.cells))

    return Manager


def _here(watch: Watch, *, timeout: float | None) -> Any:
    """Return a papermill engine that runs the cells in this process."""
    from papermill.engines import Engine

    manage = _manager(watch)

    class InProcessEngine(Engine):
        """Papermill's parameters, metadata and errors, without a kernel."""

        executed: Any = None

        @classmethod
        def execute_notebook(cls, nb: Any, *_: Any, **_options: Any) -> Any:
            manager = manage(nb, progress_bar=False, autosave_cell_every=0)
            cls.executed = nb
            manager.notebook_start()
            try:
                run_cells(manager, timeout=timeout)
            finally:
                manager.notebook_complete()
            return manager.nb

    return InProcessEngine


def _engine(watch: Watch, *, timeout: float | None) -> Any:
    """Return a papermill engine that reports to a watch and saves nothing on the way."""
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine

    manage = _manager(watch)

    class OwnKernelEngine(NBClientEngine):
        """Papermill's stock engine with the running interpreter as its kernel."""

        executed: Any = None

        @classmethod
        def execute_notebook(cls, nb: Any, kernel_name: Any, *_: Any, **_options: Any) -> Any:
            manager = manage(nb, progress_bar=False, autosave_cell_every=0)
            cls.executed = nb
            manager.notebook_start()
            try:
                client = PapermillNotebookClient(
                    manager,
                    kernel_manager_class=_own_kernel(),
                    kernel_name=kernel_name,
                    startup_timeout=120,
                    timeout=timeout,
                    extra_arguments=["--IPKernelApp.log_level=50"],
                )
                client.execute()
            finally:
                manager.notebook_complete()
            return manager.nb

    return OwnKernelEngine


def _own_kernel() -> Any:
    """Return a manager whose ``python3`` is this interpreter, whatever is installed elsewhere.

    Where the system can, kernel and runner talk through files only their owner may open.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernel(AsyncKernelManager):
        """Starts this interpreter's kernel."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])
            if os.name == "posix":
                self.transport = "ipc"

    return OwnKernel
