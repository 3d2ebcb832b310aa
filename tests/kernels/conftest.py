"""What tests of processes share: jobs that can be imported, and servers of the test's own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spm_lib.kernels import ForkServer
from tests.kernels.processes import HERE


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``fork_jobs`` be imported here, and so in the processes that we start."""
    if not ForkServer.available():
        pytest.skip("processes are forked on Linux only")
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of the test's own; the shared servers in it are ended with the test."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes()
        except OSError:
            continue
        if b"spm_lib.kernels.server" in command and os.fsencode(folder) in command:
            os.kill(int(line.parent.name), signal.SIGTERM)
