"""Functions that tests call in processes of their own: good ones, and every kind of bad one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STATE: list[str] = []


def add(a: int, b: int) -> int:
    print("adding")
    print("to the other side", file=sys.stderr)
    return a + b


def squares(n: int) -> list[int]:
    """Return sums by remainder, from a query that uses the whole pool of polars."""
    import polars as pl

    frame = pl.LazyFrame({"a": range(n)}).with_columns(r=pl.col("a") % 7, s=pl.col("a") ** 2)
    return frame.group_by("r").agg(pl.col("s").sum()).sort("r").collect()["s"].to_list()


def query_at_import() -> None:
    squares(10)


def chart() -> str:
    import altair as alt
    import polars as pl
    import vl_convert

    bars = alt.Chart(pl.DataFrame({"a": [1, 2], "b": [3, 4]})).mark_bar().encode(x="a:Q", y="b:Q")
    return vl_convert.vegalite_to_svg(bars.to_dict())[:4]


def pool_size() -> int:
    import polars as pl

    squares(10)
    return pl.thread_pool_size()


def surroundings() -> dict[str, Any]:
    links = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the listing's own
            links.append(str(path.readlink()))
    return {
        "folder": str(Path.cwd()),
        "told": os.environ.get("TOLD"),
        "leader": os.getsid(0) == os.getpid(),
        "sockets": [
            link for link in links if link.startswith(("socket:", "anon_inode:[eventpoll"))
        ],
        "signals": [
            signal.getsignal(s) is signal.SIG_DFL for s in (signal.SIGTERM, signal.SIGCHLD)
        ],
        "debugpy": sys.modules.get("debugpy", "free"),
        "stdin": sys.stdin.read(),
    }


def chance() -> list[float]:
    import random

    import numpy as np

    return [float(np.random.rand()), random.random()]  # noqa: NPY002


def remember(word: str) -> list[str]:
    STATE.append(word)
    return STATE


def interval(seconds: float) -> list[float]:
    began = time.monotonic()
    time.sleep(seconds)
    return [began, time.monotonic()]


def nap(seconds: float, pid_file: str) -> str:
    with Path(pid_file).open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)
    return "woke"


def nap_once(seconds: float, pid_file: str) -> str:
    """Sleep, but only for who comes first."""
    return nap(0 if Path(pid_file).exists() else seconds, pid_file)


def leave_behind(pid_file: str) -> int:
    process = subprocess.Popen(["sleep", "300"])
    Path(pid_file).write_text(f"{process.pid}\n")
    return process.pid


def crash() -> None:
    ctypes.string_at(0)


def loop() -> None:
    while True:
        pass


def hog() -> int:
    return len(bytearray(6 * 1024**3))


def leave() -> None:
    os._exit(3)


def fail() -> None:
    raise KeyError("no such deal")


def too_much() -> str:
    return "x" * 2_000_000
