"""What tests of processes share: jobs that can be imported."""

from __future__ import annotations

import sys

import pytest

from spm_lib.kernels import ForkServer
from tests.kernels.processes import HERE


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``fork_jobs`` be imported here, and so in the processes that we start."""
    if not ForkServer.available():
        pytest.skip("processes are forked on Linux only")
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])
