"""The studio without a browser: its numbers are the plan's, a team's page holds its team only."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from typing import Any

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.dashboards import StudioPage, studio_page
from spm_lib.dashboards.gate.identity import Gatekeeper
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.studio.edits import cells_of, edited
from spm_lib.dashboards.studio.levers import Levers, stretched
from spm_lib.dashboards.told import SCOPE, VIEW, VIEWER, WORKSPACE
from spm_lib.model import open_company
from spm_lib.plans import build, propose, read_target_scenario, scenario_names, scenario_text

pytestmark = pytest.mark.slow


class Heard:
    """A page, and all that it sends."""

    def __init__(self, page: StudioPage) -> None:
        self.page, self.sent = page, []
        page.view.send = lambda told, buffers=None: self.sent.append((told, buffers))  # type: ignore
        self.values = {lever["name"]: lever["value"] for lever in page.view.levers}

    def ask(self, edits=(), *, settled: Any = True, **values: Any):
        self.values |= values
        asked = {"values": self.values, "edits": list(edits), "settled": settled}
        self.page.heard({"ask": {**asked, "moves": 1, "seq": 1}})
        return self.sent[-1][0]

    def act(self, what, name=""):
        self.page.heard({"act": what, "name": name})
        return self.sent[-1]

    def file(self, what):
        """Return the bytes of a file to take along."""
        self.act(what)
        return next(buffers[0] for _, buffers in reversed(self.sent) if buffers)


def shown(widget) -> str:
    return widget.value


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, sample_workspace):
    folder = tmp_path_factory.mktemp("client") / "sample"
    shutil.copytree(sample_workspace.parent, folder)
    return folder / "spm.toml"


@pytest.fixture(scope="module")
def page(workspace):
    with pytest.MonkeyPatch.context() as patch:
        for name in (SCOPE, VIEW, VIEWER):
            patch.delenv(name, raising=False)
        patch.setenv(WORKSPACE, str(workspace))
        yield StudioPage(language="en")


@pytest.fixture
def heard(page):
    page.begin(page.desk.start)
    return Heard(page)


@pytest.fixture(scope="module")
def company(workspace):
    return open_company(workspace)


def test_settled_numbers_are_those_of_the_file(heard, company):
    """What the page shows once levers rest is what ``build`` makes of the file it hands out."""
    rep = heard.page.desk.plan.people["rep_id"][0]
    lock = {"rep": rep, "field": "value", "value": "1,500,000"}
    levers = {"hire.0.count": 2, "ramp": 4, "win_rate": 1.07, "over.1": 0.05, "cycle": 1.1}
    told = heard.ask([lock], **levers)
    content = heard.file("file")
    plan = build(company, read_target_scenario(content.decode()))
    write = language("en")
    assert plan.company_odds
    assert plan.odds
    assert told["tiles"][0]["value"] == write.percent(plan.company_odds["odds"], 1)
    assert told["tiles"][1]["value"] == write.money(plan.company_odds["mean"], "ILS", compact=True)
    assert heard.page.desk.plan.people.equals(plan.people)
    assert heard.page.desk.plan.targets.equals(plan.targets)
    assert told["rows"]["way"][-1]["p50"] == plan.odds.months["p50"][-1]


@pytest.mark.parametrize("lever", ["win_rate", "cycle", "hire.0.count", "attrition"])
def test_moving_and_settled_agree(heard, lever):
    """2,000 and 10,000 scenarios differ by no more than two Monte-Carlo standard errors."""
    value = heard.values[lever] + (2 if lever == "hire.0.count" else 0.1)
    heard.ask(settled=False, **{lever: value})
    moving = heard.page.desk.plan
    assert moving.draws == 2_000
    heard.ask(**{lever: value})
    settled = heard.page.desk.plan
    assert settled.draws == 10_000
    one, other = moving.company_odds, settled.company_odds
    assert abs(one["odds"] - other["odds"]) <= 2 * one["error"]
    both = moving.people.join(settled.people, on="rep_id", suffix="_b")
    apart = both.filter(
        (pl.col("odds") - pl.col("odds_b")).abs() > 2 * pl.col("odds_error").clip(0.005)
    )
    assert apart.height <= both.height // 10  # one in twenty is beyond two by chance


def test_a_lever_turned_and_turned_back_changes_nothing(heard):
    before = heard.ask()
    heard.ask(win_rate=1.2, ramp=3)
    after = heard.ask(win_rate=1.0, ramp=heard.page.view.levers[-2]["value"])
    assert (after["tiles"], after["rows"]) == (before["tiles"], before["rows"])
    assert heard.page.desk.scenario == heard.page.desk.start


@pytest.mark.parametrize(
    ("edit", "values", "said"),
    [
        ({"field": "value", "value": "many"}, {}, "A target is an amount"),
        ({"field": "value", "value": "999000000"}, {}, "unlock somebody"),
        ({"field": "away_until", "value": "2027-02-01"}, {}, "away_from beside away_until"),
        ({"field": "salary", "value": "1"}, {}, "no such column"),
        (None, {"weight.history": 0, "weight.pipeline": 0, "weight.even": 0}, "not all 0"),
        (None, {"win_rate": 9.0}, "does not go there"),
        (None, {"nothing": 1.0}, "no such lever"),
    ],
)
def test_what_cannot_be_leaves_all_as_it_was(heard, edit, values, said):
    heard.ask()
    before = heard.page.desk.plan
    rep = before.people["rep_id"][0]
    told = heard.ask([{"rep": rep, **edit}] if edit else (), **values)
    assert said in told["fault"]
    assert "tiles" not in told
    assert heard.page.desk.plan is before


@pytest.mark.parametrize("asked", [{"values": "x"}, {"values": {"win_rate": float("nan")}}, {}])
def test_nonsense_from_the_wire_is_refused(heard, asked):
    heard.page.heard({"ask": {"moves": 1, "seq": 1, "edits": [], **asked}})
    assert "fault" in heard.sent[-1][0]


def test_cells_come_back_as_they_were_written(page):
    scenario, rep = page.desk.start, page.desk.plan.people["rep_id"][0]
    for field, value in (
        ("locked", True),
        ("value", "1,200,000.50"),
        ("away_from", "2027-03-01"),
        ("away_until", "2027-05-01"),
        ("note", "maternity leave"),
    ):
        scenario = edited(scenario, rep, field, value, target=7)
    again = read_target_scenario(scenario_text(scenario))
    assert again == scenario
    assert cells_of(again, rep) == {
        "value": "1200000.50", "locked": True, "away_from": "2027-03-01",
        "away_until": "2027-05-01", "note": "maternity leave",
    }  # fmt: skip
    for field in ("value", "away_from", "note"):
        scenario = edited(scenario, rep, field, "", target=7)
    assert scenario == page.desk.start


def test_every_lever_reaches_both_ends(page):
    levers = Levers(page.desk.start, page.desk.levers.ramp, page.language)
    for lever in levers.all():
        for end in (lever.low, lever.high):
            assert levers.turned({lever.name: end}).basis.as_of
            assert lever.told(end)


def test_while_a_lever_moves_only_lines_in_sight_are_told_and_all_once_it_rests(page, heard):
    rep = page.desk.plan.people["rep_id"][0]
    rest = {line["id"] for line in heard.ask(win_rate=1.0)["people"]}
    asked = {"values": {**heard.values, "win_rate": 1.4}, "edits": [], "moves": 2, "seq": 2}
    page.heard({"ask": {**asked, "settled": False, "seen": [rep, 7, "nobody"]}})
    moving = heard.sent[-1][0]
    assert [line["id"] for line in moving["people"]] == [rep]
    assert len(moving["rows"]["odds"]) > 10
    page.heard({"ask": {**asked, "settled": True, "seen": []}})
    told = {line["id"] for line in heard.sent[-1][0]["people"] if "odds" in line}
    assert told > {rep}
    assert len(told) > len(rest) / 2
    heard.ask(win_rate=1.0)


def test_posts_come_and_go_with_the_lever_of_hiring(heard):
    """A post that comes back is told whole, and targets make room for it."""
    nobody = {"hire.0.count": 0, "hire.1.count": 0}
    assert heard.ask(**nobody)["posts"] == []
    for _ in range(2):
        hired = heard.ask(**{"hire.0.count": 2})
        assert [post["name"] for post in hired["posts"]] == ["New hire 1", "New hire 2"]
        lines = {line["id"]: line for line in hired["people"]}
        assert {"target", "odds", "range"} <= lines["New hire 1"].keys()
        assert len(lines) > 10
        assert heard.ask(**nobody)["posts"] == []


def test_leave_of_a_post_and_for_the_whole_year_is_answered(heard):
    """Neither counts in the capacity of the people there, which is told all the same."""
    rep = heard.page.desk.plan.people["rep_id"][0]
    heard.ask(**{"hire.0.count": 1})
    for who, day in (("New hire 1", "2027-03-01"), (rep, "2026-12-01")):
        told = heard.ask([{"rep": who, "field": "away_from", "value": day}])
        assert told.get("fault") is None
        assert "can bring" in told["told"]
    assert f"\n{rep}," not in heard.page.desk.plan.targets_csv()
    assert rep in heard.page.desk.plan.left_out["rep_id"]


def test_who_is_away_all_year_has_no_target_to_show_and_comes_back(heard):
    heard.ask()
    before = heard.page.desk.plan.people
    rep, target = before.select("rep_id", "target").row(0)
    gone = heard.ask([{"rep": rep, "field": "away_from", "value": "2026-12-01"}])
    (line,) = [one for one in gone["people"] if one["id"] == rep]
    assert {line["target"], line["asked"], line["odds"], line["range"]} == {"–"}
    assert (line["share"], line["cells"]["away_from"]) == (None, "2026-12-01")
    back = heard.ask([{"rep": rep, "field": "away_from", "value": ""}])
    assert back.get("fault") is None
    (line,) = [one for one in back["people"] if one["id"] == rep]
    assert line["target"] == language("en").money(target, "ILS", compact=True)
    assert heard.page.desk.plan.people.equals(before)


def test_a_picture_that_cannot_be_drawn_is_said_and_the_next_question_answered(heard, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(heard.page, "picture", lambda **_: 1 / 0)
        assert "Move the last lever back" in heard.ask(win_rate=1.1)["fault"]
    assert "tiles" in heard.ask(win_rate=1.0)


def test_a_post_that_never_comes_keeps_its_line_and_comes_back(heard):
    before = {line["id"]: line for line in heard.ask(**{"hire.0.count": 2})["people"]}
    away = {"rep": "New hire 1", "field": "away_from"}
    gone = heard.ask([{**away, "value": "2026-10-01"}])
    assert [post["id"] for post in gone["posts"]] == ["New hire 2", "New hire 1"]
    assert {line["id"]: line for line in gone["people"]}["New hire 1"]["target"] == "–"
    back = heard.ask([{**away, "value": ""}])
    (line,) = [line for line in back["people"] if line["id"] == "New hire 1"]
    assert line["target"] == before["New hire 1"]["target"]


@pytest.mark.parametrize("months", range(13))
def test_a_stretched_ramp_rises_to_a_full_person(months):
    found = stretched((0.2, 0.5, 0.9), months)
    assert len(found) == months
    assert list(found) == sorted(found)
    assert all(0 < share < 1 for share in found)


def test_saved_loaded_compared_and_not_over_a_what_if(heard, workspace):
    heard.ask(win_rate=1.1)
    assert heard.act("save", "Kept one")[0]["good"]
    kept = heard.page.desk.scenario
    heard.act("reset")
    assert heard.page.desk.scenario == heard.page.desk.start
    heard.act("compare", "Kept one")
    assert "What changed against Kept one" in heard.sent[-2][0]["told"]
    heard.act("load", "Kept one")
    assert heard.page.desk.scenario == kept.changed(name="Kept one")
    for name in ("", "../outside", "nobody"):
        assert not heard.act("load", name)[0]["good"]
    old = (
        next(n for n in scenario_names(workspace) if n != "Kept one")
        if scenario_names(workspace)
        else ""
    )
    assert not heard.act("save", old or "../x")[0]["good"]


TEAM = "manager:M01"


@pytest.fixture(scope="module")
def of_team(workspace):
    """What the server tells the page of the manager M01."""
    with closing(Shelf(workspace, today=Gatekeeper(workspace).today)) as shelf:
        yield {
            VIEWER: "dana", SCOPE: TEAM, VIEW: str(shelf.file(TEAM)), WORKSPACE: str(workspace)
        }  # fmt: skip


def test_a_managers_page_holds_the_own_team_only(of_team, company, monkeypatch):
    """No id, name, target or result of anybody else in the widgets or in any message."""
    for name, value in of_team.items():
        monkeypatch.setenv(name, value)
    page = StudioPage(language="en")
    heard = Heard(page)
    seen = [heard.ask(), heard.ask((), settled=True, win_rate=1.2, **{"hire.0.count": 2})]
    posts = {"New hire 1", "New hire 2"}
    assert {post["id"] for post in seen[-1]["posts"]} == posts
    mine = set(page.desk.plan.people["rep_id"]) - posts
    allowed = set(open_company(company.settings.path, scope=TEAM).table("reps")["rep_id"])
    assert mine <= allowed
    other = {"rep": "R25" if "R25" not in allowed else "R22", "field": "locked", "value": True}
    seen.append(heard.ask([other]))
    assert "fault" in seen[-1]
    seen += [heard.act(what, "Kept one")[0] for what in ("save", "load", "compare")]
    assert [one["good"] for one in seen[-3:]] == [False] * 3
    state = [widget.get_state() for widget in (page.view, *page.box.children, page.box)]
    files = [heard.file("file").decode()]
    wire = json.dumps([seen, state, files], ensure_ascii=False, default=str)
    whole = build(company, propose(company, name="x"))
    reps = company.table("reps").filter(~pl.col("rep_id").is_in(sorted(allowed)))
    names = set(company.table("reps").filter(pl.col("rep_id").is_in(sorted(allowed)))["name"])
    others = whole.people.filter(~pl.col("rep_id").is_in(sorted(mine)))
    assert others.height > 5
    secrets = {f'"{rep}"' for rep in reps["rep_id"]} | set(reps["name"]) - names
    secrets |= {str(value) for value in (*others["target"], *others["last_year"], *others["p50"])
                if value and value > 9_999}  # fmt: skip
    secrets.add(str(whole.company_target))
    assert [secret for secret in sorted(secrets) if secret in wire] == []


def test_a_team_cannot_move_its_target_and_loads_nothing(of_team, monkeypatch):
    for name, value in of_team.items():
        monkeypatch.setenv(name, value)
    page = StudioPage(language="he")
    assert "target" not in {lever["name"] for lever in page.view.levers}
    assert page.view.saved == []
    assert page.view.words["keeps"] is False
    heard = Heard(page)
    assert "fault" in heard.ask(target=1.0)
    assert "Saved scenarios hold" in shown(studio_page(language="en", plan="Kept one"))


def test_a_viewer_without_a_view_gets_nothing(monkeypatch, workspace):
    monkeypatch.setenv(VIEWER, "ghost")
    monkeypatch.setenv(VIEW, "")
    monkeypatch.setenv(WORKSPACE, str(workspace))
    assert "Nothing was opened for this viewer" in shown(studio_page(language="en"))


def test_a_name_cannot_become_part_of_the_page(heard):
    hostile = '<img src=x onerror="alert(1)">'
    plan = heard.page.desk.plan
    people = plan.people.with_columns(name=pl.lit(hostile))
    heard.page.desk.plan = type(plan)(**{**vars(plan), "people": people})
    told = heard.page.picture(settled=True)["told"]
    assert "<img" not in told
    assert "&lt;img" in told
