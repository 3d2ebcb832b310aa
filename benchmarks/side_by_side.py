"""Run contenders in turn, each in a fresh process; return CPU seconds, wall seconds, peak memory.

The order changes with every round, so that a machine that slows down is unfair to nobody.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """One process: CPU seconds (user + system, children included), wall seconds, peak MiB."""

    cpu: float
    wall: float
    peak: float
    printed: dict


@dataclass(frozen=True)
class Result:
    """The runs of one contender."""

    name: str
    runs: tuple[Run, ...]

    def median(self, field: str) -> float:
        """Return the median of cpu, wall or peak."""
        return statistics.median(getattr(run, field) for run in self.runs)


def run_once(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command that prints one JSON object on its last line.

    Raises
    ------
    RuntimeError
        If the command fails; its error output is in the message.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        out, err = process.communicate()
        wall = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {err[-2000:]}")
    printed = json.loads(out.strip().splitlines()[-1])
    return Run(cpu=printed["cpu"], wall=wall, peak=printed["peak"], printed=printed)


def report_usage(**extra: object) -> None:
    """Print this process's usage as the JSON line that ``run_once`` reads."""
    own, children = (
        resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    print(json.dumps({"cpu": cpu, "peak": peak_mib(), "pid": os.getpid(), **extra}))


def peak_mib() -> float:
    """Return this process's peak memory; Linux's ru_maxrss would begin with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def side_by_side(
    contenders: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    pythons: Mapping[str, str] | None = None,
    warm_up: bool = True,
) -> list[Result]:
    """Run every contender ``rounds`` times, in a rotating order.

    ``pythons`` names the interpreter of those that run beside, in an environment of their own.
    Before that each is run once and not counted, where they do not warm up in their own process.
    """
    names, other = list(contenders), pythons or {}
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(rounds + warm_up):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            run = run_once([other.get(name, sys.executable), *contenders[name]])
            if turn or not warm_up:
                runs[name].append(run)
    return [Result(name, tuple(done)) for name, done in runs.items()]
