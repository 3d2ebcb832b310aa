"""One process draws for others: the same bytes, and nobody waits for one that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from spm_lib.charts import lost_reasons_chart, svg, svgs
from spm_lib.charts.drawing import DRAWS, _spec
from spm_lib.charts.engine import drawn_here
from spm_lib.core.language import language
from spm_lib.core.side_process import SideProcess, ask

pytestmark = pytest.mark.slow
HEBREW = 'נועה – "quoted" <b> & 12%'


def chart():
    frame = pl.DataFrame({"lost_reason": ["Price", HEBREW], "value": [12, 7]})
    return lost_reasons_chart(frame, language=language("he"), title=HEBREW)


def test_the_drawing_is_the_same_wherever_it_is_made(monkeypatch) -> None:
    here = drawn_here(_spec(chart()))
    with SideProcess(DRAWS, first="{ no specification") as held:
        for name, value in held.environment.items():
            monkeypatch.setenv(name, value)
        asked = ask(DRAWS, _spec(chart()))
        assert asked == here, "who asks before it is ready waits for it"
        assert svg(chart()) == here
        assert svgs(chart() for _ in range(3)) == [here] * 3
        assert ask(DRAWS, "{ no specification") is None, "a fault there is no fault here"
        assert ask(DRAWS, asked) is None
        assert ask(DRAWS, _spec(chart())) == here


def test_where_it_dies_charts_are_drawn_all_the_same(monkeypatch) -> None:
    with SideProcess(DRAWS) as held:
        for name, value in held.environment.items():
            monkeypatch.setenv(name, value)
        assert ask(DRAWS, _spec(chart()))
        assert held._process is not None
        os.kill(held._process.pid, signal.SIGKILL)
        held._process.wait()
        assert ask(DRAWS, "{}") is None
        assert svg(chart()).startswith("<svg")


@pytest.mark.parametrize("end", ["os._exit(0)", "os.killpg(os.getpid(), 9)"])
def test_it_ends_with_its_owner_and_leaves_nothing_behind(end: str) -> None:
    """A kernel of Jupyter is killed with all processes of its group."""
    code = (
        "import os; from spm_lib.core.side_process import SideProcess, ask; "
        "held = SideProcess('textwrap:dedent').__enter__(); os.environ.update(held.environment); "
        "assert ask('textwrap:dedent', ' a') == 'a'; "
        f"print(*held.environment.values(), flush=True); {end}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    folder = Path(done.stdout.strip()).parent
    for _ in range(200):
        if not folder.exists():
            return
        time.sleep(0.05)
    raise AssertionError("its folder is still there")


def test_a_forked_copy_of_its_owner_leaves_it_alone() -> None:
    code = (
        "import os, sys, atexit; from spm_lib.core.side_process import SideProcess, ask; "
        "held = SideProcess('textwrap:dedent').__enter__(); os.environ.update(held.environment); "
        "atexit.register(held.__exit__, None, None, None); child = os.fork(); "
        "child or sys.exit(0); os.waitpid(child, 0); print(ask('textwrap:dedent', ' a'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "a"


def test_where_no_socket_can_be_it_says_so_and_leaves_nothing_behind(tmp_path, monkeypatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(OSError, match="too long"):
        SideProcess("textwrap:dedent").__enter__()
    assert not list(long.iterdir())


def test_it_loads_the_engine_without_the_charts() -> None:
    code = (
        "import sys; from spm_lib.core.side_process import _alone; "
        "_alone('spm_lib.charts.engine'); "
        "print([m for m in ('altair', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
