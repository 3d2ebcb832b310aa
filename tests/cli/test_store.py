"""``spm store``: built from a workspace, extended by its new files, asked like the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from tests.model.test_store_extended import assert_same


def cut(file: Path, *, first: int, goal: Path | None = None) -> None:
    """Keep the first lines of a file; the others go into another one, under the same header."""
    head, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text(head + "".join(lines[:first]), encoding="utf-8")
    if goal:
        goal.write_text(head + "".join(lines[first:]), encoding="utf-8")


@pytest.mark.slow
def test_a_store_grows_with_the_files_of_the_workspace(spm, company: Path) -> None:
    """Half of the history comes in a second file, which the glob of the workspace finds."""
    toml = company / "spm.toml"
    text = toml.read_text(encoding="utf-8")
    assert "history.csv" in text
    toml.write_text(text.replace("history.csv", "history*.csv"), encoding="utf-8")
    later = company / "history-2.csv"
    cut(company / "history.csv", first=500, goal=later)
    kept = later.read_bytes()
    later.unlink()
    out = spm.ok("store", "build", "-w", company, "--buckets", "3")
    assert "3 parts" in out
    later.write_bytes(kept)
    rows = len(kept.decode().splitlines()) - 1
    assert f"Added {rows:,} of stage_events" in spm.ok("store", "extend", "-w", company)
    assert "Nothing to do" in spm.ok("store", "extend", "-w", company)
    assert "2 batches" in spm.ok("store", "show", "-w", company)
    assert_same(spm_lib.open(toml), spm_lib.open(company / "cache" / "store"))
    answers = [
        spm.ok("metrics", "win_rate.closed.count", "--by", "rep_id", "--format", "csv", "-w", path)
        for path in (company, company / "cache" / "store" / "store.json")
    ]
    assert answers[0] == answers[1]


@pytest.mark.slow
def test_a_file_that_was_read_and_changed_is_refused(spm, company: Path) -> None:
    spm.ok("store", "build", "-w", company, "--buckets", "1")
    cut(company / "history.csv", first=100)
    told = spm.refused("store", "extend", "-w", company)
    assert "What was read of stage_events before is not what it says now" in told


def test_a_list_of_shops_beside_the_workspace_file_is_no_store(spm, company: Path) -> None:
    (company / "store.json").write_text('{"shops": ["Haifa"]}', encoding="utf-8")
    answers = [
        spm.ok("metrics", "won.count", "-w", path) for path in (company, company / "spm.toml")
    ]
    assert answers[0] == answers[1]
    assert spm_lib.open(company).table("opportunities").height > 0
