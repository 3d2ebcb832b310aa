"""One whole cycle on the sample: plan, letters, answers, a quarter of talks, review, next plan."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.core.language import language
from spm_lib.model import Company, members_on, open_company, scope_named
from spm_lib.plans import TargetScenario, build, propose
from spm_lib.reports import ManagerPage, OneOnOnePage
from spm_lib.store import ClientFolder
from spm_lib.team import (
    AREAS,
    Acceptance,
    Check,
    Desk,
    Goal,
    Issued,
    LetterDesk,
    LetterFiles,
    Meeting,
    Promise,
    Rating,
    Reply,
    Response,
    Score,
    TargetRequest,
    Viewer,
    Worry,
    acceptance,
    agenda,
    approval,
    import_folder,
    letter_maker,
    open_register,
    proposal,
    response_toml,
    team_told,
    with_decisions,
)
from spm_lib.workspace import Scope

pytestmark = pytest.mark.slow
PLANNED, ENDED = date(2026, 6, 30), date(2026, 9, 30)
QUARTER = "2026-Q3"
HIGH = Worry("target_too_high", "Twice what anybody sold")
DATA = Worry("data", "Two deals are not mine")
GOAL = Goal("win_rate.closed.count", "Qualify harder", date(2026, 12, 31))
SILENT, BROKEN, HOSTILE, WRONG = "R05", "R07", "R08", "R09"  # no answer, and three bad files
UNSURE, ASKING = "R03", "R04"


class Loop:
    """A firm that goes through the loop; what is true is kept beside it, in plain sets."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "spm.toml"
        self.client = ClientFolder.of(self.file)
        self.company: Company = open_company(self.file, as_of=PLANNED)
        self.register = open_register(self.company.settings)
        self.analyst = Desk(self.register, Viewer("ann", Scope.company()))
        members = members_on(self.company).select("rep_id", "manager_id").iter_rows()
        self.manager_of = dict(members)
        self.open: dict[str, set[int]] = {}
        self.kept: set[tuple[str, int]] = set()

    def desk(self, kind: str, person: str) -> Desk:
        """The desk of a person ("rep") or of a manager with the own people."""
        scope = scope_named(self.company, f"{kind}:{person}")
        return Desk(self.register, Viewer(person.lower(), scope, person))

    def team(self, manager: str) -> list[str]:
        return sorted(r for r, m in self.manager_of.items() if m == manager and r in self.people)

    def plan(self, scenario: TargetScenario) -> dict[str, int]:
        """Share a plan out; whatever was decided, its parts add up to the cent."""
        self.targets = build(self.company, scenario, draws=10)
        found = dict(self.targets.people.select("rep_id", "target").iter_rows())
        assert sum(found.values()) == scenario.basis.target
        self.people = set(found)
        return found

    def issue(self, day: date) -> dict[str, Issued]:
        maker = letter_maker(self.company, self.targets, client=self.client)
        desk = LetterDesk(self.analyst, LetterFiles(self.client), lambda: noon(day))
        plan, first = self.targets.scenario, min(self.people)
        with pytest.raises(TeamError, match="never proposed"):  # nothing goes out before
            desk.issue(maker.letter(first), plan=plan)
        for step in (proposal, approval):
            entries = step(self.analyst.plan_states(), plan, reason="The board said so")
            self.analyst.enter(entries, at=noon(day))
        return {rep: desk.issue(maker.letter(rep), plan=plan) for rep in sorted(self.people)}

    def standing(self) -> Acceptance:
        kinds = ("letter", "response", "reply", "request")
        letters, responses, replies, requests = (self.analyst.records(k) for k in kinds)
        return acceptance(letters, responses, replies=replies, requests=requests)


def noon(day: date) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.combine(day, time(12), ZoneInfo("Asia/Jerusalem"))


def answer(issued: Issued, **more: Any) -> Response:
    told: dict[str, Any] = {"read_on": date(2026, 7, 2), "decision": "accept", "confidence": 4}
    rep = issued.letter.rep_id
    if rep == UNSURE:
        told |= {"confidence": 1, "decision": "accept_with_remarks", "worries": (HIGH, DATA)}
    if rep == ASKING:
        told |= {"decision": "not_accept", "remarks": "My largest account left"}
    if int(rep[1:]) % 10 == 1:
        told |= {"goals": (GOAL,)}
    return Response(issued.hash, issued.version, rep, **(told | more))


@pytest.fixture(scope="module")
def loop(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    folder = tmp_path_factory.mktemp("cycle")
    for file in sample_workspace.parent.glob("*.*"):
        shutil.copy(file, folder)
    return Loop(folder)


def test_one_cycle_from_plan_to_next_plan(loop: Loop, tmp_path: Path) -> None:
    scenario = propose(loop.company, name="Second half")
    targets = loop.plan(scenario)
    issued = loop.issue(date(2026, 7, 1))
    assert {rep: one.letter.target for rep, one in issued.items()} == targets
    _answers(loop, issued, tmp_path)
    decided = _request_goes_up(loop, scenario, targets)
    manager = loop.manager_of[ASKING]
    _a_quarter(loop, manager)
    _review(loop, manager)
    _what_it_came_to(loop, manager)
    _next_plan(loop, decided)


def _answers(loop: Loop, issued: dict[str, Issued], folder: Path) -> None:
    """Files of everybody but one; three of them cannot be."""
    english = language("en")
    for rep, one in issued.items():
        if rep != SILENT:
            told = response_toml(one, language=english, response=answer(one))
            (folder / f"{rep}.toml").write_text(told, encoding="utf-8")
    (folder / f"{BROKEN}.toml").write_text("decision = maybe\n[[", encoding="utf-8")
    theirs = answer(issued[UNSURE], confidence=5, worries=())
    forged = response_toml(issued[HOSTILE], language=english, response=theirs)
    forged = forged.replace(f'rep_id = "{UNSURE}"', f'rep_id = "{HOSTILE}"')
    (folder / f"{HOSTILE}.toml").write_text(forged, encoding="utf-8")
    formula = answer(issued[WRONG], remarks="=HYPERLINK(1)")
    wrong = response_toml(issued[WRONG], language=english, response=formula)
    (folder / f"{WRONG}.toml").write_text(wrong, encoding="utf-8")
    desk = LetterDesk(loop.analyst, LetterFiles(loop.client), lambda: noon(date(2026, 7, 6)))
    found = import_folder(folder, letters=desk.files.all_of, keep=desk.hand_in)
    assert sorted(one.file for one in found.refused) == sorted(
        f"{rep}.toml" for rep in (BROKEN, HOSTILE, WRONG)
    )
    told = loop.standing()
    people = len(issued)
    assert len(found.taken) == people - 4
    assert told.accepted == people - 5  # and one does not accept
    assert {s.rep_id for s in told.unanswered} == {SILENT, BROKEN, HOSTILE, WRONG}
    assert (told.worries["target_too_high"], told.worries["data"]) == (1, 1)
    manager = loop.desk("manager", loop.manager_of[UNSURE])
    reply = Reply(UNSURE, DATA.category, DATA.text, "Found and moved to you", "changed")
    manager.enter([("reply", reply)], at=noon(date(2026, 7, 8)))
    assert loop.standing().owed == ((UNSURE, HIGH),)


def _request_goes_up(loop: Loop, scenario: TargetScenario, targets: dict[str, int]) -> Any:
    """One target is asked for and granted in part; all together stay what they were."""
    asked = TargetRequest(ASKING, 1, targets[ASKING], targets[ASKING] // 2, "My account left")
    loop.desk("rep", ASKING).enter([("request", asked)], at=noon(date(2026, 7, 7)))
    other = next(m for m in loop.manager_of.values() if m != loop.manager_of[ASKING])
    granted = targets[ASKING] * 8 // 10
    done = replace(asked, status="partly_approved", decided=granted, decision="Half of it is open")
    with pytest.raises(ScopeError):
        loop.desk("manager", other).enter([("request", done)], at=noon(date(2026, 7, 9)))
    boss = loop.desk("manager", loop.manager_of[ASKING])
    boss.enter([("request", done)], at=noon(date(2026, 7, 9)))
    changed = loop.plan(with_decisions(scenario, [done]))
    assert changed[ASKING] == granted
    again = loop.issue(date(2026, 7, 10))
    moved = {rep for rep in targets if changed[rep] != targets[rep]}
    assert {rep for rep, one in again.items() if one.version == 2} >= moved
    told = loop.standing()
    assert {s.rep_id for s in told.standings if s.ask_again} == {
        rep for rep, one in again.items() if one.version == 2
    } - {SILENT, BROKEN, HOSTILE, WRONG}
    for rep, one in again.items():
        if rep != SILENT:
            reply = answer(one, decision="accept", read_on=date(2026, 7, 12))
            loop.analyst.enter([("response", reply)], at=noon(date(2026, 7, 12)))
    assert [s.rep_id for s in loop.standing().unanswered] == [SILENT]
    return done


def _weeks() -> Iterator[date]:
    day = date(2026, 7, 13)
    while day <= date(2026, 9, 28):
        yield day
        day += timedelta(7)


def _a_quarter(loop: Loop, manager: str) -> None:
    """Each week a 1:1 with everybody: a promise is made, those of a month ago are closed."""
    desk = loop.desk("manager", manager)
    for week, day in enumerate(_weeks(), start=1):
        for place, rep in enumerate(loop.team(manager)):
            owed = loop.open.setdefault(rep, set())
            there = desk.records("promise", rep_id=rep)
            assert {p.number for p in agenda(there).open} == owed  # none is dropped
            skips = Meeting(rep, day, promises=tuple(sorted(owed))[1:])
            if owed and week == 5:
                with pytest.raises(TeamError, match="every open promise"):
                    desk.enter([("meeting", skips)], at=noon(day))
            closed = [
                p for p in there if p.open and p.number <= week - 4 and (p.number + place) % 3
            ]
            made = Promise(rep, week, rep if week % 2 else manager, f"deed {week}",
                           day + timedelta(14), day)  # fmt: skip
            ended = [replace(p, status="done", outcome="so", closed_on=day) for p in closed]
            talk = Meeting(rep, day, will="the first step", confidence=7,
                           promises=tuple(sorted(owed)))  # fmt: skip
            records = [("promise", one) for one in (*ended, made)]
            desk.enter([*records, ("meeting", talk)], at=noon(day))
            owed |= {week}
            owed -= {p.number for p in closed}
        if week % 4 == 1:  # once a month, with all but the first
            for rep in loop.team(manager)[1:]:
                visit = Check(rep, "joint_visit", day, "One deal gone through")
                desk.enter([("check", visit)], at=noon(day))


def _review(loop: Loop, manager: str) -> None:
    boss, day = loop.desk("manager", manager), noon(date(2026, 9, 29))
    for rep in loop.team(manager):
        rated = Rating(rep, QUARTER, tuple(Score(area, 3, "as seen") for area in AREAS))
        with pytest.raises(TeamError, match="self-rating comes first"):
            boss.enter([("manager_rating", rated)], at=day)
        own = replace(rated, scores=tuple(replace(s, rating=5) for s in rated.scores))
        loop.desk("rep", rep).enter([("self_rating", own)], at=day)
        boss.enter([("manager_rating", rated)], at=day)


def _what_it_came_to(loop: Loop, manager: str) -> None:
    """What the reports of the quarter's end print is what the plain sets say."""
    loop.company = open_company(loop.file, as_of=ENDED)
    team = loop.team(manager)
    told = team_told(loop.company, f"manager:{manager}", register=loop.register)
    assert told is not None
    values = {f.metric: int(f.value or 0) for f in told.status.figures if f.unit == "count"}
    numbers = [(rep, n) for rep in team for n in loop.open[rep]]
    days = list(_weeks())
    late = [n for _, n in numbers if days[n - 1] + timedelta(14) < ENDED]
    assert values["team.promises_open"] == len(numbers)
    assert values["team.promises_overdue"] == len(late)
    assert late
    visits = {d.rep_id for d in told.status.overdue if d.item.key == "joint_visit"}
    assert visits & set(team) == {team[0]}
    assert [(r.rep_id, {a.difference for a in r.areas}) for r in told.reviews] == [
        (rep, {2}) for rep in team
    ]
    pack = OneOnOnePage(str(loop.file), as_of=str(ENDED), scope=f"rep:{team[0]}")
    assert {p.number for p in told.status.agenda(team[0]).open} == loop.open[team[0]]
    promised = str(pack.promised())
    assert all(f"'deed {n}'" in promised for n in loop.open[team[0]])
    page = ManagerPage(str(loop.file), as_of=str(ENDED), scope=f"manager:{manager}")
    section = page.tracker()
    assert section is not None
    printed = {f.metric: f.value for f in section.figures_used() if f.by == {"rep_id": team[0]}}
    assert printed["team.promises_open"] == str(len(loop.open[team[0]]))
    everybody = team_told(loop.company, "company", register=loop.register)
    assert everybody is not None
    assert {p.rep_id for p in everybody.goals} == {r for r in loop.people if int(r[1:]) % 10 == 1}
    assert all(
        (p.after is not None and p.untold == "few_peers") or p.effect for p in everybody.goals
    )


def _next_plan(loop: Loop, decided: TargetRequest) -> None:
    """The plan of the next year keeps what was decided, adds up, and asks everybody again."""
    scenario = with_decisions(propose(loop.company, name="2027"), [decided])
    targets = loop.plan(scenario)
    assert targets[ASKING] == decided.decided
    before = {s.rep_id: s.letter.version for s in loop.standing().standings}
    issued = loop.issue(ENDED)
    assert all(one.version == before[rep] + 1 for rep, one in issued.items())
    assert all(one.changes for one in issued.values())
    told = loop.standing()
    assert told.accepted == 0
    assert {s.rep_id for s in told.standings if s.ask_again} == loop.people - {SILENT}
