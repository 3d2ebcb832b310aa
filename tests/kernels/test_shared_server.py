"""The server that kernels share: one for all, private, current, and gone when nobody needs it."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spm_lib.kernels.forked_process import ForkedProcess, NotForkedError
from spm_lib.kernels.job import Job
from spm_lib.kernels.shared import SharedServer, runtime_folder
from spm_lib.kernels.starting import import_path
from tests.kernels.processes import alive, parent_of, pids_in, runtime_of_its_own, until

pytestmark = pytest.mark.slow


def server_of(*warm: str, **options: float) -> SharedServer:
    return SharedServer.of({**os.environ, "PYTHONPATH": import_path()}, warm=warm, **options)


class Asking:
    """Asks a shared server to call functions, and reads what they returned."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def start(self, server: SharedServer, function: str, **arguments: object):
        self.count += 1
        answer = self.folder / f"{self.count}.json"
        job = Job(function, arguments, environment=dict(os.environ), answer=str(answer))
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123
            return server.start(job, files=[nothing.fileno()] * 2, patience=20), answer

    def call(self, server: SharedServer, function: str, **arguments: object):
        process, answer = self.start(server, function, **arguments)
        assert process.wait(20) == 0
        return json.loads(answer.read_text())["value"]


@pytest.fixture
def runtime(tmp_path):
    """A runtime folder of the test's own."""
    with runtime_of_its_own(tmp_path / "run") as folder:
        yield folder


@pytest.fixture
def asking(tmp_path) -> Asking:
    return Asking(tmp_path)


def test_many_who_come_at_once_share_one_server(runtime, tmp_path, asking) -> None:
    noted = [tmp_path / f"pids{i}" for i in range(6)]
    server = server_of()
    with ThreadPoolExecutor(6) as pool:
        begun = list(
            pool.map(
                lambda i: asking.start(server, "fork_jobs:nap", seconds=60, pid_file=str(i)), noted
            )
        )
    assert all(until(lambda path=path: pids_in(path)) for path in noted)
    assert len({parent_of(process.pid) for process, _ in begun}) == 1
    assert [process.pid for process, _ in begun] == [pids_in(path)[0] for path in noted]
    assert stat.S_IMODE(server.address.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.address.parent.stat().st_mode) == 0o700
    for process, _ in begun:
        process.close()
    assert until(lambda: not any(alive(process.pid) for process, _ in begun))


def test_a_changed_source_is_never_served_stale(runtime, tmp_path, asking, monkeypatch) -> None:
    source = tmp_path / "changing_source.py"
    source.write_text("def tell():\n    return 'old'\n")
    monkeypatch.syspath_prepend(tmp_path)
    server = server_of("changing_source")
    assert asking.call(server, "changing_source:tell") == "old"
    busy, _ = asking.start(server, "fork_jobs:nap", seconds=300, pid_file=str(tmp_path / "pids"))
    source.write_text("def tell():\n    return 'quite new'\n")
    assert asking.call(server, "changing_source:tell") == "quite new"
    assert busy.poll() is None  # who works with the old source is not disturbed
    old = parent_of(busy.pid)
    busy.kill()
    assert busy.wait(20) == -9
    assert until(lambda: not alive(old))


def test_a_server_without_children_ends_and_leaves_the_way_free(runtime, asking) -> None:
    server = server_of(idle=0.3)
    assert asking.call(server, "fork_jobs:add", a=1, b=2) == 3
    assert until(lambda: not server.address.exists())
    assert asking.call(server, "fork_jobs:add", a=2, b=2) == 4


def test_a_socket_that_nobody_serves_is_replaced(runtime, tmp_path, asking) -> None:
    server = server_of()
    process, _ = asking.start(server, "fork_jobs:nap", seconds=300, pid_file=str(tmp_path / "p"))
    os.kill(parent_of(process.pid), 9)
    with pytest.raises(NotForkedError, match="ended in the middle"):
        process.wait(20)
    assert (process.returncode, alive(process.pid)) == (-9, False)
    assert server.address.exists()
    assert asking.call(server, "fork_jobs:add", a=1, b=2) == 3


def test_a_full_server_says_so(runtime, tmp_path, asking) -> None:
    server = server_of(at_once=1)
    process, _ = asking.start(server, "fork_jobs:nap", seconds=300, pid_file=str(tmp_path / "p"))
    job = Job("fork_jobs:add", {"a": 1, "b": 1}, environment=dict(os.environ))
    with pytest.raises(NotForkedError, match="all its places are taken") as told:
        server.start(job, files=[1, 2], patience=0.5)
    assert told.value.full
    process.kill()
    process.wait(20)
    assert asking.call(server, "fork_jobs:add", a=1, b=2) == 3


def test_a_start_and_an_end_told_in_one_breath_are_both_heard(tmp_path) -> None:
    """A busy machine reads late; an end that is lost would have the call made twice."""
    address = tmp_path / "server.sock"
    told = b'{"started": 999999}\n{"ended": {"status": 3, "signal": null}}\n'
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        process = ForkedProcess(address, Job("fork_jobs:leave"), files=[1, 2])
        server, _ = listener.accept()
        with server:
            server.recv(65_536)
            server.sendall(told)
        assert process.started().wait() == 3
        assert process.poll() == 3


def test_a_folder_that_others_may_enter_is_refused(tmp_path) -> None:
    open_to_all = tmp_path / f"spm-kernels-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    with pytest.raises(NotForkedError, match="only you may enter"):
        runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})
    open_to_all.rmdir()
    open_to_all.symlink_to(tmp_path)
    with pytest.raises(NotForkedError, match="only you may enter"):
        runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})


def test_secrets_of_the_first_who_asks_stay_out_of_the_server(runtime) -> None:
    server = SharedServer.of({"CRM_PASSWORD": "x", "PYTHONPATH": "/a", "LC_ALL": "C"}, warm=())
    assert dict(server.environment) == {"PYTHONPATH": "/a", "LC_ALL": "C"}


def test_a_server_that_is_held_stays_warm_and_goes_when_it_is_let_go(
    runtime, tmp_path, asking
) -> None:
    server = server_of(idle=0.3)
    held = server.hold()
    server.hold().close()
    noted = tmp_path / "pids"
    process, _ = asking.start(server, "fork_jobs:nap", seconds=1.2, pid_file=str(noted))
    assert until(lambda: pids_in(noted))
    first = parent_of(pids_in(noted)[0])
    assert process.wait(20) == 0
    time.sleep(1)
    assert server.address.exists()
    assert alive(first)
    held.close()
    assert until(lambda: not server.address.exists())
    assert until(lambda: not alive(first))
