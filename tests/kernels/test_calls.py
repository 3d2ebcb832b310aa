"""Calls in forked processes: what they see, how they end, and that none touches another."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import spm_lib.kernels.client as client
from spm_lib.kernels import ForkServer, finished
from spm_lib.kernels.wire import Wire
from tests.kernels.processes import HERE, alive, pids_in, until

pytestmark = pytest.mark.slow
LIGHT = ("numpy", "polars")


def squares(n: int) -> list[int]:
    """Return what ``fork_jobs.squares`` must return, counted by hand."""
    return [sum(a * a for a in range(r, n, 7)) for r in range(7)]


def test_a_call_gives_its_value_and_what_it_used(tmp_path) -> None:
    log = tmp_path / "log.txt"
    with ForkServer(libraries=LIGHT) as server:
        made = server.call("fork_jobs:add", {"a": 2, "b": 3}, log=log).wait()
    assert (made.ok, made.value, made.status, made.forked, made.fault) == (True, 5, 0, True, "")
    assert log.read_text() in ("adding\nto the other side\n", "to the other side\nadding\n")
    assert 0 < made.cpu_seconds < 2
    assert made.seconds < 10
    assert 10 < made.peak_memory / 2**20 < 500
    assert made.imported == ("fork_jobs",)


def test_a_child_is_as_one_that_was_just_started(tmp_path) -> None:
    with ForkServer(libraries=LIGHT, threads=1) as server:
        assert stat.S_IMODE(server._folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((server._folder / "server.sock").stat().st_mode) == 0o600
        neighbour = server.call("fork_jobs:interval", {"seconds": 1.0})
        call = server.call("fork_jobs:surroundings", {}, folder=tmp_path, environment={"TOLD": "ש"})
        seen = call.wait().value
        neighbour.wait()
        assert server.call("fork_jobs:pool_size", {}).wait().value == 1
        chances = [server.call("fork_jobs:chance", {}).wait().value for _ in range(2)]
        memories = [server.call("fork_jobs:remember", {"word": w}).wait().value for w in "ab"]
    assert seen == {
        "folder": str(tmp_path),
        "told": "ש",
        "leader": True,
        "sockets": [],
        "signals": [True, True],
        "debugpy": None,
        "stdin": "",
    }
    assert not {*chances[0]} & {*chances[1]}
    assert memories == [["a"], ["b"]]


def test_no_fault_touches_a_neighbour(tmp_path) -> None:
    with ForkServer(at_once=3) as server:
        bad = {
            name: server.call(f"fork_jobs:{name}", {}, timeout=1.5 if name == "loop" else 60)
            for name in ("crash", "loop", "hog", "leave", "fail", "too_much", "missing")
        }
        good = [server.call("fork_jobs:squares", {"n": n}, timeout=60) for n in range(1000, 1010)]
        drawn = server.call("fork_jobs:chart", {}).wait()  # V8 must live under the memory limit
        ends = {name: handle.wait() for name, handle in bad.items()}
        assert [h.wait().value for h in good] == [squares(n) for n in range(1000, 1010)]
    assert drawn.value == "<svg"
    assert all(end.forked and not end.ok for end in ends.values())
    assert ends["crash"].signal == signal.SIGSEGV
    assert "SIGSEGV" in ends["crash"].fault
    assert (ends["loop"].signal, ends["loop"].cause) == (signal.SIGKILL, "timeout")
    assert ends["loop"].fault == "it was stopped after 2 seconds, its time limit"
    assert 1.4 < ends["loop"].seconds < 10
    assert ends["hog"].fault == "MemoryError"
    assert ends["leave"].status == 3
    assert ends["leave"].fault == "it ended itself with exit status 3"
    assert ends["fail"].fault == "KeyError: 'no such deal'"
    assert "returned too much" in ends["too_much"].fault
    assert "'fork_jobs:missing'" in ends["missing"].fault


def test_what_cannot_be_done_is_told(tmp_path) -> None:
    with ForkServer(libraries=()) as server:
        with pytest.raises(TypeError):
            server.call("fork_jobs:add", {"a": object()})
        nowhere = server.call("fork_jobs:add", {"a": 1, "b": 1}, folder=tmp_path / "none").wait()
    assert nowhere.fault.startswith("FileNotFoundError")


def test_sixty_forks_with_queries_all_end() -> None:
    with ForkServer(libraries=LIGHT, at_once=2) as server:
        handles = [server.call("fork_jobs:squares", {"n": 20_000}, timeout=60) for _ in range(60)]
        ends = [handle.wait() for handle in finished(handles)]
    assert {(end.ok, end.forked, end.reason) for end in ends} == {(True, True, "")}
    assert all(end.value == squares(20_000) for end in ends)


def test_who_has_heard_all_and_gone_is_no_failure(monkeypatch) -> None:
    here, there = socket.socketpair()
    send = socket.send_fds

    def heard_and_gone(*args) -> int:
        sent = send(*args)
        there.close()
        return sent

    monkeypatch.setattr(socket, "send_fds", heard_and_gone)
    with here, Path(os.devnull).open("rb") as file:
        Wire(here).send({"job": 1}, [file.fileno()])


def test_no_more_than_so_many_run_at_once() -> None:
    with ForkServer(libraries=(), at_once=3) as server:
        calls = [server.call("fork_jobs:interval", {"seconds": 0.2}) for _ in range(9)]
        spans = [call.wait().value for call in calls]
    most = max(sum(a <= t < b for a, b in spans) for t, _ in spans)
    assert most == 3


def test_a_thread_in_the_server_is_a_refusal_and_the_work_is_done_all_the_same() -> None:
    with ForkServer(["fork_jobs:query_at_import"], libraries=LIGHT) as server:
        made = server.call("fork_jobs:squares", {"n": 500}).wait()
    assert (made.ok, made.value, made.forked) == (True, squares(500), False)
    assert made.reason.startswith("threads run in the fork server: ")
    assert "polars-" in made.reason
    assert made.cpu_seconds > 0


def test_a_server_killed_in_the_middle_is_replaced_by_an_ordinary_process(tmp_path) -> None:
    noted = tmp_path / "pids"
    with ForkServer(libraries=()) as server:
        call = server.call("fork_jobs:nap_once", {"seconds": 60, "pid_file": str(noted)})
        assert until(lambda: pids_in(noted))
        os.kill(server.process.pid, signal.SIGKILL)
        made = call.wait(30)
        later = server.call("fork_jobs:add", {"a": 1, "b": 1}).wait()
    assert (made.ok, made.value, made.forked) == (True, "woke", False)
    assert made.reason == "the fork server ended in the middle"
    first, second = pids_in(noted)
    assert first != second
    assert not alive(first)
    assert (later.value, later.reason) == (2, "the fork server is gone")


def test_children_die_with_whoever_asked(tmp_path) -> None:
    noted = tmp_path / "pids"
    code = f"""
    import sys, time
    sys.path.insert(0, {str(HERE)!r})
    from spm_lib.kernels import ForkServer
    with ForkServer(libraries=(), at_once=2) as server:
        print(server.process.pid, flush=True)
        job = {{"seconds": 300, "pid_file": {str(noted)!r}}}
        calls = [server.call("fork_jobs:nap", job) for _ in range(2)]
        time.sleep(300)
    """
    asker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    with asker:
        server = int(asker.stdout.readline())
        assert until(lambda: len(pids_in(noted)) == 2)
        assert all(alive(pid) for pid in (server, *pids_in(noted)))
        asker.kill()
    assert until(lambda: not any(alive(pid) for pid in (server, *pids_in(noted))))


def test_a_call_can_be_killed_running_or_waiting(tmp_path) -> None:
    noted = tmp_path / "pids"
    with ForkServer(libraries=(), at_once=1) as server:
        first, second = (
            server.call("fork_jobs:nap", {"seconds": 300, "pid_file": str(noted)}) for _ in range(2)
        )
        assert until(lambda: pids_in(noted))
        with pytest.raises(TimeoutError):
            first.wait(0.01)
        second.kill()
        first.kill()
        ends = [first.wait(20), second.wait(20)]
        assert server.call("fork_jobs:add", {"a": 1, "b": 1}).wait().value == 2
    assert [(end.ok, end.cause) for end in ends] == [(False, "killed")] * 2
    assert ends[0].fault == "it was stopped from outside"
    assert len(pids_in(noted)) == 1
    assert not alive(pids_in(noted)[0])


def test_leaving_the_server_ends_what_still_runs(tmp_path) -> None:
    noted = tmp_path / "pids"
    with ForkServer(libraries=()) as server:
        call = server.call("fork_jobs:nap", {"seconds": 300, "pid_file": str(noted)})
        assert until(lambda: pids_in(noted))
    assert call.wait(0).cause == "killed"
    assert not alive(pids_in(noted)[0])
    assert server.process.returncode == 0
    assert not server._folder.exists()


@pytest.mark.parametrize("system", ["", "win32 does not fork safely"], ids=["forked", "ordinary"])
def test_what_a_call_leaves_running_is_ended(tmp_path, monkeypatch, system) -> None:
    monkeypatch.setattr(client, "why_not_here", lambda: system)
    noted = tmp_path / "pids"
    with ForkServer(libraries=()) as server:
        made = server.call("fork_jobs:leave_behind", {"pid_file": str(noted)}).wait()
    assert made.forked == (not system)
    assert until(lambda: not alive(made.value))


def test_where_nothing_can_be_forked_ordinary_processes_do_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(client, "why_not_here", lambda: "win32 does not fork safely")
    log = tmp_path / "log.txt"
    with ForkServer(at_once=3) as server:
        assert server.process is None
        jobs = {
            "add": {"a": 2, "b": 3},
            **{name: {} for name in ("crash", "loop", "hog", "leave", "fail", "surroundings")},
        }
        calls = {n: server.call(f"fork_jobs:{n}", a, timeout=5, log=log) for n, a in jobs.items()}
        ends = {name: call.wait() for name, call in calls.items()}
    assert all(e.reason == "win32 does not fork safely" and not e.forked for e in ends.values())
    assert ends["add"].value == 5
    assert (ends["surroundings"].value["stdin"], ends["surroundings"].value["leader"]) == ("", True)
    assert "adding" in log.read_text()
    assert ends["crash"].signal == signal.SIGSEGV
    assert ends["loop"].cause == "timeout"
    assert ends["hog"].fault == "MemoryError"
    assert ends["leave"].status == 3
    assert ends["fail"].fault == "KeyError: 'no such deal'"


def test_an_ordinary_process_too_dies_with_whoever_asked(tmp_path) -> None:
    noted = tmp_path / "pids"
    code = f"""
    import sys
    sys.path.insert(0, {str(HERE)!r})
    import spm_lib.kernels.client as client
    client.why_not_here = lambda: "not here"
    with client.ForkServer() as server:
        job = {{"seconds": 300, "pid_file": {str(noted)!r}}}
        server.call("fork_jobs:nap", job).wait()
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)]) as asker:
        assert until(lambda: pids_in(noted))
        asker.kill()
    assert until(lambda: not alive(pids_in(noted)[0]))


def test_the_room_has_no_business_words() -> None:
    room = Path(client.__file__).parent
    text = " ".join(p.read_text() for p in room.glob("*.py")).lower()
    text = text.replace("knows nothing of sales", "").replace("sales performance workbench", "")
    assert not [w for w in ("sales", "pipeline", "quota", "deal ", "win_rate") if w in text]
