"""No open promise is ever dropped: over random histories, through the desk and a real register."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import TeamError
from spm_lib.team.desk.desk import Desk
from spm_lib.team.desk.viewer import Viewer
from spm_lib.team.following.agenda import agenda
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise
from spm_lib.team.register.register import Register
from spm_lib.workspace import Scope
from tests.examples import examples
from tests.team.people import promise
from tests.team.registers import at

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["agree", "agree", "agree", "done", "withdraw", "put off", "reopen", "meet", "meet"]
        ),
        st.integers(1, 4),
    ),
    max_size=14,
)
FIRST = date(2026, 10, 1)
PEOPLE = itertools.count(1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder: Path = tmp_path_factory.mktemp("promises")
    register = Register("sqlite:///team.db", folder=folder)
    return Desk(register, Viewer("ann", Scope.company()))


class Notebook:
    """What somebody with a paper notebook would say, beside what the register says."""

    def __init__(self, desk: Desk, rep_id: str) -> None:
        self.desk, self.rep_id = desk, rep_id
        self.plain: dict[int, str] = {}
        self.on, self.hours = FIRST, 0

    @property
    def owed(self) -> tuple[int, ...]:
        return tuple(n for n, state in sorted(self.plain.items()) if state == "open")

    def step(self, what: str, number: int) -> None:
        self.on += timedelta(days=2)
        self.hours += 1
        if what in ("agree", "meet"):
            getattr(self, what)(number)
        elif number in self.plain:
            there, seen = self.desk.find("promise", self.rep_id, str(number))
            self.change(what, there, seen)

    def agree(self, number: int) -> None:
        fresh = self.desk.next_number("promise", self.rep_id)
        assert fresh not in self.plain
        due = self.on + timedelta(days=number)
        self.write(promise(self.rep_id, fresh, agreed_on=self.on, due=due), 0)
        self.plain[fresh] = "open"

    def meet(self, _: int) -> None:
        known = agenda(self.desk.records("promise", rep_id=self.rep_id))
        assert known.numbers == self.owed  # every one of them is on the agenda
        for left_out in known.numbers:
            short = tuple(n for n in known.numbers if n != left_out)
            with pytest.raises(TeamError, match=f"left out: {left_out}"):
                self.hold(short)
        self.hold(known.numbers)

    def hold(self, promises: tuple[int, ...]) -> None:
        held = Meeting(self.rep_id, self.on, promises=promises)
        self.desk.write("meeting", held, seen=0, at=at(self.hours))

    def change(self, what: str, there: Promise, seen: int) -> None:
        with pytest.raises(TeamError, match="outcome is missing"):
            replace(there, status="withdrawn", closed_on=self.on, outcome=" ")
        with pytest.raises(TeamError, match="another what"):
            self.write(replace(there, what="less"), seen)
        status = {"done": "done", "withdraw": "withdrawn"}.get(what, "open")
        later = there.due + timedelta(days=3 if what == "put off" else 0)
        closed = None if status == "open" else self.on
        after = replace(there, status=status, due=later, closed_on=closed, outcome="so it went")
        if not there.open:  # a form of before it was closed may not wipe what came of it
            silent = replace(there, status="open", closed_on=None, outcome="")
            with pytest.raises(TeamError, match="opened again with a reason"):
                self.write(silent, seen)
        if self.plain[there.number] != "open" and status != "open":
            with pytest.raises(TeamError, match="is closed"):
                self.write(after, seen)
            return
        self.write(after, seen)
        self.plain[there.number] = status

    def write(self, made: Promise, seen: int) -> None:
        self.desk.write("promise", made, seen=seen, at=at(self.hours))


@pytest.mark.slow
@settings(max_examples=examples(6))
@given(steps=STEPS)
def test_every_promise_is_open_done_or_withdrawn_and_in_every_1_1_until_then(
    desk: Desk, steps: list[tuple[str, int]]
) -> None:
    notebook = Notebook(desk, f"R{next(PEOPLE)}")
    for what, number in steps:
        notebook.step(what, number)
    kept = desk.records("promise", rep_id=notebook.rep_id)
    assert {p.number: p.status for p in kept} == notebook.plain
    assert all(p.outcome for p in kept if not p.open)
    assert agenda(kept).numbers == notebook.owed
    # the history holds the beginning of each promise that there ever was
    events = desk.events(kinds=["promise"], rep_id=notebook.rep_id)
    assert {e.after["number"] for e in events if e.version == 1} == set(notebook.plain)


def test_the_agenda_opens_with_what_is_overdue_and_what_came_of_the_rest() -> None:
    late = promise("R1", 2, due=date(2026, 10, 5))
    soon = promise("R1", 1)
    done = promise("R1", 3, status="done", closed_on=date(2026, 10, 9), outcome="signed")
    old = promise("R1", 4, status="done", closed_on=date(2026, 10, 2), outcome="sent")
    told = agenda([soon, late, done, old], [Meeting("R1", date(2026, 10, 7))])
    assert (told.open, told.closed) == ((late, soon), (done,))
    assert told.overdue(date(2026, 10, 6)) == (late,)
    assert told.last == Meeting("R1", date(2026, 10, 7))
