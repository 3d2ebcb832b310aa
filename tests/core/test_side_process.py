"""One process draws for others: the same bytes, and nobody waits for one that is gone."""

from __future__ import annotations

import os
import signal
import time

import polars as pl
import pytest

from spm_lib.charts import lost_reasons_chart, svg
from spm_lib.charts.drawing import DRAWS, _spec, drawn_here
from spm_lib.core.language import language
from spm_lib.core.side_process import SideProcess, ask

pytestmark = pytest.mark.slow
HEBREW = 'נועה – "quoted" <b> & 12%'


def chart():
    frame = pl.DataFrame({"lost_reason": ["Price", HEBREW], "value": [12, 7]})
    return lost_reasons_chart(frame, language=language("he"), title=HEBREW)


def test_the_drawing_is_the_same_wherever_it_is_made(monkeypatch) -> None:
    here = drawn_here(_spec(chart()))
    with SideProcess(DRAWS) as held:
        for name, value in held.environment.items():
            monkeypatch.setenv(name, value)
        asked = wait_for_an_answer()
        assert asked == here
        assert svg(chart()) == here
        assert ask(DRAWS, "{ no specification") is None, "a fault there is no fault here"
        assert ask(DRAWS, asked) is None
        assert wait_for_an_answer() == here


def test_where_it_dies_charts_are_drawn_all_the_same(monkeypatch) -> None:
    with SideProcess(DRAWS) as held:
        for name, value in held.environment.items():
            monkeypatch.setenv(name, value)
        wait_for_an_answer()
        assert held._process is not None
        os.kill(held._process.pid, signal.SIGKILL)
        held._process.wait()
        assert ask(DRAWS, "{}") is None
        assert svg(chart()).startswith("<svg")


def wait_for_an_answer() -> str:
    for _ in range(600):
        answer = ask(DRAWS, _spec(chart()))
        if answer is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError("nobody answered")
