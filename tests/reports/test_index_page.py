"""The index of a run in two languages: every card says its language and stands in its direction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from spm_lib.reports import run_reports
from spm_lib.reports.cells import Edition
from spm_lib.reports.runs.index_page import render_index
from spm_lib.reports.runs.run_record import Item

from .page_reader import read

DONE: dict[str, Any] = {"status": "done", "files": ("report.html", "figures.json")}


def an_item(report: str, code: str, order: int) -> Item:
    title = {"en": "Sales funnel", "he": "משפך המכירות"}[code]
    folder = f"{report}/all/{code}"
    return Item(report, code, "company", folder, title=title, order=order, **DONE)


REPORTS = ("funnel", "reps")
MIXED = [
    an_item("funnel", "en", 0),
    an_item("funnel", "he", 1),
    an_item("reps", "en", 2),
    an_item("reps", "he", 3),
]


def index(items: list[Item], own: str) -> str:
    edition = Edition.model_validate({"language": own})
    day = date(2026, 9, 30)
    return render_index(items, client="Acme", as_of=day, exported_on=day, edition=edition)


@pytest.mark.parametrize(("own", "other"), [("he", "en"), ("en", "he")])
def test_each_language_has_its_own_part_of_the_index(own, other) -> None:
    page = read(index(MIXED, own))
    parts = page.all("section")
    told = [(p.attributes["lang"], p.attributes["dir"]) for p in parts]
    ways = {"en": ("en", "ltr"), "he": ("he", "rtl")}
    assert told == [ways[own], ways[other]]
    names = {"en": "English", "he": "עברית"}
    headings = [e.text for e in page.all("h2")]
    assert [h.strip("\u2066\u2067\u2069") for h in headings] == [names[own], names[other]]
    assert len(page.all("h3")) == 4
    links = [e.attributes["href"] for e in page.all("a")]
    pages = [link for link in dict.fromkeys(links) if link.endswith("report.html")]
    assert pages == [f"{r}/all/{code}/report.html" for code in (own, other) for r in REPORTS]


def test_one_language_needs_no_names_of_languages() -> None:
    page = read(index([i for i in MIXED if i.language == "he"], "he"))
    assert [e.attributes["lang"] for e in page.all("section")] == ["he"]
    assert len(page.all("h2")) == 2
    assert not page.all("h3")


@pytest.mark.slow
def test_a_second_run_in_another_language_adds_a_part_of_its_own(small_client, tmp_path) -> None:
    own = run_reports(["funnel"], workspace=small_client, output=tmp_path, language="he").check()
    first = read(own.index.read_text(encoding="utf-8"))
    assert first.all("html")[0].attributes["lang"] == "he"
    both = run_reports(["funnel"], workspace=small_client, output=tmp_path, language="en").check()
    assert both.index == own.index
    page = read(both.index.read_text(encoding="utf-8"))
    assert {e.attributes["lang"] for e in page.all("section")} == {"en", "he"}
