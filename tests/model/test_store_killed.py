"""A writer that is killed leaves the store as it was, and the next one finishes the work."""

from __future__ import annotations

import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.model import build_store, extend_store
from spm_lib.model.stored.contents import read_contents
from tests.metrics.companies import SETTINGS, frames, random_facts
from tests.model.test_store_extended import assert_same

KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from spm_lib.model import extend_store
from spm_lib.model.stored import writing
from spm_lib.store import kept_files

path, left = Path(sys.argv[1]), int(sys.argv[3])
batch = pickle.loads(Path(sys.argv[2]).read_bytes())

def dying(call):
    def called(*given, **named):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return called

kept_files.put_in_place = dying(kept_files.put_in_place)
writing.tell, writing.sweep = dying(writing.tell), dying(writing.sweep)
extend_store(path, batch)
"""
WRITES = 3 * 3 + 1  # two tables and the days of each bucket, and the orders


FACTS = frames(random_facts(2, deals=24))
LATE = FACTS["stage_events"][::3]
BATCH = {"stage_events": LATE, "orders": FACTS["orders"][:3], "activities": FACTS["activities"]}


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without the batch."""
    events = FACTS["stage_events"].join(LATE, on=LATE.columns, how="anti")
    first = {**FACTS, "stage_events": events}
    return build_store(tmp_path_factory.mktemp("intact"), first, SETTINGS, buckets=3)


def copied(store: Path, folder: Path) -> Path:
    shutil.copytree(store.parent, folder)
    return folder / store.name


@pytest.fixture(scope="module")
def goal(intact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store with the batch."""
    return extend_store(copied(intact, tmp_path_factory.mktemp("made") / "goal"), BATCH)


@pytest.mark.slow
@pytest.mark.parametrize("left", [5, WRITES + 1, WRITES + 2])
def test_a_kill_at_any_moment_leaves_a_whole_store(
    tmp_path: Path, intact: Path, goal: Path, left: int
) -> None:
    """Killed before the manifest is in place, it is as it was; after that, it is extended."""
    facts, batch = FACTS, BATCH
    path = copied(intact, tmp_path / "store")

    assert _killed(tmp_path, path, batch, left) == -signal.SIGKILL
    extended = left == WRITES + 2
    assert_same(spm_lib.open(goal if extended else intact), spm_lib.open(path))
    if not extended:
        extend_store(path, batch)
    assert read_contents(path.parent) == read_contents(goal.parent)
    assert_same(spm_lib.open(goal), spm_lib.open(path))
    extend_store(path, {"orders": facts["orders"][3:5]})
    there = {file.name for file in (path.parent / "rows").iterdir()}
    now = read_contents(path.parent)
    assert there == now.files() | set(now.before)
    assert not list(path.parent.glob(".spilled-*"))


def _killed(place: Path, path: Path, batch: dict[str, pl.DataFrame], left: int) -> int:
    told = place / "batch"
    told.write_bytes(pickle.dumps(batch))
    command = [sys.executable, "-c", KILLED, str(path), str(told), str(left)]
    return subprocess.run(command, check=False).returncode
