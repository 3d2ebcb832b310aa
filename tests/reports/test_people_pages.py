"""A page for every person and for every manager: own rows only, the same numbers, two sides."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

import pytest

from spm_lib.reports import ManagerPage, RepPage, build_document, run_requests
from spm_lib.reports.blocks import Chart, Section, Summary, Text
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pages.rep_gap import TERMS
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.reports.runs.planning import Plan, Request
from spm_lib.reports.runs.shelf import find_notebook
from spm_lib.reps import peers_of, read_peers, rep_skills
from spm_lib.reps.coarse import two_digits
from spm_lib.workspace import Brand

from .page_reader import BIDI, read
from .pdf_reader import Pdf
from .seven_people import AS_OF, MANAGERS, NAMES, REPS, make_tables, marks, target_of, write_seven
from .test_packs import FORMATS, read_all

pytestmark = pytest.mark.slow
PARTS = ("cover", "summary", "result", "findings", "why", "funnel", "pipeline", "actions")
END = ("own_words", "definitions", "receipts", "notices")
WINDOW = (date(2025, 9, 1), date(2026, 9, 1))
WHOSE = [
    pytest.param(("RB02", "RE05"), id="two"),  # of each team one
    pytest.param(REPS, id="seven", marks=pytest.mark.proof),
]
of_each_team_one = pytest.mark.parametrize("reps", WHOSE)


@cache
def made_of(path: Path, rep: str, language: str = "en"):
    """Return one person's page; made once."""
    return document(RepPage(str(path), scope=f"rep:{rep}", language=language))


def document(page: RepPage):
    blocks = [getattr(page, name)() for name in (*PARTS, *END)]
    return build_document([block for block in blocks if block is not None], title="page")


@pytest.fixture(scope="module")
def seven(tmp_path_factory) -> Path:
    return write_seven(tmp_path_factory.mktemp("seven"))


@pytest.fixture(scope="module", params=WHOSE)
def on_paper(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Whose pages are made in every format; those of the others are made for the web."""
    return request.param


@pytest.fixture(scope="module")
def pack(seven, on_paper, tmp_path_factory):
    """All pages of the seven and of both managers."""
    whole, web = (
        tuple(f"rep:{r}" for r in REPS if (r in on_paper) is told) for told in (True, False)
    )
    requests = [
        Request("rep", whole, languages=("en",), formats=FORMATS),
        Request("manager", each="manager", languages=("he",), formats=FORMATS),
    ]
    requests += [Request("rep", web, languages=("en",))] if web else []
    place = tmp_path_factory.mktemp("pack")
    return run_requests(requests, workspace=seven, output=place).check()


def found_in(mark: str, text: str) -> bool:
    """Say whether a text holds a mark; a number only as a whole one, with or without cents."""
    if not mark.isdigit():
        return mark in text
    return not numbers_in(text).isdisjoint((mark, f"{mark}00"))


@lru_cache(maxsize=16)  # the files of one person, in which many marks are looked for
def numbers_in(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", text))


def files_of(pack, scope: str) -> list[Path]:
    (item,) = [i for i in pack.items if i.scope == scope]
    return [p for p in (pack.index.parent / item.folder).iterdir() if p.is_file()]


def figures_of(pack, scope: str) -> list[dict]:
    (path,) = [p for p in files_of(pack, scope) if p.name == "figures.json"]
    return json.loads(path.read_text(encoding="utf-8"))


def test_nothing_of_another_person_is_in_any_file(pack, on_paper) -> None:
    """Ids, names, customers, steps, targets and amounts of six others, in all files of each."""
    for rep in REPS:
        files = files_of(pack, f"rep:{rep}")
        formats = FORMATS if rep in on_paper else ("html",)
        assert {f"report.{kind}" for kind in formats} < {p.name for p in files}
        texts = {p.name: read_all(p) for p in files}
        assert NAMES[rep] in "".join(texts.values())
        for other in set(REPS) - {rep}:
            for mark in marks(other):
                assert not [n for n, text in texts.items() if found_in(mark, text)], (rep, mark)


def test_what_is_handed_over_of_the_others_names_nobody(seven, tmp_path) -> None:
    """The file that a run gives to a page, read as it is."""
    plan = Plan(seven, as_of=None, output=tmp_path)
    notebook = find_notebook("rep")
    for planned in plan.jobs(Request("rep", each="rep"), notebook):
        rep = planned.item.scope.removeprefix("rep:")
        text = Path(planned.job.parameters["peers"]).read_text(encoding="utf-8")
        assert set(json.loads(text)) == {rep}
        for other in set(REPS) - {rep}:
            assert not [mark for mark in marks(other) if found_in(mark, text)]


def test_a_manager_sees_own_people_only(pack) -> None:
    for manager, under in MANAGERS.items():
        texts = {p.name: read_all(p) for p in files_of(pack, f"manager:{manager}")}
        assert all(NAMES[rep] in texts["report.html"] for rep in under)
        for other in set(REPS) - set(under):
            for mark in marks(other):
                assert not [n for n, text in texts.items() if found_in(mark, text)], (manager, mark)


def test_a_person_and_the_manager_read_the_same_numbers(pack) -> None:
    """Every number of the manager's row is on the person's own page, and is the same."""
    plain = ("value", "n", "low", "high", "unit", "window")
    for manager, under in MANAGERS.items():
        theirs = figures_of(pack, f"manager:{manager}")
        for rep in under:
            own = {key(f): [f[name] for name in plain] for f in figures_of(pack, f"rep:{rep}")}
            row = [f for f in theirs if f["by"].get("rep_id") == rep and f["value"] is not None]
            assert {f["metric"] for f in row} >= ROW
            for figure in row:
                if not figure["metric"].startswith(NOT_IN_THE_ROW):
                    assert own[key(figure)] == [figure[name] for name in plain], figure["metric"]


NOT_IN_THE_ROW = ("alert.", "peers.stage.days")  # the watch; deals further down the list
ROW = {
    *("attainment", "pace.needed_per_day", "won.amount", "won.count", "win_rate.closed.count"),
    *("deal.mean_amount", "coverage", "open.ageing.count", "open.pushed.count"),
    *("open.overdue.count", "open.no_step.count"),
}


def key(figure: dict) -> tuple:
    return figure["metric"], tuple(sorted(figure["by"].items())), tuple(figure["window"] or ())


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.proof), "he"])
def test_a_page_is_at_most_two_printed_sides(seven, language) -> None:
    for rep in REPS[:2] if language == "he" else REPS:
        made = made_of(seven, rep, language)
        printed = Pdf(render_pdf(made, brand=Brand()))
        assert len(printed.document) <= 2
        assert NAMES[rep].replace(" ", "")[:4] in printed.letters


@of_each_team_one
def test_strengths_come_first_and_nobody_is_ranked(seven, reps) -> None:
    for rep in reps:
        made = made_of(seven, rep)
        reader = read(render_document(made))
        heads = [BIDI.sub("", e.text) for e in reader.all("h2", "h3")]
        assert heads.index("Strengths") < heads.index("To work on") < heads.index("Why")
        assert not [f.metric for f in made.figures if "rank" in f.metric or "p_best" in f.metric]
        strengths, work = findings(made)
        assert 1 <= len(strengths) <= 2
        assert 1 <= len(work) <= 2
        assert all(s.figures and re.search(r"\d", s.text) for s in strengths)


def findings(made) -> tuple[tuple, tuple]:
    (section,) = [b for b in made.evidence if getattr(b, "title", "").startswith("Strengths")]
    found = [part for part in section.blocks if isinstance(part, Section)]
    return tuple(texts(part) for part in found)  # pyright: ignore


def texts(section: Section) -> tuple:
    return tuple(s for b in section.blocks if isinstance(b, Text) for s in b.sentences)


@of_each_team_one
def test_the_result_by_hand(seven, reps) -> None:
    """Attainment of the month and of the year, and what is needed per working day."""
    rows = make_tables()["opportunities"]
    for rep in reps:
        told = {}
        for figure in made_of(seven, rep).figures:
            told.setdefault((figure.metric, figure.window), figure)
        won = defaultdict(int)
        for row in rows:
            if row["rep_id"] == rep and row["stage"] == "Won":
                won[row["closed_at"].year, row["closed_at"].month] += row["amount"]
        september = told["attainment", (date(2026, 9, 1), date(2026, 10, 1))]
        assert float(september.value) == pytest.approx(won[2026, 9] / target_of(rep))
        to_date = sum(won[2026, m] for m in range(1, 9))
        year = told["attainment", (date(2026, 1, 1), date(2026, 9, 1))]
        assert float(year.value) == pytest.approx(to_date / (8 * target_of(rep)))
        left = 12 * target_of(rep) - to_date - won[2026, 9]
        days = [AS_OF + timedelta(n) for n in range(1, 108)]
        days = [d for d in days if d.year == 2026 and d.weekday() < 5]
        days.remove(date(2026, 9, 21))  # Yom Kippur
        each = told["pace.needed_per_day", (date(2026, 1, 1), date(2027, 1, 1))]
        assert float(each.value) == pytest.approx(max(left, 0) / len(days), abs=0.01)


@of_each_team_one
def test_the_parts_of_every_gap_add_up_to_the_cent(seven, reps) -> None:
    seen = 0
    for rep in reps:
        gaps: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for figure in made_of(seven, rep).figures:
            if figure.metric.startswith("gap."):
                name = figure.metric.removeprefix("gap.")
                gaps[figure.by["against"]][name] = Decimal(figure.value or "0")
        assert set(gaps) == {"past", "team", "target"}
        for parts in gaps.values():
            total, reference = parts.pop("total"), parts.pop("reference")
            assert total == won_by(rep, WINDOW) - reference
            assert sum(parts.values()) == total
            assert len(parts) >= 5
            seen += 1
        before = (date(2024, 9, 1), date(2025, 9, 1))
        assert won_by(rep, WINDOW) - won_by(rep, before) == sum(gaps["past"].values())
    assert seen == 3 * len(reps)


def test_the_drawn_parts_of_a_gap_are_those_of_the_table_and_pale_where_luck_may_do_it(
    seven,
) -> None:
    """The chart's rows against the gaps themselves, on a person's page and on the manager's."""
    page = RepPage(str(seven), scope="rep:RC03")
    chart = page.gap_drawn("RC03")
    assert isinstance(chart, Chart)
    gaps, names = page.gaps_of("RC03"), list(chart.columns)
    for row in chart.data:
        told = dict(zip(names, row, strict=True))
        term = next(t for t in TERMS if page._term_name(gaps, t) == told["label"])
        for side in ("past", "team"):
            part = gaps[side].get(term)
            if part is not None:
                assert (told[side], told[f"{side}_low"]) == (part.amount, part.low)
    parts = [p for side in ("past", "team") for p in gaps[side].values() if p.low is not None]
    clear = [p for p in parts if p.low is not None and p.high is not None and p.low * p.high > 0]
    assert chart.svg.count('opacity="0.35"') >= 2 * (len(parts) - len(clear)) > 0
    manager = ManagerPage(str(seven), scope="manager:RM08")
    section = manager.gaps()
    assert section is not None
    drawn = [f for f in section.figures_used() if f.metric.startswith("gap.")]
    for figure in drawn:
        assert Decimal(figure.low or 0) * Decimal(figure.high or 0) > 0  # clear of luck
        assert figure.by["rep_id"] in MANAGERS["RM08"]


def won_by(rep: str, span: tuple[date, date]) -> int:
    """Add up what a person won in a time, from the rows themselves."""
    rows = [r for r in make_tables()["opportunities"] if r["rep_id"] == rep and r["closed_at"]]
    return sum(
        r["amount"] for r in rows if r["stage"] == "Won" and span[0] <= r["closed_at"] < span[1]
    )


def test_the_others_by_hand(seven) -> None:
    """Their win rate is that of all six together; typical is the mean of the middle four."""
    rows = [r for r in make_tables()["opportunities"] if r["closed_at"]]
    rows = [r for r in rows if WINDOW[0] <= r["closed_at"] < WINDOW[1]]
    page = RepPage(str(seven), scope="rep:RC03")
    peers = page.peers("RC03")
    assert (peers.level, peers.others) == ("company", 6)
    others = [r for r in rows if r["rep_id"] != "RC03"]
    rate = peers.value("peers.win_rate")
    won = [r for r in others if r["stage"] == "Won"]
    assert rate is not None
    assert (rate.value, rate.n) == (round(len(won) / len(others), 2), round(len(others), -1))
    amounts = [sum(r["amount"] for r in won if r["rep_id"] == rep) for rep in {*REPS} - {"RC03"}]
    typical = peers.value("peers.won.amount")
    assert typical is not None
    assert typical.value == two_digits(sum(sorted(amounts)[1:5]) / 4 * 100)
    assert typical.value / 100 not in amounts


def test_numbers_of_fewer_than_five_others_are_withheld(tmp_path) -> None:
    """Five people: four others each."""
    path = write_seven(tmp_path, reps=REPS[:5])
    page = RepPage(str(path), scope="rep:RA01")
    made = document(page)
    assert not [f.metric for f in made.figures if f.metric.startswith("peers.")]
    assert not page.peers("RA01").values
    assert not page.peers("RA01").standings
    assert "Numbers of the others are withheld" in BIDI.sub("", render_document(made))
    assert not [f for f in made.figures if f.by.get("against") in ("team", "target")]


def test_nobody_with_most_of_the_cases_is_told_as_an_average(seven) -> None:
    """One of the others has nearly all deals of a stage: their rate would be that one's own."""
    from spm_lib.reps.peers import _pooled

    cases = {"a": (9, 10), "b": (1, 2), "c": (1, 2), "d": (0, 2), "e": (1, 2), "f": (50, 60)}
    assert _pooled("peers.win_rate", cases, list("abcde")) is None
    assert _pooled("peers.win_rate", {**cases, "a": (3, 4)}, list("abcde")) is not None
    assert _pooled("peers.win_rate", cases, list("abcd")) is None


def test_the_table_of_the_others_is_read_back_as_it_was(seven, tmp_path) -> None:
    company = ManagerPage(str(seven)).company
    table = peers_of(company, window=ManagerPage(str(seven)).window)
    path = tmp_path / "peers.json"
    path.write_text(table.text(), encoding="utf-8")
    assert read_peers(path).people == dict(table.people)
    assert list(table.only(["RB02"]).people) == ["RB02"]


def test_a_page_of_the_whole_company_says_how_to_make_one(seven) -> None:
    made = document(RepPage(str(seven)))
    assert isinstance(made.lead[0], Summary)
    assert "--each rep" in made.lead[0].happened[0].text
    assert len(made.evidence) == 0


def test_every_need_of_the_manager_leads_to_its_deals(seven) -> None:
    page = ManagerPage(str(seven), scope="manager:RM08")
    parts = ("cover", "summary", "key_figures", "needs_this_week", "bands", "table_of_people")
    blocks = [getattr(page, name)() for name in (*parts, "deals", "definitions")]
    made = build_document(blocks, title="page")
    reader = read(render_document(made))
    links = [e.attributes["href"] for e in reader.all("a")]
    anchors = {e.attributes.get("id") for e in reader.all("section")}
    assert links
    assert {link.removeprefix("#") for link in links} <= anchors
    bands = [f for f in made.figures if f.metric == "people.attainment_band.count"]
    assert sum(int(f.value or 0) for f in bands if f.by["band"] != "reached") == 4


def test_the_registry_answers_what_a_page_prints_of_the_others(seven) -> None:
    """Of the whole company; within a scope of one there are no others."""
    from spm_lib.model import metric_id

    page = ManagerPage(str(seven))
    for metric in ("peers.win_rate", "peers.won.amount", "peers.closed.count"):
        compute = metric_id(metric).compute
        assert compute is not None
        told = {f.by["rep_id"]: f for f in compute(page.company, "rep_id", page.window)}
        assert told == {rep: page.peer_figure(rep, metric) for rep in REPS}
        alone = RepPage(str(seven), scope="rep:RC03").company
        assert compute(alone, "rep_id", page.window) == []
    compute = metric_id("peers.skill.win_rate").compute
    assert compute is not None
    told = {f.by["rep_id"]: float(f.value or 0) for f in compute(page.company, "rep_id")}
    rates = [one.pooled.shrunk for one in rep_skills(page.company).skills if one.id == "win_rate"]
    for place, rep in enumerate(REPS):
        others = [rate for at, rate in enumerate(rates[0]) if at != place]
        assert told[rep] == round(sum(others) / len(others), 2)
