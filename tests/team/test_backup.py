"""A backup is the whole history, the same bytes from either database, and is restored whole."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from spm_lib.core.errors import TeamError
from spm_lib.team.register.backup import back_up, restore
from tests.team.registers import Place, note


@pytest.fixture
def full(tmp_path: Path) -> Place:
    """A register in SQLite with five events, one of them in Hebrew."""
    (tmp_path / "full").mkdir()
    made = Place("sqlite:///team.db", tmp_path / "full")
    for step, text in enumerate(["one", "שתיים", "three\nlines", 'quote " and \u2028']):
        note(made.register(), "R1", text, seen=step)
    note(made.register(), "R2", "five")
    return made


def test_a_history_goes_to_another_database_and_back(
    full: Place, place: Place, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert back_up(full.register(), first) == 5
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    other = place.register()
    assert restore(other, first) == 5
    assert other.events() == full.register().events()
    assert back_up(other, second) == 5
    assert second.read_bytes() == first.read_bytes()
    note(other, "R3", "goes on")
    assert back_up(other, second) == 6
    assert restore(full.register(), second) == 1  # only what was missing
    assert full.register().check() == 6


def test_a_backup_that_was_touched_writes_nothing(full: Place, tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    back_up(full.register(), file)
    lines = file.read_text("utf-8").split("\n")[:-1]
    row = json.loads(lines[2])
    forged = json.dumps({**row, "author": "someone"}, ensure_ascii=False)
    moved = json.dumps({**row, "rep_id": "R2"}, ensure_ascii=False)
    broken = {
        "cut": lines[:-1],
        "cut in a line": [*lines[:-1], lines[-1][:40]],
        "forged": [*lines[:2], forged, *lines[3:]],
        "another's": [*lines[:2], moved, *lines[3:]],
        "swapped": [lines[0], lines[2], lines[1], *lines[3:]],
        "doubled": [*lines, lines[-1]],
        "headless": lines[1:],
        "of another kind": ['{"format": "x"}', *lines[1:]],
        "newer": [lines[0].replace('"version":1', '"version":2'), *lines[1:]],
        "no events": [lines[0], "[]"],
        "empty": [],
    }
    (tmp_path / "goal").mkdir()
    goal = Place("sqlite:///team.db", tmp_path / "goal").register()
    for told, content in broken.items():
        file.write_text("\n".join(content) + "\n", "utf-8")
        with pytest.raises(TeamError):
            restore(goal, file)
        assert goal.events() == [], told
    with pytest.raises(TeamError, match="no such backup"):
        restore(goal, tmp_path / "nothing.jsonl")


def test_another_history_is_not_overwritten(full: Place, place: Place, tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    back_up(full.register(), file)
    other = place.register()
    note(other, "R1", "its own")
    with pytest.raises(TeamError, match="another history"):
        restore(other, file)
    assert [e.after["text"] for e in other.events()] == ["its own"]
    assert other.check() == 1


def test_an_older_backup_takes_nothing_back_and_finds_a_rewritten_history(
    full: Place, tmp_path: Path
) -> None:
    file = tmp_path / "b.jsonl"
    back_up(full.register(), file)
    note(full.register(), "R2", "six", seen=1)
    assert restore(full.register(), file) == 0
    assert full.register().check() == 6
    (tmp_path / "forged").mkdir()
    forged = Place("sqlite:///team.db", tmp_path / "forged").register()
    for step, text in enumerate(["one", "another", "three\nlines"]):
        note(forged, "R1", text, seen=step)
    assert forged.check() == 3  # each event hangs on the one before it, and yet
    with pytest.raises(TeamError, match="another history"):
        restore(forged, file)
