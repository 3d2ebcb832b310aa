"""The pages of managers: numbers as in the reports, deals behind each, files that can be read."""

from __future__ import annotations

import csv
import html
import io
from contextlib import closing
from functools import cache

import polars as pl
import pytest

import spm_lib.forecast  # noqa: F401  (declares what the pace to a target is)
from spm_lib.core.money import from_minor
from spm_lib.dashboards import funnel_page, team_page
from spm_lib.dashboards.as_files import figures_csv
from spm_lib.dashboards.behind_figure import deals_of, ids_behind
from spm_lib.dashboards.blocks_page import BlocksPage
from spm_lib.dashboards.blocks_view import BlocksView
from spm_lib.dashboards.gate.identity import Gatekeeper
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.manager_pages import FUNNEL_PARTS, TEAM_PARTS
from spm_lib.model import open_company
from spm_lib.reports import FunnelPage, ManagerPage

pytestmark = pytest.mark.slow
SCOPE = "manager:M01"
PAGES = {"funnel": (FunnelPage, FUNNEL_PARTS), "team": (ManagerPage, TEAM_PARTS)}


@pytest.fixture(scope="module")
def told(sample_workspace):
    """What the server tells the page of the manager M01."""
    with closing(Shelf(sample_workspace, today=Gatekeeper(sample_workspace).today)) as shelf:
        yield {
            "SPM_VIEWER": "dana",
            "SPM_SCOPE": SCOPE,
            "SPM_VIEW": str(shelf.file(SCOPE)),
            "SPM_WORKSPACE": str(sample_workspace),
        }


@pytest.fixture(scope="module")
def pages(told):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        yield {
            name: BlocksPage(make, parts, name=name, language="en")
            for name, (make, parts) in PAGES.items()
        }


@pytest.fixture(scope="module")
def behind(pages):
    """Each number of a page that opens, and the ids of the deals behind it."""

    @cache
    def found(name):
        page = pages[name]
        return [(figure, ids_behind(figure, page.page)) for figure in page._opened]

    return found


BOTH = pytest.mark.parametrize("name", ["funnel", "team"])


def printed(blocks) -> list[tuple[object, ...]]:
    """Return the numbers of blocks, in order; amounts set aside are told by the workspace alone."""
    figures = [figure for block in blocks for figure in block.figures_used()]
    return [(f.metric, f.by, f.window, f.value, f.n, f.low, f.high) for f in figures]


def test_the_funnel_prints_what_the_report_prints(pages, sample_workspace):
    """By another way: from the workspace itself, which the page never opens."""
    report = FunnelPage(str(sample_workspace), language="en", scope=SCOPE)
    blocks = [getattr(report, part)() for part in ("cover", *FUNNEL_PARTS)]
    shown = pages["funnel"].blocks[: len(blocks)]
    assert printed(shown) == printed(blocks)
    assert len(printed(shown)) > 300
    assert shown[0].payload() == blocks[0].payload(), "the same stamp of how fresh it is"


@BOTH
def test_every_count_of_deals_opens_to_as_many(behind, name):
    assert len(behind(name)) > 200
    for figure, ids in behind(name):
        counted = figure.metric.endswith(".count") and not figure.metric.startswith("activity")
        if counted and "win_rate" not in figure.metric:
            assert len(ids) == int(figure.value or 0), figure
        if figure.metric == "win_rate.closed.count":
            assert len(ids) == figure.n
        if figure.metric.startswith("stage_flow") and "re_entered" not in figure.metric:
            assert len(ids) == int(figure.value or 0), figure


@BOTH
def test_amounts_are_those_of_the_deals_behind_them_by_a_loop(pages, behind, name):
    page = pages[name]
    amounts = dict(page.company.table("opportunities").select("opportunity_id", "amount").rows())
    seen = 0
    for figure, ids in behind(name):
        if figure.metric in ("won.amount", "lost.amount", "open.amount"):
            total = 0
            for deal in ids:
                total += amounts[deal] or 0
            assert str(from_minor(total, "ILS")) == figure.value, figure
            seen += 1
    assert seen > 5


@BOTH
def test_no_row_of_others_is_on_the_page_or_can_be_opened(pages, behind, sample_workspace, name):
    page, whole = pages[name], open_company(sample_workspace)
    own = set(page.company.table("opportunities")["opportunity_id"])
    others = set(whole.table("opportunities")["opportunity_id"]) - own
    assert len(others) > 2000
    assert not [deal for deal in others if deal in page.view.html]
    opened = {deal for _, ids in behind(name) for deal in ids}
    shown = deals_of(sorted(opened), page.page.company)
    assert set(shown["opportunity_id"]) <= own
    names = set(whole.table("reps")["name"]) - set(page.company.table("reps")["name"])
    assert not [one for one in names if one in page.view.html]
    assert {rep for _, rep in page.person.options} <= {"", *page.company.table("reps")["rep_id"]}


def test_what_a_visitor_makes_the_page_say_opens_nothing_else(pages, monkeypatch):
    page, sent = pages["team"], []
    monkeypatch.setattr(BlocksView, "send", lambda _, content, **__: sent.append(content))
    asked = ["-1", "999999", "1e3", "OP-100001", "", "٣", "0" * 50, 5, None, ["0"], {"x": 1}]
    for one in asked:
        page.view._told(page.view, {"open": one}, [])
    page.view._told(page.view, ["open"], [])
    page.view._told(page.view, {"save": "/etc/passwd"}, [])
    assert sent == []
    page.view._told(page.view, {"open": "0"}, [])
    assert [one["kind"] for one in sent] == ["deals"]


def test_period_day_and_person_are_chosen(pages, sample_workspace):
    page = pages["team"]
    page.period.value, page.until.value, page.person.value = 6, "2026-06-30", "R03"
    try:
        report = ManagerPage(
            str(sample_workspace), language="en", scope="rep:R03", as_of="2026-06-30", months=6
        )
        assert printed([page.blocks[1]]) == printed([report.key_figures()])
        assert page.blocks[0].payload() == report.cover().payload()
        assert page.said.value == ""
    finally:
        page.period.value, page.until.value, page.person.value = 12, "2026-09-30", ""


def test_deals_behind_a_number_come_as_csv(pages, monkeypatch):
    page, given = pages["funnel"], []
    monkeypatch.setattr(page.view, "show_deals", lambda *_: None)
    monkeypatch.setattr(page.view, "give", lambda *file: given.append(file))
    figure = next(f for f in page._opened if f.metric == "won.amount" and not f.by)
    page._show_deals(figure)
    page._save_deals()
    name, kind, content = given[0]
    assert (name, kind) == ("funnel-2026-09-30.deals.csv", "text/csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert sum(float(row["Amount (ILS)"]) for row in rows) == float(figure.value)
    assert {row["Salesperson"] for row in rows} <= set(page.company.table("reps")["name"])


def test_the_view_comes_as_excel_and_as_csv(pages, monkeypatch):
    pytest.importorskip("xlsxwriter")
    page, given = pages["team"], []
    monkeypatch.setattr(page.view, "give", lambda *file: given.append(file))
    page._save_excel()
    page._save_figures()
    assert page.said.value == ""
    assert [name for name, _, _ in given] == ["team-2026-09-30.xlsx", "team-2026-09-30.csv"]
    sheets = pl.read_excel(given[0][2], sheet_id=0, has_header=False)
    cells = {str(v) for sheet in sheets.values() for row in sheet.iter_rows() for v in row}
    assert "Maya Peretz" in cells
    rows = list(csv.DictReader(io.StringIO(given[1][2].decode("utf-8-sig"))))
    won = [row for row in rows if row["metric"] == "won.amount" and not row["rep_id"]]
    tile = next(f for f in page._opened if f.metric == "won.amount" and not f.by)
    assert {row["value"] for row in won} == {tile.value}


def test_a_name_is_no_formula_in_csv(pages):
    from dataclasses import replace

    page = pages["funnel"]
    figure = replace(page._opened[0], by={"team": '=HYPERLINK("x")'})
    assert "'=HYPERLINK" in figures_csv([figure], page.language).decode("utf-8-sig")


@pytest.mark.parametrize("make", [funnel_page, team_page])
def test_what_cannot_be_shown_is_said(told, monkeypatch, make):
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    for asked, said in (
        ({"person": "R01"}, "names nobody in 'manager-M01'"),
        ({"person": "R99"}, "names nobody in 'manager-M01'"),
        ({"workspace": told["SPM_WORKSPACE"]}, "Nothing was opened for this viewer"),
        ({"as_of": "yesterday"}, "not a day"),
    ):
        shown = make(**asked)
        assert said in html.unescape(shown.value)
        assert "Traceback" not in shown.value
