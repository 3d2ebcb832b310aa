"""Drawing beside a report: the engine starts in a process of its own while the data is read."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache

from spm_lib.core.side_process import SideProcess, address_of

_ONE = threading.Lock()
DRAWS = "spm_lib.charts.engine:drawn_here"
_POINT = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}}


def drawing(held: ExitStack) -> Mapping[str, str]:
    """Start the process that draws charts, its engine first; return what its children must know.

    Nothing where no process can be started, or asked: they draw themselves.
    """
    with contextlib.suppress(OSError):
        return held.enter_context(SideProcess(DRAWS, first=json.dumps(_POINT))).environment
    return {}


def start_drawing() -> None:
    """Let a process draw the charts of this one, unless one does or there is no core for it.

    It ends with this process; pages made in several threads share it.
    """
    with _ONE:
        _start()


@cache
def _start() -> None:
    if (os.cpu_count() or 1) < 2 or address_of(DRAWS):
        return
    held = ExitStack()
    os.environ.update(drawing(held))
    atexit.register(held.close)
