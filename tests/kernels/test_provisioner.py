"""The kernel ``spm``: used by stock Jupyter tools, and as good as an ordinary one."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

from spm_lib.kernels import offer_kernel
from spm_lib.kernels.kernelspec import NAME, PROVISIONER
from tests.kernels.processes import alive, parent_of, pids_in, runtime_of_its_own, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client"),
    pytest.mark.filterwarnings("ignore:.*:RuntimeWarning:zmq"),
]
ROOT = Path(__file__).resolve().parents[2]
PARENT = "open(f'/proc/{__import__(\"os\").getppid()}/cmdline').read()"
BY_FORK = f"print('kernels.server' in {PARENT})"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """One runtime folder, and so one server, for all tests of this file."""
    with runtime_of_its_own(tmp_path_factory.mktemp("kernels") / "run") as folder:
        yield folder


@pytest.fixture(autouse=True)
def offered(runtime, monkeypatch) -> None:
    """The kernel can be found, and so can the library in the kernel."""
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    offer_kernel()


class Kernel:
    """A running kernel, asked in code and answered in text."""

    def __init__(self, manager: KernelManager, client) -> None:
        self.manager, self.client = manager, client

    @property
    def info(self) -> dict:
        return asyncio.run(self.manager.provisioner.get_provisioner_info())

    def ask(self, code: str) -> str:
        told: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            told.append(content.get("text") or content.get("ename") or "")

        while (
            self.client.execute_interactive(code, output_hook=hear, timeout=30)["content"]["status"]
            == "aborted"
        ):  # what a kernel gets at once after an error, any kernel puts down unread
            told.clear()
        return "".join(told).strip()

    def interrupt_a_loop(self) -> str:
        request = self.client.execute("print('on', flush=True)\nwhile True: pass")
        until(lambda: self.client.get_iopub_msg(timeout=10)["content"].get("text") == "on\n")
        self.manager.interrupt_kernel()
        while True:
            reply = self.client.get_shell_msg(timeout=20)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"].get("ename", "no error")


@pytest.fixture
def kernel():
    """A kernel ``spm``."""
    manager, client = start_new_kernel(kernel_name=NAME, startup_timeout=60)
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0) if manager._created_context else None


def behaves_as_a_kernel(kernel: Kernel) -> None:
    """Interrupt, magics, restart, death and end, as with any kernel."""
    first = int(kernel.ask("import os; print(os.getpid())"))
    assert kernel.info["pid"] == first
    assert kernel.ask("!echo out of a shell") == "out of a shell"
    assert kernel.interrupt_a_loop() == "KeyboardInterrupt"
    assert kernel.ask("x = 1; print(x)") == "1"
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=30)
    assert kernel.ask("print('x' in dir())") == "False"
    second = int(kernel.ask("import os; print(os.getpid())"))
    assert not alive(first)
    kernel.client.execute("import os; os._exit(3)")
    assert until(lambda: not kernel.manager.is_alive())
    assert not alive(second)
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=30)
    third = kernel.info["pid"]
    kernel.manager.shutdown_kernel()
    assert not alive(third)


def test_a_forked_kernel_is_a_kernel(kernel) -> None:
    assert kernel.info["forked"], kernel.info["reason"]
    assert kernel.ask(BY_FORK) == "True"
    assert kernel.ask("import sys; print(sys.modules['debugpy'])") == "None"
    targets = "import comm; print('jupyter.widget.control' in comm.get_comm_manager().targets)"
    assert kernel.ask(targets) == "True"  # so a page gets all its widgets at once, not one by one
    limit = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    assert kernel.ask(limit) == str(4 * 1024**3)
    assert kernel.ask("bytearray(6 * 1024**3)") == "MemoryError"
    behaves_as_a_kernel(kernel)


def test_where_no_server_can_be_an_ordinary_kernel_is_one_all_the_same(
    tmp_path, monkeypatch, request
) -> None:
    folder = tmp_path / f"spm-kernels-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    kernel = request.getfixturevalue("kernel")
    assert not kernel.info["forked"]
    assert "only you may enter" in kernel.info["reason"]
    assert kernel.ask(BY_FORK) == "False"
    behaves_as_a_kernel(kernel)


def test_a_kernel_dies_with_who_started_it(tmp_path) -> None:
    noted = tmp_path / "pid"
    code = f"""
    import time
    from jupyter_client.manager import start_new_kernel
    from spm_lib.kernels import offer_kernel
    manager, client = start_new_kernel(kernel_name=offer_kernel())
    open({str(noted)!r}, "w").write(f"{{manager.provisioner.pid}}\\n")
    time.sleep(300)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL
    ) as starter:
        assert until(lambda: pids_in(noted), seconds=60)
        (pid,) = pids_in(noted)
        assert b"kernels.server" in Path(f"/proc/{parent_of(pid)}/cmdline").read_bytes()
        starter.kill()
    assert until(lambda: not alive(pid))


def a_notebook(path: Path, *cells: str) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    book.metadata["kernelspec"] = {"name": NAME, "display_name": NAME, "language": "python"}
    path.write_text(nbformat.writes(book), encoding="utf-8")
    return path


def test_stock_papermill_uses_it(tmp_path) -> None:
    from papermill import execute_notebook

    page = a_notebook(tmp_path / "page.ipynb", "number = 1", f"print(number + 1); {BY_FORK}")
    book = nbformat.read(page, as_version=4)
    book.cells[0].metadata["tags"] = ["parameters"]
    page.write_text(nbformat.writes(book), encoding="utf-8")
    made = execute_notebook(
        str(page), None, parameters={"number": 41}, kernel_name=NAME, progress_bar=False
    )
    assert made.cells[-1].outputs[0].text == "42\nTrue\n"


@pytest.fixture
def installed() -> None:
    """Tools in processes of their own find the kernel by the library's installed entry point."""
    found = entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER)
    assert found, "run `make setup` (pip install -e .): this environment's entry points are older"


def test_stock_nbval_uses_it(tmp_path, installed) -> None:
    page = a_notebook(tmp_path / "page.ipynb", "import polars", BY_FORK)
    book = nbformat.read(page, as_version=4)
    book.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="True\n")]
    book.cells[1].execution_count = 2
    page.write_text(nbformat.writes(book), encoding="utf-8")
    options = ["-q", "-p", "no:randomly", "--nbval", "--nbval-kernel-name", NAME, "-c", os.devnull]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(page)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_stock_voila_uses_it(tmp_path, installed) -> None:
    pytest.importorskip("voila")
    page = a_notebook(tmp_path / "page.ipynb", f"print('forked', 'kernels.server' in {PARENT})")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "voila", str(page), "--no-browser", "--Voila.ip=127.0.0.1"]
    with subprocess.Popen(
        [*command, f"--port={port}"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
    ) as voila:
        try:
            assert any(
                f":{port}/" in line for line in voila.stderr
            )  # it says where, once it serves
            with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                shown = answer.read().decode()
        finally:
            voila.send_signal(signal.SIGKILL)
    assert "forked True" in shown, shown[-2000:]


def test_a_report_in_a_fork_imports_nothing_more() -> None:
    """The warm list holds all that a report needs; measured on the one that needs the most."""
    from nbclient import NotebookClient

    folder = ROOT / "notebooks" / "reports"
    book = nbformat.read(folder / "reps.ipynb", as_version=4)
    tell = "import sys, spm_lib.kernels.child as c; print(*{*sys.modules} - c.imported_before)"
    book.cells.append(nbformat.v4.new_code_cell(tell))
    NotebookClient(book, kernel_name=NAME, resources={"metadata": {"path": str(folder)}}).execute()
    assert book.cells[-1].outputs[0].text.split() == []
