"""The page without a browser: its numbers, its tables as text, its scenarios."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import ipywidgets as widgets
import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.dashboards import WhatIfPage, what_if_page
from spm_lib.dashboards.bundle import bundle_path, live_chart_bundle
from spm_lib.dashboards.deals_behind import MOST_ROWS, deals_behind
from spm_lib.dashboards.levers_of import lever_ranges
from spm_lib.dashboards.page_style import page_css
from spm_lib.dashboards.told import SCOPE, WORKSPACE
from spm_lib.model import open_company
from spm_lib.plans import Scenario, save_scenario
from spm_lib.targets import baseline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, sample_workspace):
    """A copy of the sample company, for scenarios are written beside it."""
    folder = tmp_path_factory.mktemp("client") / "sample"
    shutil.copytree(sample_workspace.parent, folder)
    return folder / "spm.toml"


@pytest.fixture
def served(workspace, monkeypatch):
    monkeypatch.setenv(WORKSPACE, str(workspace))
    monkeypatch.delenv(SCOPE, raising=False)
    return workspace


@pytest.fixture(scope="module")
def company(workspace):
    return open_company(workspace)


@pytest.fixture(scope="module")
def base(company):
    return baseline(company)


@pytest.fixture(scope="module")
def fresh(workspace):
    """The page as it begins, in both languages: only looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WORKSPACE, str(workspace))
        patch.delenv(SCOPE, raising=False)
        return {code: WhatIfPage(language=code) for code in ("en", "he")}


def plain(html: str) -> str:
    return re.sub("[\u2066-\u2069]", "", re.sub("<[^>]+>", "|", html))


def test_sliders_stand_at_todays_rates(fresh):
    page = fresh["en"]
    assert page.levers == page.base.levers
    reach = page.language.percent(page.today.reach, 0)
    assert f"|{reach}|" in plain(page.tiles.value)


def test_a_moved_slider_changes_numbers_and_both_charts(served):
    page = WhatIfPage(language="en")
    before = (page.tiles.value, page.odds.rows, page.path.rows)
    page.sliders[1].slider.value += 10
    after = (page.tiles.value, page.odds.rows, page.path.rows)
    assert all(a != b for a, b in zip(before, after, strict=True))
    answer = page.what_if.answer(page.levers)
    assert page.path.rows["rows"][-1]["p50"] == answer.path()["p50"][-1]
    assert sum(row["value"] for row in page.odds.rows["rows"]) == pytest.approx(1)


def test_levers_all_at_their_ends_have_an_answer_or_a_reason(served):
    page = WhatIfPage(language="en")
    for slider in page.sliders:
        slider.slider.value = 0
    assert page.said.value == ""
    for slider in page.sliders:
        slider.slider.value = slider.slider.max
    assert page.said.value == "" or "times as far" in page.said.value


def test_saved_and_taken_up_again(served, fresh):
    base = fresh["he"].base
    levers = replace(base.levers, heads=base.heads + 2)
    save_scenario(served, Scenario("שניים", "ILS", "2026-09-30", levers))
    assert WhatIfPage(language="he", scenario="שניים").levers == levers


def test_no_output_widget_anywhere(fresh):
    """Output hung Voila now and then ("Executing 2 of 3" for ever)."""

    def within(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from within(child)

    found = list(within(fresh["en"].box))
    assert len(found) > 30
    assert not [w for w in found if isinstance(w, widgets.Output)]


def test_the_server_decides_whose_rows(served, monkeypatch, company):
    rep = company.table("opportunities")["rep_id"].mode()[0]
    monkeypatch.setenv(SCOPE, f"rep:{rep}")
    page = WhatIfPage(language="en")
    assert page.base.heads == 1
    table = deals_behind("win_rate", page.company, page.base, page.language)
    names = dict(company.table("reps").select("rep_id", "name").iter_rows())
    others = {name for key, name in names.items() if key != rep and name != names[rep]}
    assert not [name for name in others if f"<bdi>{name}</bdi>" in table]


def test_a_page_that_cannot_be_says_why(served):
    for asked, said in (
        ({"as_of": "1999-01-01"}, "Nothing had happened yet"),
        ({"scenario": "nowhere"}, "no scenario"),
        ({"as_of": "soon"}, "not a day"),
    ):
        shown = what_if_page(language="en", **asked)
        assert said in shown.value


@pytest.mark.parametrize("code", ["en", "he"])
def test_the_page_says_how_fresh_its_data_is(fresh, code):
    page = fresh[code]
    head = plain(page.box.children[0].value)
    for day in (page.company.as_of, page.company.exported_on):
        assert re.sub("[\u2066-\u2069]", "", page.language.date(day)) in head


@pytest.mark.parametrize("lever", ["target", "win_rate", "deal_amount", "cycle_days", "heads"])
@pytest.mark.parametrize("code", ["en", "he"])
def test_rows_behind_every_number_are_only_text(company, base, lever, code):
    table = deals_behind(lever, company, base, language(code))
    assert 2 < table.count("<tr>") <= MOST_ROWS + 1
    assert set(re.findall(r"<(\w+)", table)) <= {"p", "div", "table", "thead", "tbody", "tr", "th",
                                                 "td", "bdi"}  # fmt: skip


def test_a_customers_name_cannot_become_part_of_the_page(company, base, monkeypatch):
    hostile = '<img src=x onerror="alert(1)">'

    class Poisoned:
        def table(self, name):
            frame = company.table(name)
            if name != "accounts":
                return frame
            return frame.with_columns(name=pl.lit(hostile))

    table = deals_behind("win_rate", Poisoned(), base, language("en"))  # type: ignore[arg-type]
    assert "<img" not in table
    assert "&lt;img src=x" in table


def test_rows_behind_the_win_rate_are_as_many_as_its_n(company, base):
    table = plain(deals_behind("win_rate", company, base, language("en")))
    assert f"of {base.won + base.lost:,} rows" in table


@pytest.mark.parametrize("code", ["en", "he"])
def test_levers_reach_half_to_one_and_a_half_and_stop_at_today(base, code):
    for lever in lever_ranges(base, language(code)):
        assert lever.today in lever.stops
        assert list(lever.stops) == sorted(lever.stops)
        assert min(lever.stops) <= 0.55 * lever.today
        assert lever.told(lever.today)


def test_the_bundle_is_made_once_and_asks_nobody(monkeypatch, tmp_path):
    text = live_chart_bundle()
    assert bundle_path().read_text(encoding="utf-8") == text
    assert not re.findall(r"import\s*\(?['\"]https?:", text)
    assert "esm.sh" not in text


def test_the_style_names_no_other_place():
    assert not re.findall(r"https?://", page_css())
    assert page_css().count("data:font/ttf;base64") == 2


def test_targets_are_told_by_name_not_by_id(served, company, base):
    rows = plain(deals_behind("target", company, base, language("en")))
    reps = company.table("reps")
    held = company.table("targets")["rep_id"].drop_nulls().unique()
    named = reps.filter(pl.col("rep_id").is_in(held.implode()))
    assert any(f"|{name}|" in rows for name in named["name"])
    assert not [rep for rep in named["rep_id"] if f"|{rep}|" in rows]
