"""Same preset and seed, same bytes; whatever the size of the chunks, the same rows."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.core.errors import ParameterError
from spm_lib.simulate import PRESETS, frames, make_world, simulate, stream
from spm_lib.simulate.records import make_records

pytestmark = pytest.mark.slow

SMALL_LARGE = replace(PRESETS["large"], opportunities=200_000, seats=200, teams=20, accounts=5_000)


def bytes_of(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def test_the_sample_is_what_its_readme_says_made_it(sample_folder, tmp_path, request) -> None:
    command = "spm simulate sample --seed 2026 --folder data/sample"
    assert command in (sample_folder / "README.md").read_text(encoding="utf-8")
    if request.config.getoption("--golden"):
        simulate("sample", 2026, sample_folder)
    simulate("sample", 2026, tmp_path)
    made, kept = bytes_of(tmp_path), bytes_of(sample_folder)
    assert {name: kept.get(name) for name in made} == made


def test_the_sample_stays_small(sample_folder) -> None:
    made = ("cache", "quarantine", "snapshots")  # by whoever used it
    files = [p for p in sample_folder.rglob("*") if p.is_file()]
    own = [p for p in files if p.relative_to(sample_folder).parts[0] not in made]
    assert sum(p.stat().st_size for p in own) < 6_000_000


def test_same_seed_same_bytes_and_another_seed_another_company(tmp_path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate("tiny", seed, tmp_path / name)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert (
        bytes_of(tmp_path / "a")["opportunities.csv"]
        != bytes_of(tmp_path / "c")["opportunities.csv"]
    )


@pytest.mark.parametrize("cuts", [[0, 400], [0, 1, 2, 400], [0, 137, 274, 399, 400]])
@pytest.mark.parametrize("preset", ["tiny", "late_entry", "duplicates"])
def test_blocks_of_any_size_give_the_same_deals(preset: str, cuts: list[int]) -> None:
    chosen = replace(PRESETS[preset], opportunities=400, seats=8, churn=0.5)
    world = make_world(chosen, 3)
    whole = make_records(world, np.arange(400))
    parts = [make_records(world, np.arange(a, b)) for a, b in pairwise(cuts)]
    for table in ("opportunities", "stage_events", "activities"):
        joined = pl.concat([getattr(part, table) for part in parts])
        assert_frame_equal(joined, getattr(whole, table))


def test_any_deals_can_be_made_alone() -> None:
    world = make_world("clean", 3)
    some = np.array([17, 4000, 4001, 6499])
    alone = make_records(world, some).stage_events
    everything = make_records(world, np.arange(6500)).stage_events
    ids = alone["opportunity_id"].unique()
    assert_frame_equal(alone, everything.filter(pl.col("opportunity_id").is_in(ids.implode())))


@pytest.mark.proof
@pytest.mark.slow
def test_streaming_200_000_history_rows_does_not_depend_on_the_chunk(tmp_path) -> None:
    preset = replace(SMALL_LARGE, opportunities=60_000)
    stream(preset, 7, tmp_path / "a", chunk=60_000)
    stream(preset, 7, tmp_path / "b", chunk=17_000)
    rows = {}
    for table, keys in (
        ("opportunities", ["opportunity_id"]),
        ("stage_events", ["opportunity_id", "seq"]),
        ("activities", ["activity_id"]),
        ("leads", ["lead_id"]),
        ("forecast_calls", ["rep_id", "period_start", "submitted_at"]),
    ):
        one, other = (
            pl.read_parquet(tmp_path / side / table / "*.parquet").sort(keys) for side in "ab"
        )
        assert_frame_equal(one, other)
        rows[table] = one.height
    assert rows["opportunities"] == 60_000
    assert rows["stage_events"] > 200_000


@pytest.mark.proof
@pytest.mark.slow
def test_memory_does_not_grow_with_the_company(tmp_path) -> None:
    code = (
        "import resource, sys; from dataclasses import replace\n"
        "from spm_lib.simulate import PRESETS, stream\n"
        "size = dict(opportunities=int(sys.argv[1]), seats=50, teams=5, accounts=2000)\n"
        "preset = replace(PRESETS['large'], **size)\n"
        "stream(preset, 7, sys.argv[2], chunk=10_000)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    peak = [
        int(
            subprocess.run(
                [sys.executable, "-c", code, str(n), str(tmp_path / str(n))],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for n in (20_000, 100_000)
    ]
    assert peak[1] < 1.2 * peak[0]


def test_frames_and_files_tell_the_same_story(tmp_path) -> None:
    stream("tiny", 1, tmp_path, chunk=90)
    written = pl.read_parquet(tmp_path / "opportunities" / "*.parquet")
    memory = frames("tiny", 1)["opportunities"]
    assert_frame_equal(written.drop("amount"), memory.drop("amount"))
    assert ((written["amount"] * 100).cast(pl.Int64) == memory["amount"]).all()


def test_a_chunk_holds_at_least_one_deal(tmp_path) -> None:
    with pytest.raises(ParameterError, match="at least one deal"):
        stream("tiny", 1, tmp_path, chunk=0)


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"no such preset.*zombis.*zombies"):
        frames("zombis", 1)


@pytest.mark.proof
def test_a_big_company_is_not_made_in_memory(tmp_path) -> None:
    for make in (lambda: frames("large", 1), lambda: simulate("large", 1, tmp_path)):
        with pytest.raises(ParameterError, match=r"too big.*10,000,000.*stream"):
            make()
