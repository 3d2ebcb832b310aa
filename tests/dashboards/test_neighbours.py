"""Visitors who come at once, one of whose pages never ends, and one of whose wants all memory."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = 'language: str = ""\nwhat: str = "good"  # what it does [good|loop|hog]'
WHO = "import os\nprint('KERNEL', os.getpid())"
PAGE = """
held = []
while what == "loop":
    pass
while what == "hog":
    held.append(bytearray(256 * 1024**2))
print("ALL", "DONE", sum(range(100_000)))
"""
SERVER = """
import pathlib, sys
import spm_lib.dashboards
module = sys.modules["spm_lib.dashboards.serve"]
from spm_lib.dashboards.shown import Dashboard
module.NOTEBOOKS = pathlib.Path({folder!r})
module.DASHBOARDS = {{"risky": Dashboard("risky", "What if", "What if")}}
module._LEFT_SECONDS, module._LOOK_SECONDS = 6, 1
module.serve({workspace!r}, name="risky", port=0)
"""


def notebook(path: Path) -> None:
    def cell(source: str, name: str, *tags: str) -> dict[str, object]:
        told = {"id": name, "metadata": {"tags": list(tags)}, "outputs": [], "source": source}
        return {"cell_type": "code", "execution_count": None, **told}

    spec = {"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}}
    cells = [cell(PARAMETERS, "parameters", "parameters"), cell(WHO, "who"), cell(PAGE, "page")]
    book = {"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book), encoding="utf-8")


@pytest.fixture
def address(sample_workspace, tmp_path):
    notebook(tmp_path / "risky.ipynb")
    code = SERVER.format(folder=str(tmp_path), workspace=str(sample_workspace))
    line = [sys.executable, "-c", code]
    with (
        (tmp_path / "log.txt").open("w") as log,
        subprocess.Popen(line, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT) as server,
    ):
        assert server.stdout
        told = server.stdout.readline().strip()
        assert told.startswith("http://127.0.0.1:"), (tmp_path / "log.txt").read_text()
        yield told
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def ask(address: str) -> str:
    with urllib.request.urlopen(address, timeout=120) as answer:
        return answer.read().decode()


def endless(address: str) -> tuple[socket.socket, int]:
    """Open the page that never ends, and return its connection and its kernel's process."""
    port = int(address.rstrip("/").rpartition(":")[2])
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(b"GET /?what=loop HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    came = b""
    while not (found := re.search(rb"KERNEL (\d+)", came)):
        part = connection.recv(65_536)
        assert part, came[-500:]
        came += part
    return connection, int(found[1])


@pytest.mark.proof
def test_a_page_that_never_ends_or_wants_all_memory_touches_no_other(address) -> None:
    quiet = time.monotonic()
    assert "ALL DONE 4999950000" in ask(address)
    quiet = time.monotonic() - quiet
    connection, looping = endless(address)
    assert Path(f"/proc/{looping}").exists()
    with ThreadPoolExecutor(9) as visitors:
        hog = visitors.submit(ask, f"{address}?what=hog")
        begun = time.monotonic()
        pages = list(visitors.map(ask, [f"{address}?what=good"] * 8))
        spent = time.monotonic() - begun
        assert "ALL DONE" not in hog.result()
    print(f"one alone {quiet:.1f} s, eight beside a loop and a hog {spent:.1f} s")
    assert all("ALL DONE 4999950000" in page for page in pages)
    assert len({re.search(r"KERNEL (\d+)", page)[1] for page in pages}) == 8  # type: ignore[index]
    connection.close()
    until = time.monotonic() + 40
    while Path(f"/proc/{looping}").exists() and time.monotonic() < until:
        time.sleep(0.2)
    assert not Path(f"/proc/{looping}").exists(), "nobody waits for it, and it runs for ever"
