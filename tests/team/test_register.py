"""The register, alike on SQLite and on a real PostgreSQL: what was written stays as it was."""

from __future__ import annotations

import random
import re
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pg8000
import pytest

from spm_lib.core.errors import MissingExtraError, SourceError, TeamError
from spm_lib.team.register.conflict import ConflictError
from spm_lib.team.register.event import Author, Change, Key, chained
from spm_lib.team.register.history import about, known_by, newest, of_kind
from spm_lib.team.register.migrating import HEAD
from spm_lib.team.register.opening import open_register
from spm_lib.team.register.register import Register
from spm_lib.workspace import settings_from_text
from tests.team.registers import DANA, NOAM, START, Place, at, note

REFUSALS = (sqlite3.Error, pg8000.Error)


def test_the_present_is_told_from_the_history_as_a_plain_dictionary_tells_it(place: Place) -> None:
    register, chance = place.register(), random.Random(8)
    plain: dict[tuple[str, str, str], list[int]] = {}
    for begin in range(0, 30, 5):
        made = []
        for step in range(begin, begin + 5):
            key = (
                chance.choice(["note", "mark"]),
                chance.choice(["R1", "R2"]),
                chance.choice("ab"),
            )
            seen = plain.setdefault(key, [])
            made.append(Change(Key(*key), {"step": step}, seen=len(seen)))
            seen.append(step)
        register.write_all(made, author=chance.choice([DANA, NOAM]), at=at(begin))
    events = register.events()
    state = newest(events)
    assert {(k.kind, k.rep_id, k.subject): e.after["step"] for k, e in state.items()} == {
        key: steps[-1] for key, steps in plain.items()
    }
    assert [e.version for e in events if e.key == Key("note", "R1", "a")] == list(
        range(1, len(plain["note", "R1", "a"]) + 1)
    )
    assert [e.number for e in events] == list(range(1, 31))
    for event in events:
        older = [s for s in plain[event.key.kind, event.key.rep_id, event.key.subject]
                 if s < event.after["step"]]  # fmt: skip
        assert event.before == ({"step": older[-1]} if older else None)
    some = register.events(kinds=["mark"], rep_ids=["R2"], after=8)
    assert some == [e for e in about(of_kind(events, "mark"), {"R2"}) if e.number > 8]
    assert some
    assert register.events(rep_ids=[]) == []
    assert [e.after["step"] for e in known_by(events, at(10))] == list(range(10))
    assert register.current(Key("note", "R1", "a")) == state[Key("note", "R1", "a")]
    assert register.current(Key("note", "R9", "a")) is None
    assert place.register().check() == 30  # opened a second time


CHANGES = [
    "update team_event set after = '{}' where number = 1",
    "update team_event set number = 9 where number = 2",
    "delete from team_event where number = 2",
    "delete from team_event",
    "insert into team_event select number, kind, rep_id, subject, version, author, author_id, at,"
    " before, '{}', previous, fingerprint from team_event where number = 1",
    "insert into team_event select 3, kind, rep_id, subject, 1, author, author_id, at,"
    " before, '{}', fingerprint, fingerprint from team_event where number = 2",
    "insert into team_event select 7, kind, rep_id, subject, 3, author, author_id, at,"
    " before, '{}', fingerprint, fingerprint from team_event where number = 2",
    "insert into team_event select 3, kind, rep_id, subject, 3, author, author_id, at,"
    " before, '{}', previous, fingerprint from team_event where number = 2",
]
ONLY = {
    "sqlite": [
        CHANGES[4].replace("insert", "insert or replace"),
        CHANGES[5].replace("insert", "insert or replace"),
        "replace into team_event select * from team_event",
        "update or replace team_event set number = 1 where number = 2",
        CHANGES[4] + " on conflict (number) do update set after = '{}'",
    ],
    "postgresql": [
        "truncate team_event",
        "truncate team_event cascade",
        "insert into team_event select * from team_event on conflict (number)"
        " do update set after = '{}'",
        "merge into team_event t using team_event s on t.number = s.number"
        " when matched then update set after = '{}'",
    ],
}


def test_no_statement_changes_what_was_written(place: Place) -> None:
    register = place.register()
    note(register, "R1", "one")
    note(register, "R1", "two", seen=1)
    before = register.events()
    for statement in CHANGES + ONLY[register.database.kind]:
        with place.raw() as connection, pytest.raises(REFUSALS) as caught:
            connection.cursor().execute(statement)
        told = str(caught.value)
        assert re.search("append-only|not the next|unique|UNIQUE|duplicate", told), statement
    assert register.events() == before
    assert register.check() == 2


def test_who_writes_second_is_told_and_nothing_is_lost(place: Place) -> None:
    first, second = place.register(), place.register()
    note(first, "R1", "one")
    note(second, "R1", "two", seen=1)
    with pytest.raises(ConflictError, match="version 1 was seen, there is version 2 by dana") as c:
        note(first, "R1", "three", seen=1)
    assert c.value.current is not None
    assert c.value.current.after == {"text": "two"}
    with pytest.raises(ConflictError, match="version 1 was seen, there is nothing yet"):
        note(first, "R2", "new", seen=1)
    both = [
        Change(Key("note", "R2", "a"), {"text": "mine"}),
        Change(Key("note", "R1", "a"), {"text": "late"}, seen=1),
    ]
    with pytest.raises(ConflictError):
        first.write_all(both, author=NOAM, at=at(1))
    assert [e.after["text"] for e in second.events()] == ["one", "two"]  # all or nothing
    both[1] = Change(Key("note", "R1", "a"), {"text": "three"}, seen=2)
    written = first.write_all(both, author=NOAM, at=at(1))
    assert [(e.number, e.version, e.author) for e in written] == [(3, 1, NOAM), (4, 3, NOAM)]
    assert second.events()[2:] == written


WRITERS = """
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from spm_lib.team.register.conflict import ConflictError
from spm_lib.team.register.event import Author, Change, Key
from spm_lib.team.register.register import Register
url, folder, *names = sys.argv[1:]
name = next((name for name in names if os.fork() == 0), None)
if name is None:  # this one only waits for the others
    sys.exit(sum(os.waitstatus_to_exitcode(os.wait()[1]) for _ in names))
register = Register(url, folder=Path(folder))
at, author, shared = datetime(2026, 10, 1, tzinfo=UTC), Author(name), Key("note", "R1", "shared")
for step in range(4):
    said = {"by": name, "step": step}
    register.amend(
        Key("count", "R1", "all"), lambda p: {"n": (p or {"n": 0})["n"] + 1}, author=author, at=at
    )
    while True:
        event = register.current(shared)
        try:
            register.write(Change(shared, said, seen=event.version if event else 0),
                           author=author, at=at)
            break
        except ConflictError:
            pass
"""


@pytest.mark.slow
def test_several_processes_lose_nothing(place: Place) -> None:
    names = ["ann", "bob", "eve"]
    command = [sys.executable, "-c", WRITERS, place.url, str(place.folder), *names]
    subprocess.run(command, check=True, timeout=120)  # one makes the tables, the others wait
    register = place.register()
    assert register.check() == 24
    counted = register.events(kinds=["count"])
    assert [e.after["n"] for e in counted] == list(range(1, 13))
    said = register.events(kinds=["note"])
    assert Counter(e.author.name for e in said) == dict.fromkeys(names, 4)
    for name in names:  # each one's words in the order in which they were said
        assert [e.after["step"] for e in said if e.author.name == name] == list(range(4))


def test_a_changed_history_is_told_from_the_true_one(place: Place) -> None:
    register = place.register()
    for step, text in enumerate(["one", "two", "three"]):
        note(register, "R1", text, seen=step)
    true = register.events()
    for broken in (true[1:], [true[0], true[2]], [true[0], true[0]], true[::-1]):
        with pytest.raises(TeamError, match="history of the register is broken"):
            list(chained(broken))
    guard = {
        "sqlite": "drop trigger team_event_keep",
        "postgresql": "alter table team_event disable trigger team_event_keep",
    }
    with place.raw() as connection:
        connection.cursor().execute(guard[register.database.kind])
        connection.cursor().execute("update team_event set author = 'x' where number = 2")
        connection.commit()
    with pytest.raises(TeamError, match="event 2 is not the one that was written"):
        register.check()
    with place.raw() as connection:  # a damaged file: half of what stood there
        connection.cursor().execute("update team_event set after = '{\"te' where number = 3")
        connection.commit()
    with pytest.raises(TeamError, match="event 3 is not the one that was written"):
        register.events()


def test_any_text_comes_back_and_what_cannot_be_kept_is_refused(place: Place) -> None:
    register = place.register()
    hostile = {
        "text": "'; drop table team_event; -- \x00 \u202e שלום 👍 ${HOME} {x} %s :name \\",
        "long": "x" * 1_000_000,
        "nested": {"list": [1, None, True, 1.5, 10**20]},
    }
    key = Key("note", "R'1 %s :a", 'קצר "a" \\ ?')
    register.write(Change(key, hostile), author=Author("o'neil", None), at=START)
    (event,) = register.events(rep_ids=[key.rep_id])
    assert (event.key, event.after, event.author) == (key, hostile, Author("o'neil", None))
    for bad in ({"a": float("nan")}, {"a": "\ud800"}, {"a": START}, {"a": {1, 2}}):
        with pytest.raises(TeamError, match="cannot be kept"):
            register.write(Change(Key("note", "R1", "b"), bad), author=DANA, at=START)
    with pytest.raises(TeamError, match="needs its zone"):
        register.write(
            Change(Key("note", "R1", "b"), {}), author=DANA, at=START.replace(tzinfo=None)
        )
    for name in ("", "a\nb", "a\x00", "\u202eb", "x" * 201, "\ud800", 7, None):
        with pytest.raises(TeamError, match="1 to 200 visible signs"):
            Key("note", name, "a")  # type: ignore[arg-type]
        with pytest.raises(TeamError):
            Author(name)  # type: ignore[arg-type]
    assert register.check() == 1


def test_migrations_end_where_the_code_thinks_and_a_newer_shape_is_refused(place: Place) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import spm_lib.team.register.migrating as migrating

    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    note(place.register(), "R1", "kept")
    with place.raw() as connection:
        connection.cursor().execute("update team_version set version_num = '9999'")
        connection.commit()
    with pytest.raises(TeamError, match="made by a newer version"):
        place.register()


def test_the_file_is_its_owners_only_and_lies_beside_the_workspace_file(tmp_path: Path) -> None:
    head = 'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "ILS"\n'
    head += '[tables.orders]\npath = "o.csv"\n'
    settings = settings_from_text(head, path=tmp_path / "client" / "spm.toml")
    note(open_register(settings), "R1", "one")
    file = tmp_path / "client" / "team.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {p.name for p in file.parent.iterdir()} <= {"team.db", "team.db-wal", "team.db-shm"}
    told = settings_from_text(head + '[team]\nurl = "sqlite:///other.db"\n', path=settings.path)
    assert open_register(told).events() == []
    assert (tmp_path / "client" / "other.db").exists()


def test_an_address_is_never_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAM_URL", raising=False)
    with pytest.raises(SourceError, match=r"\[team\] url needs .* not set: TEAM_URL"):
        Register("${TEAM_URL}", folder=tmp_path)
    monkeypatch.setenv("TEAM_URL", "postgresql://bob:hunter2@localhost:1/hunter2")
    with pytest.raises(TeamError, match="refuses") as caught:
        Register("${TEAM_URL}", folder=tmp_path)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(TeamError, match="SQLite or PostgreSQL"):
        Register("duckdb:///x.duckdb", folder=tmp_path)
    (tmp_path / "text.db").write_text("this is no database" * 99)
    with pytest.raises(TeamError, match="refuses"):
        Register("sqlite:///text.db", folder=tmp_path)


@pytest.mark.parametrize("missing", ["alembic", "sqlalchemy"])
def test_without_the_extra_its_name_is_told(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'spm-lib\[team\]'"):
        Register("sqlite:///team.db", folder=tmp_path)
    assert not (tmp_path / "team.db").exists()
