"""Target plans in the register, on both databases: proposed, approved, superseded; letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import spm_lib.team.register.migrating as migrating
from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.core.language import language
from spm_lib.plans import TargetScenario
from spm_lib.plans.scenarios.target_scenario import example_scenario
from spm_lib.store import ClientFolder
from spm_lib.team import (
    Desk,
    LetterDesk,
    LetterFiles,
    Register,
    TargetPlanState,
    Viewer,
    approval,
    plan_status,
    proposal,
)
from spm_lib.team.following.plan_approval import check_approved, reason_told
from spm_lib.team.letters.letter import Letter
from spm_lib.workspace import Scope
from tests.team.registers import START, Place, at, note

PLAN = example_scenario()
RAISED = PLAN.with_row(rep_id="R1", set=400, lock=True, note="granted")


def analyst(register: Register, name: str = "ann") -> Desk:
    return Desk(register, Viewer(name, Scope.company()), people=["R1", "M1"])


def take(desk: Desk, step, plan: TargetScenario, hours: float, why: str = "agreed") -> None:
    desk.enter(step(desk.plan_states(), plan, reason=why), at=at(hours))


def letter(plan: TargetScenario | None = PLAN) -> Letter:
    day = date(2026, 9, 30)
    return Letter(client="Acme", rep_id="R1", name="Noa", start=date(2027, 1, 1),
                  end=date(2028, 1, 1), as_of=day, scenario=plan.name if plan else "",
                  currency="ILS", target=100)  # fmt: skip


def test_of_two_plans_approved_at_once_the_later_holds(place: Place) -> None:
    ann, dana = (analyst(place.register(), name) for name in ("ann", "dana"))
    other = RAISED.model_copy(update={"name": "other"})
    take(ann, proposal, PLAN, 1)
    take(ann, proposal, other, 1)
    seen = ann.plan_states(), dana.plan_states()  # neither knows what the other is about to do
    ann.enter(approval(seen[0], PLAN, reason="first"), at=at(2))
    dana.enter(approval(seen[1], other, reason="second"), at=at(2))
    assert [(s.number, s.status, s.reason) for s in ann.plan_states()] == [
        (1, "superseded", "superseded by proposal 2, other"),
        (2, "approved", "second"),
    ]
    with pytest.raises(TeamError, match="not approved"):
        check_approved(ann.plan_states(), PLAN)


def test_a_plan_goes_from_proposed_to_approved_to_superseded_and_nothing_is_lost(
    place: Place,
) -> None:
    desk = analyst(place.register())
    assert (plan_status(desk.plan_states(), PLAN), desk.plan_states()) == (None, [])
    take(desk, proposal, PLAN, 1, "first draft")
    take(desk, proposal, RAISED, 2, "with the grant")
    assert [(s.number, s.status) for s in desk.plan_states()] == [
        (1, "superseded"), (2, "proposed"),
    ]  # fmt: skip
    with pytest.raises(TeamError, match="was not proposed as it is now"):
        take(desk, approval, PLAN, 3)
    take(analyst(place.register(), "dana"), approval, RAISED, 3, "the board said so")
    assert plan_status(desk.plan_states(), RAISED) == "approved"
    with pytest.raises(TeamError, match="approved already"):
        take(desk, proposal, RAISED, 4)
    take(desk, proposal, PLAN, 5, "back to it")
    take(desk, approval, PLAN, 6, "the grant fell")
    assert [(s.number, s.status, s.reason) for s in desk.plan_states()] == [
        (1, "superseded", "superseded by proposal 2"),
        (2, "superseded", f"superseded by proposal 3, {PLAN.name}"),
        (3, "approved", "the grant fell"),
    ]
    told = [(e.key.subject, e.author.name, e.after["status"]) for e in desk.events()]
    assert told == [
        ("1", "ann", "proposed"), ("2", "ann", "proposed"), ("1", "ann", "superseded"),
        ("2", "dana", "approved"), ("3", "ann", "proposed"), ("3", "ann", "approved"),
        ("2", "ann", "superseded"),
    ]  # fmt: skip
    hebrew = [reason_told(s, language("he")) for s in desk.plan_states()]
    assert hebrew == [
        "הוחלפה בהצעה 2",
        f"הוחלפה בהצעה 3, \u2068{PLAN.name}\u2069",
        "the grant fell",
    ]
    assert [e.at for e in desk.events() if e.after["status"] == "approved"] == [at(3), at(6)]
    assert place.register().check() == 7


def test_letters_go_out_of_an_approved_plan_only(place: Place) -> None:
    desk = analyst(place.register())
    letters = LetterDesk(desk, LetterFiles(ClientFolder(place.folder)), lambda: START)
    assert letters.issue(letter(None)).version == 1, "targets of the data are nobody's plan"
    for refused in ("never proposed", "proposed"):
        with pytest.raises(TeamError, match=refused):
            letters.issue(letter(), plan=PLAN)
        if refused == "never proposed":
            take(desk, proposal, PLAN, 1)
    take(desk, approval, PLAN, 2)
    assert letters.issue(letter(), plan=PLAN).version == 2
    with pytest.raises(TeamError, match="not approved as it is now"):
        letters.issue(letter(), plan=RAISED)
    with pytest.raises(TeamError, match="with its own plan"):
        letters.issue(letter())
    scope = Scope.reps({"M1", "R1"}, label="manager-M1")
    manager = Desk(place.register(), Viewer("dana", scope, "M1"), people=["R1", "M1"])
    own = LetterDesk(manager, letters.files, lambda: START)
    assert own.issue(letter(), plan=PLAN).version == 2
    with pytest.raises(ScopeError):  # who sees a part of the company approves nothing of it
        take(manager, proposal, RAISED, 3)
    assert not manager.events(kinds=["target_plan"])
    assert len(letters.files.all_of("R1")) == 2


def test_what_may_not_follow_is_refused_and_plans_are_of_the_company_alone(place: Place) -> None:
    desk = analyst(place.register())
    take(desk, proposal, PLAN, 1)
    (one,) = desk.plan_states()
    approved = replace(one, status="approved", reason="yes")
    with pytest.raises(TeamError, match="is of another plan"):
        desk.write("target_plan", replace(approved, content="other"), seen=1, at=at(2))
    with pytest.raises(TeamError, match="proposed before it is anything else"):
        desk.write("target_plan", replace(approved, number=2), seen=0, at=at(2))
    with pytest.raises(TeamError, match="reason is missing"):
        take(desk, approval, PLAN, 2, " ")
    done = replace(one, status="superseded", reason="dropped")
    desk.write("target_plan", done, seen=1, at=at(3))
    with pytest.raises(TeamError, match="--to proposed"):
        check_approved(desk.plan_states(), PLAN)
    with pytest.raises(TeamError, match="cannot become approved"):
        desk.write("target_plan", approved, seen=2, at=at(4))
    with pytest.raises(TeamError, match="is of a person, not of the company"):
        note(place.register(), "*", "said of nobody")
    with place.raw() as connection:
        cursor = connection.cursor()
        with pytest.raises(Exception, match=r"company"):  # by other hands, as a person's
            cursor.execute(
                "INSERT INTO team_event SELECT 3, kind, 'R1', '9', 1, author, author_id, at, NULL,"
                " after, fingerprint, 'f' FROM team_event WHERE number = 2"
            )


def test_a_register_of_the_older_shape_is_brought_up_and_keeps_its_history(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrating, "HEAD", "0001")
        old = place.register()
        note(old, "R1", "said before")
        before = old.events()
    desk = analyst(place.register())
    take(desk, proposal, PLAN, 1)
    register = place.register()
    assert register.events()[:1] == before
    assert register.check() == 2
    with place.raw() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT version_num FROM team_version")
        assert cursor.fetchone()[0] == migrating.HEAD == "0002"
    state = desk.plan_states()[0]
    assert isinstance(state, TargetPlanState)
    assert (state.start, state.end) == (PLAN.basis.start, PLAN.basis.end)
