"""The heavy proof of the fork server: hundreds of forks with queries in them, none hangs."""

from __future__ import annotations

import time
from collections import Counter
from statistics import median

from spm_lib.kernels import ForkServer, finished

ROWS = 50_000
LIMIT = 60.0


def query(rows: int) -> list[int]:
    """Run a query that uses the whole pool of polars, as a child does."""
    import polars as pl

    frame = pl.LazyFrame({"a": range(rows)}).with_columns(r=pl.col("a") % 7)
    return frame.group_by("r").agg(pl.col("a").sum()).sort("r").collect()["a"].to_list()


def stress(forks: int, *, at_once: int = 2) -> str:
    """Fork so many children that each run a query, and say in a table how they ended.

    Raises
    ------
    AssertionError
        If one hangs, fails, was not forked, or counts otherwise than Python does.
    """
    right = [sum(range(r, ROWS, 7)) for r in range(7)]
    began = time.perf_counter()
    with ForkServer(["benchmarks.fork_stress"], at_once=at_once) as server:
        calls = [
            server.call("benchmarks.fork_stress:query", {"rows": ROWS}, timeout=LIMIT)
            for _ in range(forks)
        ]
        ends = [call.wait() for call in finished(calls)]
    wall = time.perf_counter() - began
    faults = Counter(end.fault or end.reason for end in ends)
    assert not +Counter({k: n for k, n in faults.items() if k}), faults
    assert all(end.value == right for end in ends)
    cpu = median(end.cpu_seconds or 0.0 for end in ends)
    slowest = max(end.seconds for end in ends)
    return (
        "| forks | ended well | hung | CPU s each (median) | slowest, s | all, s |\n"
        "|---|---|---|---|---|---|\n"
        f"| {forks} | {sum(end.ok for end in ends)} | 0 | {cpu:.3f} | {slowest:.2f} | {wall:.0f} |"
    )


if __name__ == "__main__":
    print(stress(500))
