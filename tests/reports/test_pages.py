"""The pages: hostile names, right-to-left, accessible, traced, honest where data lacks."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise, product
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import language
from spm_lib.model.names import TABLE_NAMES
from spm_lib.reports import (
    CoachingPage,
    ForecastPage,
    FunnelPage,
    ManagerPage,
    MistakesPage,
    PlaybookPage,
    RepPage,
    RepsPage,
    SegmentsPage,
    StatementPage,
    TargetsPage,
    build_document,
)
from spm_lib.reports.document import Document
from spm_lib.reports.figures import figure_records
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pages.page import Page

from .conftest import HOSTILE, STAGES
from .page_reader import BIDI, numbers, read

pytestmark = [  # whole pages of whole companies, and every chart of theirs
    pytest.mark.slow,
    pytest.mark.usefixtures("checked_charts"),
]

END = ("definitions", "receipts", "notices")
CALLS: dict[type[Page], tuple[str, ...]] = {
    FunnelPage: (
        "summary",
        "key_figures",
        "funnel",
        "months_won_and_lost",
        "cohorts",
        "time_in_stage",
        "pipeline",
        "lost_reasons",
        "activity",
        "teams",
    ),
    ForecastPage: (
        "summary",
        "key_figures",
        "outlook",
        "track_record",
        "methods",
        "people",
        "deciding_deals",
        "pace",
        "pipeline_changes",
        "calls",
    ),
    CoachingPage: (
        "summary",
        "key_figures",
        "alerts",
        "gaps",
        "pairs",
        "sheets",
        "closers",
        "experiment",
        "after",
    ),
    MistakesPage: (
        "summary",
        "key_figures",
        "fixes",
        "gaps",
        "deals",
        "at_rest",
        "lacking_data",
        "limits",
    ),
    PlaybookPage: (
        "summary",
        "key_figures",
        "playbook",
        "process",
        "leads",
        "scores",
        "numbers",
        "tests",
        "lacking_data",
    ),
    SegmentsPage: (
        "summary",
        "key_figures",
        "differences",
        "side_by_side",
        "profile",
        "customers",
        "whitespace",
        "returns",
        "lacking_data",
    ),
    RepsPage: (
        "summary",
        "key_figures",
        "rates",
        "chance",
        "table_of_people",
        "aspects",
        "mix",
    ),
}
CALLS[RepPage] = (
    "summary",
    "result",
    "findings",
    "why",
    "funnel",
    "pipeline",
    "actions",
    "own_words",
)
CALLS[ManagerPage] = (
    "summary",
    "key_figures",
    "needs_this_week",
    "bands",
    "table_of_people",
    "deals",
)
CALLS[TargetsPage] = (
    "summary",
    "key_figures",
    "shares",
    "table_of_people",
    "stretch",
    "over_time",
    "capacity",
    "fairness",
    "expected_pay",
    "notes",
)
CALLS[StatementPage] = (
    "summary",
    "head",
    "team",
    "credited",
    "calculation",
    "payment",
    "derivation",
    "average",
)
SCOPES: dict[type[Page], str] = {RepPage: "rep:R0"}
PAGES = sorted(CALLS, key=lambda kind: kind.__name__)
TONGUES = ("en", "he")


def by_turns(*languages: str) -> list[ParameterSet]:
    """Return each page in these languages: in turn English and Hebrew, the other one is a proof."""
    made = []
    for (turn, page), spoken in product(enumerate(PAGES), languages):
        marks = () if spoken == TONGUES[turn % 2] else pytest.mark.proof
        made.append(pytest.param(page, spoken, id=f"{page.__name__}-{spoken}", marks=marks))
    return made


in_turn = pytest.mark.parametrize(("kind", "tongue"), by_turns(*TONGUES))


@cache
def document(kind: type[Page], workspace: Path, language: str) -> Document:
    page = kind(str(workspace), language=language, scope=SCOPES.get(kind, ""))
    return built(page)


def built(page: Page) -> Document:
    """Return the document of all parts of a page that tell anything."""
    blocks = [getattr(page, name)() for name in ("cover", *CALLS[type(page)], *END)]
    return build_document([block for block in blocks if block is not None], title="page")


@cache
def html(kind: type[Page], workspace: Path, language: str) -> str:
    return render_document(document(kind, workspace, language))


@pytest.fixture(params=PAGES, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type[Page]:
    return request.param


@in_turn
def test_names_of_clients_are_text_and_never_markup(kind, tongue, small_client) -> None:
    page = html(kind, small_client, tongue)
    reader = read(page)
    assert not reader.all(
        "script", "iframe", "object", "embed", "link", "base", "form", "b", "i", "u"
    )
    assert not reader.all("img")
    for element in reader.elements:
        assert not [name for name in element.attributes if name.startswith("on")]
    shown = BIDI.sub("", "".join(e.text for e in reader.all("body")))
    if kind in (ForecastPage, RepsPage, ManagerPage, TargetsPage):
        for name in HOSTILE:
            assert BIDI.sub("", name) in shown, "the name is there, as text"
    elif kind is FunnelPage:
        assert STAGES[1] in shown
    assert "49" not in [e.text for e in reader.all("th")], "{{ 7 * 7 }} is not computed"


@in_turn
def test_the_page_needs_no_network(kind, tongue, small_client) -> None:
    page = html(kind, small_client, tongue)
    for element in read(page).elements:
        for name in ("href", "src", "srcset", "action", "data"):
            assert not re.match(r"(https?:)?//", element.attributes.get(name, ""))
    css = "".join(e.text for e in read(page).all("style"))
    assert re.findall(r"url\((.{5})", css) == ["data:", "data:"], "two fonts, inside the page"
    assert "@import" not in css
    policy = [e for e in read(page).all("meta") if "http-equiv" in e.attributes]
    assert policy[0].attributes["content"].startswith("default-src 'none'")


@pytest.mark.parametrize(("kind", "tongue"), by_turns("he"))
def test_hebrew_is_right_to_left_and_charts_stay_as_they_are(kind, tongue, small_client) -> None:
    reader = read(html(kind, small_client, tongue))
    root = reader.all("html")[0]
    assert (root.attributes["dir"], root.attributes["lang"]) == ("rtl", "he")
    assert "svg{direction:ltr}" in reader.all("style")[0].text
    heads = [e.text for e in reader.all("h1", "h2")]
    assert heads
    for head in heads:
        assert re.search("[א-ת]", head), head


@pytest.mark.parametrize(("kind", "tongue"), by_turns("en"))
def test_english_is_left_to_right(kind, tongue, small_client) -> None:
    english = read(html(kind, small_client, tongue)).all("html")[0]
    assert english.attributes["dir"] == "ltr"


@in_turn
def test_headings_tables_and_charts_are_accessible(kind, tongue, small_client) -> None:
    reader = read(html(kind, small_client, tongue))
    levels = [int(e.tag[1]) for e in reader.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(e.attributes.get("scope") in ("col", "row") for e in reader.all("th"))
    drawings = [e for e in reader.all("div") if e.attributes.get("role") == "img"]
    assert len(drawings) == len(reader.all("svg"))
    assert all(len(e.attributes["aria-label"]) > 20 for e in drawings)


@in_turn
def test_no_code_and_no_raw_floats(kind, tongue, small_client) -> None:
    body = read(html(kind, small_client, tongue)).all("main")[0].text
    assert "spm_lib" not in body
    assert not re.search(r"\bpage\.\w", body)
    assert not re.search(r"\d\.\d{4,}", body), "no float with many digits"
    assert "nan" not in re.findall(r"[a-z]+", body.lower())


NUMERIC = {"count", "ratio", "money", "days", "number", "times", "change", "value"}


def orphans(page: str, records: list[dict]) -> list[tuple[str, float]]:
    """Return the printed numbers that no record holds, to half of the last digit shown."""
    known = {number for record in records for number in _numbers_of(record)}
    cells = [
        e.text
        for e in read(page).all("td", "dd")
        if NUMERIC & set(e.attributes.get("class", "").split())
    ]
    assert len(cells) > 15
    return [
        (text.strip(), value)
        for text in cells
        for value, half in numbers(_own(text))
        if not any(abs(value - k) <= half + 1e-9 for k in known)
    ]


@in_turn
def test_every_number_printed_traces_to_a_figure(kind, tongue, small_client) -> None:
    records = figure_records(document(kind, small_client, tongue).figures, currency="ILS")
    assert not orphans(html(kind, small_client, tongue), records)


def test_a_number_without_its_figure_would_be_found(small_client) -> None:
    records = figure_records(document(FunnelPage, small_client, "en").figures, currency="ILS")
    poorer = [record for record in records if not record["metric"].startswith("won.amount")]
    assert orphans(html(FunnelPage, small_client, "en"), poorer)


def _own(text: str) -> str:
    """Leave out the words after a change ("on the 12 months before")."""
    return re.split(r"on the|לעומת", text)[0]


def _numbers_of(record: dict) -> set[float]:
    texts = [record["value"], record["low"], record["high"]]
    receipt = record["receipt"]
    counts = [record["n"], receipt["used"]]
    aside = receipt["set_aside"].values()
    counts += [part["rows"] for part in aside]
    counts += [receipt["used"] + sum(p["rows"] for p in aside), sum(p["rows"] for p in aside)]
    found = {float(t) for t in texts if t is not None} | {float(c) for c in counts if c is not None}
    return found | {100 * n for n in found if record["unit"] == "points"}


def test_shares_and_money_of_the_summary_trace_too(small_client) -> None:
    made = document(FunnelPage, small_client, "en")
    known = {n for r in figure_records(made.figures, currency="ILS") for n in _numbers_of(r)}
    said = [s.text for b in made.lead for s in (*b.happened, *b.why, *b.todo)]  # pyright: ignore
    assert len(said) >= 7
    for text in said:
        for token in re.findall(r"[-+]?₪?[\d.,]*\d[KMB]?%?", text.replace("95% interval", "")):
            if "%" not in token and "₪" not in token:
                continue
            ((value, half),) = numbers(token)
            assert any(abs(value - k) <= half + 1e-9 for k in known), (token, text)


@in_turn
def test_every_figure_has_a_declared_metric(kind, tongue, small_client) -> None:
    from spm_lib.model import metric_ids

    declared = {m.id for m in metric_ids()}
    used = {f.metric for f in document(kind, small_client, tongue).figures}
    assert used <= declared
    defined = {
        entry.id
        for block in document(kind, small_client, tongue).annex
        for inner in block.blocks
        if inner.type == "definitions"
        for entry in inner.entries
    }
    printed = used - {"rows.used", "rows.noticed"}
    assert printed <= defined | {m for m in printed if m.startswith(("forecast.", "rep."))}


@pytest.mark.parametrize(
    ("kind", "tongue"),
    [one for one in by_turns(*TONGUES) if one.values[0] is not ForecastPage]
    + [pytest.param(ForecastPage, tongue, marks=pytest.mark.proof) for tongue in TONGUES],
)
def test_bare_deals_give_a_report_that_says_what_it_lacks(kind, tongue, bare_client) -> None:
    reader = read(html(kind, bare_client, tongue))
    assert reader.all("h1")
    if kind is FunnelPage:
        lacking = [e.text for e in reader.having("div", "missing")]
        assert len(lacking) == 4
        named = " ".join(lacking)
        for table in ("stage_events", "activities", "memberships"):
            assert language(tongue).text(TABLE_NAMES[table]) in named
            assert language(tongue).text("The data does not say why deals were lost.") in named
            assert f"tables.{table}" not in named, "the reader of a page has no workspace file"


def test_a_day_before_all_deals_is_refused_in_words(kind, small_client) -> None:
    with pytest.raises(ParameterError, match="Nothing had happened yet"):
        kind(str(small_client), as_of="2024-03-31", scope=SCOPES.get(kind, ""))


def test_the_very_first_day_makes_an_empty_report_not_a_crash(kind, small_client) -> None:
    page = kind(str(small_client), as_of="2024-04-02", scope=SCOPES.get(kind, ""))
    assert "<h1>" in render_document(built(page))


def test_the_funnel_conserves_deals(small_client) -> None:
    """Entered = advanced + lost + still open, and what advanced enters the next stage."""
    made = document(FunnelPage, small_client, "en")
    section = next(b for b in made.evidence if getattr(b, "title", "") == "Funnel by stage")
    table = next(b for b in section.blocks if b.type == "table")  # pyright: ignore
    rows = [[int(cell.shown or 0) for cell in row[1:5]] for row in table.rows]
    for entered, advanced, lost, still_open in rows:
        assert entered == advanced + lost + still_open
    for (_, advanced, *_), (entered, *_) in pairwise(rows):
        assert advanced == entered


def test_the_axis_of_a_skill_names_the_skill_in_office_files_too(sample_workspace) -> None:
    blocks = RepsPage(sample_workspace, language="en").skills().blocks
    axes = {b.title: b.plot.axis for b in blocks if b.type == "chart" and b.plot is not None}
    assert axes, "the people of the sample differ in some skill"
    for title, axis in axes.items():
        skill = title.partition(":")[0]
        assert axis.startswith(skill), "not the win rate's"
