"""Making jobs: one at a time here, or a few at once, each in a process of its own."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.reports.drawing_aside import drawing
from spm_lib.reports.runs.jobs import Job, Made
from spm_lib.reports.runs.making import make

if TYPE_CHECKING:
    from spm_lib.kernels import ForkServer, Handle, Outcome

WARM = (
    "spm_lib.reports",
    "spm_lib.reports.runs.warm_up:load",
)
CELL_SECONDS = 600.0
JOB_SECONDS = 1_800.0
WORTH_A_PROCESS = 4
TICK = 0.05  # seconds after which whoever follows the steps is told of new ones
Steps = Callable[[int, int], None]
Step = Callable[[int], Steps]
Ended = Callable[[int, Made, float], None]


def make_here(jobs: Sequence[Job], *, step: Step | None, ended: Ended) -> None:
    """Make jobs one after another, each in a kernel of its own."""
    for number, job in enumerate(jobs):
        began = time.perf_counter()
        told = step(number) if step else None
        made = make(job.model_copy(update={"way": "kernel"}), told)
        ended(number, made, time.perf_counter() - began)


@contextmanager
def started(*, many: bool, at_once: int | None = None) -> Iterator[ForkServer]:
    """Start the server that jobs are made in; it warms up while the jobs are planned.

    For one report it imports little: what that one needs, its process imports sooner.
    """
    from spm_lib.kernels import ForkServer

    if many:
        server = ForkServer(WARM, libraries=(), at_once=at_once or os.cpu_count() or 1, threads=1)
    else:
        server = ForkServer(at_once=1, libraries=())
    with server:
        yield server


def make_apart(server: ForkServer, jobs: Sequence[Job], *, step: Step | None, ended: Ended) -> None:
    """Make jobs in processes of their own; one that dies takes no other with it.

    Without ``step`` nobody asks how far they are, and nothing is done but to wait for their ends.
    """
    from spm_lib.kernels import ended_among

    with tempfile.TemporaryDirectory(prefix="spm-run-") as place, _drawing(len(jobs)) as drawing:
        asked = [
            _ask(server, job, Path(place), number=number, environment=drawing)
            for number, job in enumerate(jobs)
        ]
        told = [0] * len(jobs)
        open_ = dict(enumerate(asked))
        try:
            while open_:
                done = ended_among(open_.values(), patience=TICK if step else None)
                for number, handle in list(open_.items()):
                    if step:
                        steps = Path(place, f"{number}.steps")
                        told[number] = _tell(steps, told[number], step(number))
                    if handle in done:
                        del open_[number]
                        outcome = handle.wait()
                        ended(number, _made(outcome, jobs[number]), outcome.seconds)
        except BaseException:
            for handle in open_.values():
                handle.kill()
            raise


@contextmanager
def _drawing(count: int) -> Iterator[Mapping[str, str]]:
    """Start one process that draws for all, where there are enough jobs to be worth it."""
    if count < WORTH_A_PROCESS:
        yield {}
        return
    with ExitStack() as held:
        yield drawing(held)


def _ask(
    server: ForkServer, job: Job, place: Path, *, number: int, environment: Mapping[str, str]
) -> Handle:
    limited = job.model_copy(update={"timeout": job.timeout or CELL_SECONDS})
    return server.call(
        "spm_lib.reports.runs.pool:make_job",
        {"job": limited.model_dump(mode="json"), "steps": str(place / f"{number}.steps")},
        log=place / f"{number}.log",
        timeout=JOB_SECONDS,
        environment=environment,
    )


def make_job(job: Mapping[str, Any], steps: str) -> dict[str, Any]:
    """Make a job in this process, which was started for it, and tell its steps into a file."""
    from spm_lib.reports.runs.making import make

    with Path(steps).open("a", encoding="utf-8", buffering=1) as file:
        made = make(Job.model_validate(job), lambda done, total: _step(file, done, total))
    return made.model_dump(mode="json")


def _step(file: Any, done: int, total: int) -> None:
    file.write(json.dumps([done, total]) + "\n")


def _tell(file: Path, told: int, step: Steps) -> int:
    """Tell the steps that were added to a file since, and return how many there are."""
    if not file.is_file():
        return told
    lines = file.read_text(encoding="utf-8").splitlines()
    for line in lines[told:]:
        step(*json.loads(line))
    return len(lines)


def _made(outcome: Outcome, job: Job) -> Made:
    if outcome.ok and isinstance(outcome.value, dict):
        return Made.model_validate(outcome.value)
    return Made(error=f"The report '{job.report}' could not be made: {outcome.fault}.")
