"""Drawing beside a report: the engine starts in a process of its own while the data is read."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
from contextlib import ExitStack
from functools import cache

from spm_lib.core.side_process import SideProcess, address_of

DRAWS = "spm_lib.charts.engine:drawn_here"
_POINT = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}}


def drawing() -> SideProcess:
    """Return the process that draws charts, its engine started before anybody asks."""
    return SideProcess(DRAWS, first=json.dumps(_POINT))


@cache
def start_drawing() -> None:
    """Let a process draw the charts of this one, unless one does or there is no core for it.

    It ends with this process.
    """
    if (os.cpu_count() or 1) < 2 or address_of(DRAWS):
        return
    held = ExitStack()
    with contextlib.suppress(OSError):  # no room for one more process: this one draws
        os.environ.update(held.enter_context(drawing()).environment)
        atexit.register(held.close)
