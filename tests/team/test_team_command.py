"""``spm team``: one small company from letters to decisions, in both languages, by each viewer."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spm_lib.cli import app, team_desk
from spm_lib.model import open_company
from spm_lib.plans import build, load_target_scenario, propose, save_target_scenario
from spm_lib.reports.pages.letter_read import maker_for
from spm_lib.team import Desk, open_register
from spm_lib.team.following.plan_approval import check_approved
from spm_lib.workspace import load_settings
from tests.team.people import ANALYST, DATA, TOO_HIGH, letter, response
from tests.team.registers import START

ACCESS = """
[[access.viewers]]
name = "ann"
scope = "company"
[[access.viewers]]
name = "dana"
scope = "own team"
person = "M1"
[[access.viewers]]
name = "noam"
scope = "own"
person = "R1"
"""
FILES = {
    "spm.toml": """
version = 1
[workspace]
id = "small"
name = "Small"
currency = "ILS"
[stages]
open = ["New"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
[tables.opportunities.columns]
opportunity_id = "id"
rep_id = "rep"
amount = "amount"
stage = "stage"
created_at = "made"
closed_at = "closed"
[tables.reps]
path = "reps.csv"
columns = { rep_id = "id", name = "name", role = "role", hired_on = "hired" }
[tables.memberships]
path = "teams.csv"
columns = { rep_id = "rep", team = "team", manager_id = "manager", valid_from = "since" }
""",
    "deals.csv": "id,rep,amount,stage,made,closed\n1,R1,100,Won,2026-01-05,2026-02-01\n"
    "2,R2,300,Won,2026-01-05,2026-03-01\n3,R3,50,New,2026-09-01,\n",
    "reps.csv": "id,name,role,hired\nM1,Dana,manager,2020-01-01\nR1,נועם,closer,2020-01-01\n"
    "R2,Lior,closer,2020-01-01\nR3,Tal,closer,2020-01-01\n",
    "teams.csv": "rep,team,manager,since\nR1,North,M1,2020-01-01\nR2,North,M1,2020-01-01\n"
    "R3,South,M2,2020-01-01\n",
}


@pytest.fixture
def client(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    desk = Desk(open_register(load_settings(tmp_path / "spm.toml")), ANALYST)
    for rep_id in ("R1", "R2", "R3"):
        desk.write("letter", letter(rep_id), seen=0, at=START)
    worried = response("R1", confidence=1, worries=(TOO_HIGH, DATA), decision="accept_with_remarks")
    desk.write("response", worried, seen=0, at=START)
    desk.write("response", response("R3"), seen=0, at=START)
    desk.write("letter", letter("R3", 2, target=900_000), seen=0, at=START)
    return tmp_path


def said(client: Path, *words: str, status: int = 0, day: str = "2026-10-12") -> str:
    on = () if words[0] in ("backup", "restore") else ("--on", day)
    line = ["team", *words, *on, "--workspace", str(client)]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == status, done.output
    return done.output


def test_the_state_of_the_team_and_its_figures(client: Path) -> None:
    told = said(client, "status")
    assert "1 of 3 accepted their letter." in told
    assert "נועם (R1)" in told
    assert "not answered, waits 11 days" in told
    assert "to be asked again, waits 10 days" in told
    assert "Tal: Version 2." in told
    assert "Worries: target too high 1, data 1" in told
    assert "target too high 1, data 1" in told
    assert "doubts a stretched target: confidence 1 of 5" in told
    hebrew = said(client, "status", "--language", "he")
    assert "Confidence" not in hebrew
    assert "accepted" not in hebrew
    figures = {f["metric"]: f for f in json.loads(said(client, "status", "--format", "json"))}
    values = {name.removeprefix("team."): f["value"] for name, f in figures.items()}
    assert values == {
        "acceptance_rate": "0.333333", "confidence_mean": "1.000000", "unanswered": "2",
        "growth_asked": "0.100000",  # 20%, 20% and -10% of as much
        "worries": "2", "replies_owed": "2", "requests_open": "0", "promises_open": "0",
        "promises_overdue": "0", "checklist_overdue": "6",
    }  # fmt: skip
    rate, sure = figures["team.acceptance_rate"], figures["team.confidence_mean"]
    assert (rate["n"], rate["low"][:6], rate["high"][:6]) == (3, "0.0614", "0.7923")  # Wilson
    assert sure["receipt"] == {
        "used": 1, "set_aside": {"not answered": {"rows": 2, "amount": None}}, "scoped": False,
    }  # fmt: skip
    before = {f["metric"]: f for f in
              json.loads(said(client, "status", "--format", "json", day="2026-09-30"))}  # fmt: skip
    assert before["team.acceptance_rate"]["value"] is None  # nothing was said by then


@pytest.mark.slow
def test_answers_deeds_and_decisions(client: Path) -> None:
    assert said(client, "promise", "R1").strip() == "Nothing is promised."
    said(client, "promise", "R1", "call Acme", "--due", "2026-10-14")
    said(client, "promise", "R1", "send list", "--due", "2026-10-20", "--who", "M1")
    assert "overdue" in said(client, "promise", "R1", day="2026-10-15")
    refused = said(client, "promise", "R1", "--number", "1", "--state", "withdrawn", status=1)
    assert "outcome is missing" in refused
    said(client, "promise", "R1", "--number", "1", "--state", "done", "--outcome", "they sign")
    for words in ((), ("call Beta",), ("--who", "M1")):  # nothing is written by asking
        asked = said(client, "promise", "R1", *words, "--number", "1", status=1)
        assert "What has become of the promise" in asked
    assert "no such promise" in said(client, "promise", "R1", "x", "--number", "0", status=1)
    told = said(client, "promise", "R1", "--language", "he")
    assert "they sign" in told
    assert "overdue" not in told
    (worry, _) = re.findall(r"W[0-9a-f]{8}", said(client, "reply", "R1"))
    said(client, "reply", "R1", worry, "we look at it", "--outcome", "will_be_checked")
    assert worry not in said(client, "reply", "R1")
    assert "There is no such worry" in said(client, "reply", "R1", "W00000000", "x", status=1)
    said(client, "request", "R1", "--asked", "9,000.50", "--why", "one account left")
    why = ("--why", "half of it")
    assert "partly_approved" in said(client, "decide", "R1", "1", "--to", "partly_approved",
                                     "--target", "10000", *why)  # fmt: skip
    assert "cannot become" in said(client, "decide", "R1", "1", "--to", "declined", *why, status=1)
    desk = Desk(open_register(load_settings(client / "spm.toml")), ANALYST)
    (request,) = desk.records("request")
    assert (request.asked, request.decided, request.target) == (900_050, 1_000_000, 1_200_000)


@pytest.mark.slow
def test_the_checklist_from_overdue_to_done(client: Path) -> None:
    told = said(client, "checklist", "R1")
    assert "Coach or buddy assigned" in told
    assert "Plan signed" not in told  # the accepted letter signs it
    said(client, "checklist", "R1", "--done", "coach_assigned", "--evidence", "Lior")
    assert "Coach or buddy assigned" not in said(client, "checklist", "R1")
    assert "evidence is missing" in said(client, "checklist", "R1", "--done", "crm_use", status=1)
    assert "Did you mean 'crm_use'" in said(client, "checklist", "R1", "--done", "crm_us", status=1)
    hebrew = said(client, "checklist", "--language", "he", "--all")
    assert "התוכנית נחתמה" in hebrew
    assert "Plan signed" not in hebrew


def test_the_day_is_the_clients_and_rights_are_never_of_an_earlier_one(
    client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Night(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 10, 11, 22, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(team_desk, "datetime", Night)
    file = client / "spm.toml"
    text = file.read_text("utf-8").replace("currency", 'timezone = "Asia/Jerusalem"\ncurrency', 1)
    file.write_text(text, encoding="utf-8")
    seat = team_desk.seated(file, viewer="analyst", on=None)
    assert (seat.day, seat.at.date()) == (date(2026, 10, 12), date(2026, 10, 12))
    # R1 has moved: no earlier day that is named gives the manager of then the rows back
    text = text.replace('valid_from = "since" }', 'valid_from = "since", valid_to = "until" }')
    file.write_text(text + ACCESS, encoding="utf-8")
    moved = "R1,North,M1,2020-01-01,2026-10-10\nR1,South,M2,2026-10-10,\nR2,North,M1,2020-01-01,\n"
    (client / "teams.csv").write_text(f"rep,team,manager,since,until\n{moved}", encoding="utf-8")
    for on in (None, datetime(2026, 10, 1)):  # noqa: DTZ001 - a day has no zone
        dana = team_desk.seated(file, viewer="dana", on=on).desk.viewer
        assert (dana.sees("R1"), dana.sees("R2")) == (False, True)


@pytest.mark.slow
def test_each_viewer_has_an_own_desk(client: Path) -> None:
    with (client / "spm.toml").open("a", encoding="utf-8") as file:
        file.write(ACCESS)
    assert "may see nothing" in said(client, "status", status=1)
    assert "R2" not in said(client, "status", "--as", "noam")
    dana = said(client, "status", "--as", "dana")
    assert "Lior" in dana
    assert "R3" not in dana
    assert "Tal" not in dana
    scoped = json.loads(said(client, "status", "--as", "dana", "--format", "json"))
    assert all(f["receipt"]["scoped"] for f in scoped)
    for words in (("promise", "R2"), ("reply", "R2"), ("promise", "R2", "x", "--due", "2026-10-20"),
                  ("request", "R2", "--asked", "1", "--why", "x"),
                  ("checklist", "R2")):  # fmt: skip
        assert "There is nobody 'R2'" in said(client, *words, "--as", "noam", status=1)
    answers = client / "answers"
    answers.mkdir()
    theirs = 'version = 1\nrep_id = "R2"\nread_on = 2026-10-05\ndecision = "accept"\nconfidence = 5'
    (answers / "r2.toml").write_text(f'letter = "{"0" * 64}"\n{theirs}\n', encoding="utf-8")
    assert "There is nobody 'R2'" in said(client, "import", str(answers), "--as", "noam", status=1)
    mine = ("checklist", "R1", "--done", "crm_use", "--evidence", "I say so")
    assert "who leads the person writes" in said(client, *mine, "--as", "noam", status=1)
    said(client, "request", "R1", "--asked", "1", "--why", "x", "--as", "noam")
    yes = ("decide", "R1", "1", "--to", "approved", "--why", "x")
    assert "may not write this" in said(client, *yes, "--as", "noam", status=1)
    assert "may see the company" in said(client, *yes, "--plan", "P", "--as", "dana", status=1)
    for plan in (("plan",), ("plan", "P", "--to", "approved", "--why", "x")):
        told = " ".join(said(client, *plan, "--as", "dana", status=1).split())
        assert "listed by somebody who may see the company" in told
    assert "No target plan was proposed yet." in said(client, "plan", "--as", "ann")
    said(client, *yes, "--as", "dana")
    file = client / "b.jsonl"
    for name in ("noam", "dana", "nobody"):
        assert "whole register" in said(client, "backup", str(file), "--as", name, status=1)
    assert "Wrote 8 events" in said(client, "backup", str(file), "--as", "ann")
    lines = [json.loads(line) for line in file.read_text("utf-8").split("\n")[1:-1]]
    assert [(e["author"], e["author_id"]) for e in lines[-2:]] == [("noam", "R1"), ("dana", "M1")]
    (client / "team.db").unlink()
    assert "Restored 8 events" in said(client, "restore", str(file), "--as", "ann")
    assert date.fromisoformat(lines[0]["after"]["issued_on"]) == date(2026, 10, 1)


@pytest.mark.slow
def test_a_decision_enters_the_plan_and_all_targets_add_up_as_before(
    sample_workspace: Path, tmp_path: Path
) -> None:
    for file in sample_workspace.parent.glob("*.*"):
        shutil.copy(file, tmp_path)
    company = open_company(tmp_path / "spm.toml")
    scenario = propose(company, name="Next")
    save_target_scenario(tmp_path / "spm.toml", scenario)
    before = build(company, scenario, draws=10)
    targets = dict(before.people.select("rep_id", "target").iter_rows())
    rep_id = sorted(targets)[0]
    desk = Desk(open_register(load_settings(tmp_path / "spm.toml")), ANALYST)
    desk.write("letter", letter(rep_id, target=targets[rep_id]), seen=0, at=START)
    _approve(tmp_path)
    granted = targets[rep_id] * 9 // 10
    said(tmp_path, "request", rep_id, "--asked", str(granted / 100), "--why", "one account left")
    told = said(tmp_path, "decide", rep_id, "1", "--to", "approved", "--why", "it is true",
                "--plan", "Next")  # fmt: skip
    assert f"All targets together: {before.people_sum / 100:,.2f}" in told
    after = build(company, load_target_scenario(tmp_path / "spm.toml", "Next"), draws=10)
    changed = dict(after.people.select("rep_id", "target").iter_rows())
    assert changed[rep_id] == granted
    assert sum(changed.values()) == sum(targets.values())
    assert all(changed[other] >= targets[other] for other in targets if other != rep_id)
    listed = said(tmp_path, "plan", "Next", "--language", "he")
    assert "אושרה" in listed
    assert "מועצת המנהלים" in listed
    changed_since = said(tmp_path, "letters", "--scenario", "Next", status=1)
    assert "'Next' is not approved as it is now" in " ".join(changed_since.split())


def _approve(folder: Path) -> None:
    """Nothing goes out before; what was approved is the plan that letters are made of."""
    refused = said(folder, "letters", "--scenario", "Next", status=1)
    assert "it was never proposed like this" in " ".join(refused.split())
    assert "No target plan was proposed yet." in said(folder, "plan")
    assert "1 Next: proposed" in said(folder, "plan", "Next", "--to", "proposed", "--why", "ready")
    why = "מועצת המנהלים"
    assert "1 Next: approved" in said(folder, "plan", "Next", "--to", "approved", "--why", why)
    made = maker_for(open_company(folder / "spm.toml"), scenario="Next").targets
    assert made is not None
    states = Desk(open_register(load_settings(folder / "spm.toml")), ANALYST).plan_states()
    check_approved(states, made.scenario)
