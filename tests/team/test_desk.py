"""Who sees what and who writes what, tried by those who want more than is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.model import open_company, scope_named
from spm_lib.team.desk.desk import Desk
from spm_lib.team.desk.viewer import Viewer, viewer_named
from spm_lib.team.records.check import Check
from spm_lib.team.records.kinds import KINDS, record_of
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.rating import Rating, Score
from spm_lib.team.records.reply import Reply
from spm_lib.team.records.target_plan_state import TargetPlanState
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.register.conflict import ConflictError
from spm_lib.team.register.event import Author, Change, Event, Key
from spm_lib.team.register.register import Register
from spm_lib.workspace import Scope
from tests.team.people import (
    ANALYST,
    MANAGER,
    OTHER_MANAGER,
    OTHER_REP,
    REP,
    TOO_HIGH,
    letter,
    promise,
    response,
)
from tests.team.registers import START, Place, at

PEOPLE = ("M1", "M2", "R1", "R2", "R3")
WORKSPACE = """
version = 1
[workspace]
id = "small"
name = "Small"
currency = "ILS"
exported_on = "2026-10-01"
[stages]
won = ["Won"]
[tables.opportunities]
path = "deals.csv"
[tables.opportunities.columns]
opportunity_id = "id"
rep_id = "rep"
amount = "amount"
stage = "stage"
created_at = "made"
closed_at = "closed"
[tables.memberships]
path = "teams.csv"
[tables.memberships.columns]
rep_id = "rep"
team = "team"
manager_id = "manager"
valid_from = "since"
valid_to = "until"
[[access.viewers]]
name = "dana"
scope = "own team"
person = "M1"
[[access.viewers]]
name = "omer"
scope = "own team"
person = "M2"
[[access.viewers]]
name = "ann"
scope = "company"
valid_to = 2027-01-01
"""
SCORE = Score("crm_hygiene", 3, "next steps in 8 of 10 deals")
Open = Callable[[Viewer], Desk]


def filled(folder: Path) -> Open:
    """A register with a letter, a worried response and a promise of four people."""
    register = Register("sqlite:///team.db", folder=folder)
    ann = Desk(register, ANALYST)
    for rep_id in ("R1", "R2", "R3", "M1"):
        ann.write("letter", letter(rep_id), seen=0, at=START)
        ann.write("response", response(rep_id, worries=(TOO_HIGH,)), seen=0, at=START)
        ann.write("promise", promise(rep_id, 1), seen=0, at=START)
    return lambda viewer: Desk(register, viewer, people=PEOPLE)


@pytest.fixture(scope="module")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """For tests that only read."""
    return filled(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def ruled(tmp_path: Path) -> Open:
    """For tests that write."""
    return filled(tmp_path)


def test_each_sees_the_own_scope_and_no_more(open_desk: Open) -> None:
    nobody = Viewer("x", Scope.reps(frozenset(), label="none"))
    deals = Viewer("y", Scope.of_part("segment", "SMB"))
    seen = {
        viewer.name: {e.key.rep_id for e in open_desk(viewer).events()}
        for viewer in (REP, OTHER_REP, MANAGER, OTHER_MANAGER, ANALYST, nobody, deals)
    }
    assert seen == {
        "noam": {"R1"}, "lior": {"R2"}, "dana": {"M1", "R1", "R2"}, "omer": {"R3"},
        "ann": {"M1", "R1", "R2", "R3"}, "x": set(), "y": set(),
    }  # fmt: skip
    assert [p.rep_id for p in open_desk(REP).records("promise")] == ["R1"]
    told = set()
    for rep_id in ("R2", "R9", "M2", "R1' or '1'='1", "%", "R"):
        for ask in (
            lambda d, r: d.events(rep_id=r),
            lambda d, r: d.find("promise", r, "1"),
            lambda d, r: d.next_number("promise", r),
        ):
            with pytest.raises(ScopeError) as caught:
                ask(open_desk(REP), rep_id)
            told.add(str(caught.value).replace(rep_id, "..."))
    assert len(told) == 1  # who is there and who is not sounds alike


WRITES: dict[str, Callable[[str], Any]] = {
    "letter": lambda r: letter(r, 2),
    "response": lambda r: response(r, confidence=1, worries=(TOO_HIGH,)),
    "reply": lambda r: Reply(r, TOO_HIGH.category, TOO_HIGH.text, "we shall see"),
    "request": lambda r: TargetRequest(r, 1, 100, 80, "one account left"),
    "promise": lambda r: promise(r, 2, agreed_on=date(2026, 10, 2)),
    "check": lambda r: Check(r, "crm_use", date(2026, 10, 1), "seen"),
    "self_rating": lambda r: Rating(r, "2026-Q3", (SCORE,)),
    "manager_rating": lambda r: Rating(r, "2026-Q3", (SCORE,), without_self="on leave"),
    "meeting": lambda r: Meeting(r, date(2026, 10, 2), promises=(1,)),
    "target_plan": lambda _: TargetPlanState(
        1, "2027", "a", date(2027, 1, 1), date(2028, 1, 1), "proposed", "ready"
    ),
}
OWN_WORDS = {"response", "request", "self_rating"}
LEADS_WORDS = {"letter", "reply", "check", "manager_rating"}
COMPANYS_WORDS = {"target_plan"}  # which only who may see the company writes


def test_who_may_write_what_about_whom(ruled: Open) -> None:
    assert set(WRITES) == set(KINDS)
    both = set(KINDS) - OWN_WORDS - LEADS_WORDS - COMPANYS_WORDS
    allowed = {
        ("noam", "R1"): OWN_WORDS | both,
        ("lior", "R2"): OWN_WORDS | both,
        ("dana", "M1"): OWN_WORDS | both,
        ("omer", "M2"): OWN_WORDS | both,
        ("dana", "R1"): LEADS_WORDS | both,
        ("dana", "R2"): LEADS_WORDS | both,
        ("omer", "R3"): LEADS_WORDS | both,
    }
    team_only = Viewer("tal", Scope.reps({"R1", "R2"}, label="team-North"))  # known to nobody
    unseen = (Viewer("deals", Scope.of_part("segment", "SMB"), "R1"), team_only)
    refused = 0
    for viewer in (REP, OTHER_REP, MANAGER, OTHER_MANAGER, *unseen):
        desk = ruled(viewer)
        for rep_id in PEOPLE:
            for kind, make in WRITES.items():
                if (viewer.name, rep_id) == ("lior", "R2") and kind in OWN_WORDS | both:
                    continue
                if kind in allowed.get((viewer.name, rep_id), set()):
                    continue
                with pytest.raises(ScopeError):
                    desk.write(kind, make(rep_id), seen=0, at=START)
                refused += 1
    assert refused == 6 * 5 * 10 - 4 * 5 - 3 * 6
    everything = ruled(ANALYST).events()
    assert len(everything) == 12  # nothing of all that was written
    for kind in sorted(allowed["dana", "R1"]):
        seen = ruled(MANAGER).find(kind, "R1", "1")[1] if kind == "response" else 0
        ruled(MANAGER).write(kind, WRITES[kind]("R1"), seen=seen, at=START)
    made = ruled(REP).events()[-1]
    assert {e.author for e in ruled(REP).events()[3:]} == {Author("dana", "M1")}
    assert made.key.rep_id == "R1"
    ruled(ANALYST).write("target_plan", WRITES["target_plan"](""), seen=0, at=START)
    assert not [e for v in (REP, MANAGER) for e in ruled(v).events(kinds=["target_plan"])]


def test_nobody_writes_in_anothers_place(ruled: Open) -> None:
    noam = ruled(REP)
    with pytest.raises(ScopeError):  # another's subject by another's id
        noam.write("promise", promise("R2", 1, status="done", outcome="x",
                                      closed_on=date(2026, 10, 2)), seen=1, at=at(1))  # fmt: skip
    with pytest.raises(TeamError, match="no such kind"):  # a record under another kind
        noam.write("letter", promise("R1", 2), seen=0, at=at(1))
    with pytest.raises(TeamError, match="no such kind"):
        noam.write("team_event", promise("R1", 2), seen=0, at=at(1))
    # the same number is another promise for each person
    noam.write("promise", promise("R1", 2, what="mine"), seen=0, at=at(1))
    ruled(OTHER_REP).write("promise", promise("R2", 2, what="his"), seen=0, at=at(1))
    assert noam.find("promise", "R1", "2")[0].what == "mine"
    # a decision is not the asker's, whatever the record says
    asked = TargetRequest("R1", 1, 100, 80, "one account left")
    noam.write("request", asked, seen=0, at=at(2))
    granted = replace(asked, status="approved", decided=80, decision="yes")
    with pytest.raises(ScopeError, match="which who leads the person writes"):
        noam.write("request", granted, seen=1, at=at(3))
    with pytest.raises(TeamError, match="cannot become"):
        ruled(MANAGER).write("request", replace(granted, asked=70, decided=70), seen=1, at=at(3))
    ruled(MANAGER).write("request", granted, seen=1, at=at(3))
    with pytest.raises(TeamError, match="cannot become"):
        noam.write("request", replace(asked, status="withdrawn", decision="x"), seen=2, at=at(4))
    with pytest.raises(ConflictError):
        noam.write("promise", promise("R1", 2, what="mine", due=date(2026, 11, 1), outcome="ill"),
                   seen=0, at=at(4))  # fmt: skip
    ann = ruled(ANALYST)
    with pytest.raises(ScopeError):  # a person whom nobody knows
        ann.write("promise", promise("R77", 1), seen=0, at=at(4))


def test_what_does_not_follow_is_refused(ruled: Open) -> None:
    noam, dana = ruled(REP), ruled(MANAGER)
    forged = replace(response("R1"), letter="f" * 64)
    bad = [
        (noam, "response", forged, "was not issued"),
        (noam, "response", response("R1", 2), "was not issued"),
        (noam, "response", response("R1", confidence=9), "cannot be taken"),
        (noam, "promise", promise("R1", 5, status="done", outcome="x",
                                  closed_on=date(2026, 10, 2)), "as open first"),
        (dana, "reply", Reply("R1", "data", "never said", "no"), "no such worry"),
        (dana, "manager_rating", Rating("R1", "2026-Q3", (SCORE,)), "self-rating comes first"),
        (dana, "letter", replace(letter("R1"), target=1), "never changed"),
    ]  # fmt: skip
    for desk, kind, record, says in bad:
        seen = 1 if kind in ("letter", "response") and record.version == 1 else 0
        with pytest.raises(TeamError, match=says) as caught:
            desk.write(kind, record, seen=seen, at=at(1))
        assert "R2" not in str(caught.value)


def test_the_manager_s_rating_is_seen_after_the_own_one(ruled: Open) -> None:
    dana, noam = ruled(MANAGER), ruled(REP)
    early = Rating("R1", "2026-Q3", (SCORE,), without_self="on leave")
    dana.write("manager_rating", early, seen=0, at=at(1))
    assert noam.records("manager_rating") == []
    assert noam.events(kinds=["manager_rating"], rep_id="R1") == []
    assert noam.find("manager_rating", "R1", "2026-Q3") == (None, 0)
    assert "manager_rating" not in {e.key.kind for e in noam.events()}
    assert dana.records("manager_rating") == [early]
    noam.write("self_rating", Rating("R1", "2026-Q3", (SCORE,)), seen=0, at=at(2))
    assert noam.records("manager_rating") == [early]
    later = replace(early, period="2026-Q4")
    dana.write("manager_rating", later, seen=0, at=at(3))
    assert noam.records("manager_rating") == [early]


DEALS = "id,rep,amount,stage,made,closed\n1,R1,100,Won,2026-01-05,2026-02-01\n"
MOVED = (
    "rep,team,manager,since,until\nR1,North,M1,2020-01-01,2026-09-01\n"
    "R1,South,M2,2026-09-01,\nR2,North,M1,2020-01-01,\nM3,North,M1,2020-01-01,\n"
    "R3,North,M3,2020-01-01,\n"
)


def test_a_manager_s_people_are_those_of_the_day(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text(MOVED, encoding="utf-8")
    file = tmp_path / "spm.toml"
    file.write_text(WORKSPACE, encoding="utf-8")
    desk = filled(tmp_path)
    before, after = date(2026, 8, 31), date(2026, 9, 1)

    def seen(name: str, day: date) -> set[str]:
        company = open_company(file, as_of=day)
        viewer = viewer_named(company, name, access=company.settings.access, day=day)
        assert viewer.scope == scope_named(company, f"manager:{viewer.person}")  # as in reports
        return {e.key.rep_id for e in desk(viewer).events()}

    assert seen("dana", before) == {"M1", "R1", "R2", "R3"}  # R3 through M3, at any depth
    assert seen("dana", after) == {"M1", "R2", "R3"}
    assert seen("omer", after) == {"R1"}
    late = open_company(file, as_of=before)  # data that are older than the day do not keep R1
    moved = viewer_named(late, "dana", access=late.settings.access, day=after)
    assert not moved.sees("R1")
    for name, day in (("omer", before), ("ann", date(2027, 1, 1)), ("nobody", after)):
        with pytest.raises(ScopeError, match="may see nothing") as caught:
            seen(name, day)
        assert "North" not in str(caught.value)


def test_every_kind_comes_back_from_either_database_as_it_was_written(place: Place) -> None:
    desk = Desk(place.register(), ANALYST)
    desk.write("letter", letter("R1", 1), seen=0, at=START)
    said = response("R1", worries=(TOO_HIGH,), ideas=("שיחות ביום א׳",))
    desk.write("response", said, seen=0, at=START)
    desk.write("promise", promise("R1", 1), seen=0, at=START)
    for kind, make in WRITES.items():
        record = make("R1")
        seen = 1 if kind == "response" else 0
        event = desk.write(kind, record, seen=seen, at=START)
        assert record_of(event) == record
        assert record in desk.records(kind)


def test_a_payload_that_was_forged_is_no_record(tmp_path: Path) -> None:
    register = Register("sqlite:///team.db", folder=tmp_path)
    desk = Desk(register, ANALYST)
    desk.write("promise", promise("R1", 1), seen=0, at=START)
    (good,) = register.events()

    def forged(**more: Any) -> Event:
        return replace(good, after={**good.after, **more})

    for bad in (
        forged(rep_id="R2"), forged(number=2), forged(author="R2"), forged(due="soon"),
        forged(status="forgotten"), forged(what=""), replace(good, key=Key("x", "R1", "1")),
    ):  # fmt: skip
        with pytest.raises(TeamError):
            record_of(bad)
    stranger = Change(Key("promise", "R2", "1"), good.after)
    register.write(stranger, author=Author("x"), at=START)
    with pytest.raises(TeamError, match="another key"):
        desk.records("promise")
