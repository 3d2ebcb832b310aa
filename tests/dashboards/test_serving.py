"""How a dashboard's server begins and ends: ports in use, a quiet log, kernels that are left."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SPM = "from spm_lib.cli import main; main()"
IMPATIENT = """
from spm_lib.dashboards import serve as serving
import spm_lib.dashboards.serve
module = __import__("sys").modules["spm_lib.dashboards.serve"]
module._LEFT_SECONDS, module._LOOK_SECONDS = {left}, 1
serving({workspace!r}, name="what_if", port=0)
"""


def run(code: str, *args: str | Path, log: Path) -> subprocess.Popen[str]:
    """Start a process whose stderr goes to a file."""
    line = [sys.executable, "-c", code, *map(str, args)]
    with log.open("w") as said:
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT)


def ask(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def kernel_of(page: str) -> str:
    """Return the id of the kernel that a page runs on."""
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert found, page[:2000]
    return found[1]


def test_a_port_in_use_is_told_and_no_address_is(sample_workspace, tmp_path) -> None:
    """Before, the address of the other server was printed, then a line of Voila's log."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        log = tmp_path / "log.txt"
        server = run(SPM, "dashboard", "-w", sample_workspace, "--port", port, log=log)
        said, _ = server.communicate(timeout=120)
    assert (server.returncode, said) == (1, "")
    told = log.read_text()
    assert told.startswith(f"Error: The port {port} cannot be served on. Found: Address already in")
    assert told.count("\n") == 1


@pytest.fixture
def served(sample_workspace, tmp_path):
    """A server on any free port, and its log."""
    started = []

    def start(left: int) -> tuple[subprocess.Popen[str], str, Path]:
        log = tmp_path / "log.txt"
        code = IMPATIENT.format(workspace=str(sample_workspace), left=left)
        server = run(code, log=log)
        started.append(server)
        assert server.stdout
        address = server.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address), log.read_text()
        return server, address, log

    yield start
    for server in started:
        server.kill()
        server.wait()
        server.stdout.close()


def test_the_address_answers_as_soon_as_it_is_told_and_kernels_end_with_their_page(served) -> None:
    """Four pages that nobody looked at any longer left four kernels for ten minutes."""
    server, address, log = served(5)
    pages = [ask(address) for _ in range(2)]
    assert [status for status, _ in pages] == [200, 200]
    left = {kernel_of(page) for _, page in pages}
    assert len(left) == 2
    until = time.monotonic() + 30
    while left and time.monotonic() < until:
        left = {one for one in left if ask(f"{address}api/kernels/{one}")[0] == 200}
        time.sleep(0.3)
    assert not left
    refused = ("404 GET /api/kernels/", "wrote error: 'Kernel does not exist")  # our own questions
    assert [x for x in log.read_text().splitlines() if not x.startswith(refused)] == []
    assert server.poll() is None


@pytest.mark.proof
def test_a_server_ends_at_once_when_it_is_told_to_and_its_kernels_with_it(served) -> None:
    server, address, log = served(600)
    kernel = kernel_of(ask(address)[1])
    assert ask(f"{address}api/kernels/{kernel}")[0] == 200
    assert listening(kernel)
    begun = time.monotonic()
    server.terminate()
    assert server.wait(20) == 0
    spent = time.monotonic() - begun
    print(f"ended in {spent:.1f} s")
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert spent < 3 * crowd  # waiting for kernels to end took five seconds more, each
    assert log.read_text() == ""
    while listening(kernel) and time.monotonic() < begun + 10:
        time.sleep(0.1)
    assert not listening(kernel)


def listening(kernel: str) -> bool:
    """Say whether any process listens where a kernel does."""
    return kernel in Path("/proc/net/unix").read_text()
