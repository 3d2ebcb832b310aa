"""The 1:1 pack and the manager's tracker: every promise, the same numbers, own rows only."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from spm_lib.model import Figure, Receipt
from spm_lib.reports import ManagerPage, OneOnOnePage, RepPage, run_requests
from spm_lib.reports.blocks import Section, Table, Text
from spm_lib.reports.pages.one_on_one_page import OneOnOnePage as Pack
from spm_lib.reports.runs.planning import Request
from spm_lib.reps import CoachingEffect
from spm_lib.store import ClientFolder
from spm_lib.team import Goal, Progress

from .page_reader import BIDI
from .pdf_reader import Pdf
from .seven_people import MANAGERS, NAMES, REPS, marks, write_seven
from .seven_register import DATA, HIGH, NORTH, Written, agreed, write_register
from .test_people_pages import figures_of, found_in, key, read_all

pytestmark = pytest.mark.slow
FORMATS = ("html", "pdf")


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_seven(tmp_path_factory.mktemp("seven"))
    write_register(path)
    return path


@pytest.fixture(scope="module")
def pack(seven: Path, tmp_path_factory: pytest.TempPathFactory):
    two = ("rep:RA01", "rep:RB02")
    requests = [
        Request("one_on_one", two, languages=("en",), formats=FORMATS),
        Request("one_on_one", two[:1], languages=("he",), formats=FORMATS),
        Request("manager", ("manager:RM08",), languages=("en",)),
    ]
    return run_requests(requests, workspace=seven, output=tmp_path_factory.mktemp("out")).check()


def page_of(path: Path, rep: str = "RA01", language: str = "en") -> Pack:
    return OneOnOnePage(str(path), scope=f"rep:{rep}", language=language)


def tables_of(section: Section | None) -> list[Table]:
    assert section is not None
    return [block for block in section.blocks if isinstance(block, Table)]


def texts(table: Table) -> list[list[str]]:
    return [[BIDI.sub("", getattr(cell, "text", "") or "") for cell in row] for row in table.rows]


def item_of(pack, report: str, scope: str, language: str = "en") -> Path:
    (item,) = [
        i for i in pack.items
        if (i.report, i.scope, i.language) == (report, scope, language)
    ]  # fmt: skip
    return pack.index.parent / item.folder


def test_it_opens_with_every_open_promise_and_what_came_of_the_closed(seven: Path) -> None:
    page = page_of(seven)
    said = [s.text for s in page.summary().happened]
    assert said[0] == "2 promises are open, 1 of them overdue; 1 reply is owed."
    (table,) = tables_of(page.promised())
    rows = texts(table)
    assert [(row[0], row[1], row[2], row[4], row[5]) for row in rows] == [
        ("2", "RM08", "Get the price list approved", "overdue", ""),
        ("1", "Alma Orange", "Call Customer 3 again", "still open", ""),
        ("3", "Alma Orange", "Close the three old deals", "done", "Two lost, one moved"),
    ]
    assert "Written too late" not in str(page.promised())
    (worries,) = tables_of(page.worries())
    assert texts(worries) == [
        ["target too high", HIGH.text, "reply owed"],
        ["data", DATA.text, "Found: Greta Indigo had two"],
    ]
    (review,) = tables_of(page.review())
    bold = [row[0].text for row in review.rows if row[0].strong]
    assert bold == ["crm hygiene"]  # 4 beside 2
    assert page_of(seven, "RB02").review() is None  # not before the self-rating is in
    manager = ManagerPage(str(seven), scope="manager:RM08").told_of_team
    assert manager is not None
    assert [one.rep_id for one in manager.reviews] == ["RA01", "RB02"]
    goals = str(page.goals())
    assert "tells no single number of Activities" in goals


def test_however_many_promises_are_open_none_is_left_out(tmp_path: Path) -> None:
    path = write_seven(tmp_path, reps=REPS[:2])
    write = Written(path)
    for number in range(1, 31):
        due = date(2026, 8, 4) + timedelta(number)
        write("promise", agreed(number, what=f"deed <{number}>", due=due), day=155)
        if number % 3 == 0:
            done = {"status": "withdrawn", "closed_on": date(2026, 8, 9), "outcome": "dropped"}
            deed = agreed(number, what=f"deed <{number}>", due=due, **done)
            write("promise", deed, day=161)
    (table,) = tables_of(page_of(path).promised())
    listed = {row[2]: row[4] for row in texts(table)}
    assert len(listed) == 30
    assert {what for what, state in listed.items() if state != "withdrawn"} == {
        f"deed <{n}>" for n in range(1, 31) if n % 3
    }


def test_the_same_numbers_as_the_persons_page_and_the_managers_row(seven: Path, pack) -> None:
    own = {key(f): f for f in json.loads(
        (item_of(pack, "one_on_one", "rep:RA01") / "figures.json").read_text("utf-8"))}  # fmt: skip
    rep = RepPage(str(seven), scope="rep:RA01")
    blocks = [rep.result(), rep.why(), rep.pipeline(), rep.findings()]
    theirs = {key(f.to_dict(2)): f.to_dict(2) for b in blocks if b for f in b.figures_used()}
    shared = {k for k in own if k in theirs}
    assert {"attainment", "won.amount", "win_rate.closed.count", "open.count", "coverage"} <= {
        k[0] for k in shared
    }
    plain = ("value", "n", "low", "high", "unit", "window")
    for k in shared:
        assert [own[k][name] for name in plain] == [theirs[k][name] for name in plain], k
    unshared = {k[0] for k in own if k not in theirs} - {"rows.used", "rows.noticed"}
    assert {name.split(".")[0] for name in unshared} <= {"team", "win_rate", "pace", "attainment"}
    row = [f for f in figures(pack, "manager:RM08") if f["by"] == {"rep_id": "RA01"}]
    team = {f["metric"]: f["value"] for f in row if f["metric"].startswith("team.")}
    mine = {k[0]: f["value"] for k, f in own.items() if k[0].startswith("team.")}
    assert mine == {name: team[name] for name in mine}
    assert mine["team.promises_open"] == "2"


def figures(pack, scope: str) -> list[dict]:
    return figures_of(pack, scope)


def test_nothing_of_another_person_is_in_a_pack_but_what_the_own_words_name(pack) -> None:
    for rep in ("RA01", "RB02"):
        folder = item_of(pack, "one_on_one", f"rep:{rep}")
        shown = {p.name: read_all(p) for p in folder.iterdir() if p.is_file()}
        assert NAMES[rep] in shown["report.html"]
        for other in set(REPS) - {rep}:
            for mark in marks(other):
                named = rep == "RA01" and mark in ("Greta Indigo", "Greta Indigo"[::-1])
                assert named or not [n for n, t in shown.items() if found_in(mark, t)], mark
        worried = {"RA01": HIGH, "RB02": NORTH}
        for who, worry in worried.items():
            assert (worry.text in BIDI.sub("", shown["report.html"])) == (who == rep)


def test_two_printed_sides_in_both_languages(pack) -> None:
    for language in ("en", "he"):
        pdf = Pdf((item_of(pack, "one_on_one", "rep:RA01", language) / "report.pdf").read_bytes())
        assert len(pdf.pages) == 2
    hebrew = (item_of(pack, "one_on_one", "rep:RA01", "he") / "report.html").read_text("utf-8")
    assert "מה הובטח בפעם הקודמת" in hebrew
    assert not re.search(r">(still open|reply owed|Agenda|Wins)<", hebrew)


def test_the_tracker_tells_the_manager_who_owes_what(seven: Path, pack) -> None:
    page = ManagerPage(str(seven), scope="manager:RM08")
    section = page.tracker()
    assert section is not None
    told = [s for block in section.blocks if isinstance(block, Text) for s in block.sentences]
    said = BIDI.sub("", " ".join(sentence.text for sentence in told))
    assert "50% of the letters are accepted; 2 not answered." in said
    assert "Not answered yet, the longest first: Cyrus Violet and דנה ירוקה." in said
    assert "ברק שחור doubts a stretched target: confidence 1 of 5, 497% more is asked." in said
    people, worries, owed, promises, checks = tables_of(section)
    assert [row[0] for row in texts(people)] == sorted(NAMES[r] for r in MANAGERS["RM08"])
    counted = [(row[0].text, row[1].figure.value) for row in worries.rows]
    assert counted == [("target too high", "1"), ("territory", "1"), ("data", "1")]
    assert [row[2] for row in texts(owed)] == [HIGH.text, NORTH.text]
    assert [row[2] for row in texts(promises)] == ["Get the price list approved"]
    late = {row[0]: row[3] for row in texts(checks)}
    assert late["Plan signed"] == "Cyrus Violet, דנה ירוקה"
    whole = {f["metric"]: f["value"] for f in figures(pack, "manager:RM08") if not f["by"]}
    assert whole["team.acceptance_rate"] == "0.500000"  # two of four
    other = ManagerPage(str(seven), scope="manager:RM09").tracker()
    assert "Greta Indigo" in str(other)
    assert not [one for one in (HIGH.text, NORTH.text, NAMES["RB02"]) if one in str(other)]


def test_without_a_register_nothing_is_said_and_none_is_made(tmp_path: Path) -> None:
    path = write_seven(tmp_path, reps=REPS[:2])
    page = page_of(path)
    assert [page.promised(), page.worries(), page.goals(), page.checklist()] == [None] * 4
    assert "promise" not in str(page.summary())
    assert page.agenda() is not None
    manager = ManagerPage(str(path))
    assert manager.tracker() is None
    assert not ClientFolder.of(path).team_database.exists()
    ClientFolder.of(path).team_database.write_bytes(b"no database at all, but a file of that name")
    assert "The team's register tells nothing" in str(page_of(path).promised())


def test_the_difference_of_two_ratios_is_in_points_by_value_as_by_count(seven: Path) -> None:
    page, day = page_of(seven), date(2026, 6, 30)
    rate = Figure("win_rate.closed.value", day, "ratio", "0.6", Receipt(12), low="0.4", high="0.7")
    found = CoachingEffect(0.12, 0.02, 0.22, 0.2, 0.03, coached=1, matched=1, peers=6)
    goal = Goal(rate.metric, "Qualify harder", date(2026, 12, 31))
    row = page._goal_row(Progress("RA01", goal, day, rate, rate, found, unit="own"))
    shown = [page.write.number(row[7]), page.write.interval(row[8].figure)]
    assert [BIDI.sub("", text) for text in shown] == ["+12.0 points", "+2.0 to +22.0 points"]


def test_of_two_goals_on_one_metric_the_comparison_is_told_once(seven: Path) -> None:
    page, day, due = page_of(seven), date(2026, 6, 30), date(2026, 12, 31)
    rate = Figure("win_rate.closed.count", day, "ratio", "0.6", Receipt(12))
    found = CoachingEffect(0.12, 0.02, 0.22, 0.2, 0.03, coached=1, matched=1, peers=6)
    goals = [Goal(rate.metric, measure, due) for measure in ("Qualify harder", "Ask first")]
    told = [Progress("RA01", goal, day, rate, rate, found) for goal in goals]
    said = [sentence.text for sentence in page._goals_told(told)]
    assert [text[:9] for text in said] == ["A change ", "Of the ch"]
