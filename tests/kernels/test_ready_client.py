"""Clients that take a kernel for ready: at once when it is, never before, and never in vain."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from jupyter_client.connect import port_names
from jupyter_client.manager import AsyncKernelManager

from spm_lib.kernels import offer_kernel
from spm_lib.kernels.ready_client import ReadyClient
from tests.kernels.processes import runtime_of_its_own

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client"),
    pytest.mark.filterwarnings("ignore:.*:RuntimeWarning:zmq"),
]
ROOT = Path(__file__).resolve().parents[2]
Asked = Callable[[AsyncKernelManager, ReadyClient], Awaitable[None]]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    with runtime_of_its_own(tmp_path_factory.mktemp("kernels") / "run") as folder:
        yield folder


@pytest.fixture
def run(runtime, tmp_path, monkeypatch) -> Callable[..., None]:
    """Start a kernel and a client of it, and ask something of them."""
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    name = offer_kernel()

    async def asked(ask: Asked, transport: str) -> None:
        manager = AsyncKernelManager(kernel_name=name, transport=transport)
        manager.client_class = "spm_lib.kernels.ready_client.ReadyClient"
        manager.connection_file = str(tmp_path / "kernel.json")
        await manager.start_kernel()
        client = manager.client()
        assert isinstance(client, ReadyClient)
        client.start_channels()
        try:
            await ask(manager, client)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    return lambda ask, transport="ipc": asyncio.run(asked(ask, transport))


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_nothing_of_the_beginning_is_left_and_nothing_later_is_lost(run, transport: str) -> None:
    async def ask(_: AsyncKernelManager, client: ReadyClient) -> None:
        await client.wait_for_ready(timeout=60)
        told: list[str] = []
        asked = client.execute("print('first')\n1 / 0")
        while True:
            message = await client.get_iopub_msg(timeout=20)
            if message["parent_header"].get("msg_id") != asked:
                assert message["msg_type"] == "status"  # of a question asked before it was there
                continue
            content = message["content"]
            told.append(content.get("text") or content.get("ename") or message["msg_type"])
            if content.get("execution_state") == "idle":
                break
        assert told == ["status", "execute_input", "first\n", "ZeroDivisionError", "status"]

    run(ask, transport)


def test_a_kernel_that_is_started_can_be_reached(run) -> None:
    async def ask(manager: AsyncKernelManager, client: ReadyClient) -> None:
        told = manager.get_connection_info()
        assert all(Path(f"{told['ip']}-{told[port]}").is_socket() for port in port_names)
        await client.wait_for_ready(timeout=60)

    run(ask)


def test_a_kernel_that_dies_is_not_waited_for(run) -> None:
    async def ask(manager: AsyncKernelManager, client: ReadyClient) -> None:
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="died before it answered"):
            await client.wait_for_ready(timeout=60)

    run(ask)


def test_a_kernel_that_stands_still_is_not_waited_for_longer_than_asked(run) -> None:
    async def ask(manager: AsyncKernelManager, client: ReadyClient) -> None:
        os.kill(manager.provisioner.pid, signal.SIGSTOP)
        with pytest.raises(RuntimeError, match=r"did not answer in 0\.5 seconds"):
            await client.wait_for_ready(timeout=0.5)
        os.kill(manager.provisioner.pid, signal.SIGCONT)
        await client.wait_for_ready(timeout=60)

    run(ask)
