"""A report's engine starts in a process of its own while the report reads its data."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from spm_lib.charts import drawing as charts_drawing
from spm_lib.reports import drawing_aside
from spm_lib.reports.drawing_aside import drawing

pytestmark = pytest.mark.slow
NAME = "SPM_SIDE_CHARTS_ENGINE_DRAWN_HERE"
STARTED = """
import os
from spm_lib.reports.drawing_aside import start_drawing
start_drawing(), start_drawing()
from spm_lib.core.side_process import ask
answer = ask("spm_lib.charts.engine:drawn_here", '{"mark": "point", "data": {"values": [{}]}}')
print("drawn" if answer else "nobody draws")
"""
IN_THREADS = """
import os, tempfile, threading
from spm_lib.reports.drawing_aside import start_drawing
threads = [threading.Thread(target=start_drawing) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(os.listdir(tempfile.gettempdir())))
"""


def test_charts_ask_there_where_reports_let_them_be_drawn() -> None:
    """Named twice, as whoever starts the process must not import all charts."""
    assert drawing_aside.DRAWS == charts_drawing.DRAWS


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is no core for it")
def test_a_process_draws_for_a_report_until_that_ends() -> None:
    assert _told({}) == "drawn"


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is no core for it")
def test_one_process_draws_for_pages_made_in_several_threads(tmp_path) -> None:
    assert _told({"TMPDIR": str(tmp_path)}, IN_THREADS) == "1"


def test_none_is_started_where_one_draws_for_many_reports() -> None:
    assert _told({NAME: "/nowhere/socket"}) == "nobody draws"


def test_where_a_socket_s_path_is_too_long_reports_draw_themselves(tmp_path, monkeypatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with ExitStack() as held:
        assert drawing(held) == {}
    assert not list(long.iterdir())
    assert _told({"TMPDIR": str(long)}) == "nobody draws"


def _told(named: dict[str, str], code: str = STARTED) -> str:
    free = {name: value for name, value in os.environ.items() if name != NAME}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**free, **named},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return done.stdout.strip()
