"""What comes from a CRM is text on paper: never Typst, never a file of this machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import ReportError
from spm_lib.reports import RepsPage, build_document
from spm_lib.reports.blocks import (
    Chart,
    Column,
    Definition,
    Definitions,
    NoticeEntry,
    Notices,
    Prose,
    Section,
    Sentence,
    Summary,
    Table,
    Text,
    Tile,
    Tiles,
)
from spm_lib.reports.cells import words
from spm_lib.reports.document import Document
from spm_lib.reports.pdf import render as pdf
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.reports.pdf.text import printable
from spm_lib.workspace.brand import Brand
from tests.examples import examples

from . import pdf_samples as samples
from .conftest import HOSTILE
from .page_reader import BIDI
from .pdf_reader import BRACKETS, Pdf

CANARIES = [
    '#read("/etc/passwd")',
    '#read("report.json")',
    '#import "@preview/x:1.0.0": *',
    "$x^2$ and $ y $",
    "*b* _i_ `raw` ```typ #panic()```",
    "[ ] { } ( ) ] } )",
    "\\ \\u{41} \\# \\*",
    "@ref <label> = Heading",
    "// a comment /* and another */",
    "- item + item / term: x",
    "https://example.com/#sys.version",
    '#eval("1+1") #let a = 1 #show: x',
    "a -- b --- c ... ~ 'q' \"q\"",
    "</svg><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} %s {0}",
    '", "kind": "break"}',
]


def report(texts: list[str], *, language: str = "en") -> Document:
    """Return a document with each text in every place that holds client data."""
    first = texts[0]
    blocks = (
        Summary(happened=tuple(Sentence(text=t) for t in texts)),
        Tiles(tiles=tuple(Tile(label=t, number=samples.number("1"), note=t) for t in texts)),
        *(samples.text(t, tone="caution") for t in texts),
        samples.text("\n".join(texts), tone="verbatim"),
        Table(
            title=first,
            columns=(Column(title=first), Column(title="x", help=first)),
            rows=tuple((words(t), words(t)) for t in texts),
            note=first,
        ),
        Chart(title=first, alt=first, svg=samples.SVG.format(height=60, end=50, top="", foot="")),
        Section(
            title=first,
            blocks=(
                Definitions(entries=tuple(Definition(id=t, name=t, formula=t) for t in texts)),
                Notices(
                    notices=tuple(NoticeEntry(text=t, table=t, column=t) for t in texts),
                    as_of=samples.AS_OF,
                ),
            ),
        ),
    )
    return samples.document(*blocks, language=language, client=first, title=first)


def test_markup_of_typst_is_printed_as_it_stands() -> None:
    for canary in CANARIES:
        found = Pdf(render_pdf(report([canary]), brand=Brand(footer=canary)))
        assert found.letters.count("".join(canary.split())) >= 10, canary
        assert found.reader.metadata["/Title"] == canary
        assert found.reader.metadata["/Author"] == canary
        assert "root:" not in found.letters


def test_markup_of_typst_is_printed_in_hebrew_too() -> None:
    for canary in CANARIES:
        found = Pdf(render_pdf(report([canary], language="he"), brand=Brand(footer=canary)))
        printed = Counter("".join(found.pages).translate(BRACKETS))
        for letter, times in Counter("".join(canary.split()).translate(BRACKETS)).items():
            assert printed[letter] >= 12 * times, (canary, letter)


def test_markdown_of_an_analyst_is_no_typst_either() -> None:
    markdown = "\n\n".join(f"{c.replace('<', '&lt;')}" for c in CANARIES if "`" not in c)
    found = Pdf(
        render_pdf(samples.document(Prose(markdown="## #panic()\n\n" + markdown)), brand=Brand())
    )
    assert '#read("/etc/passwd")' in "".join(found.pages)
    assert "#panic()" in "".join(found.pages)
    assert "$x^2$and$y$" in found.letters


def test_links_lead_to_the_web_only() -> None:
    markdown = (
        "[a](https://example.com/x) [b](javascript:alert(1)) [c](file:///etc/passwd)"
        " [d](mailto:noa@example.com) [e](#label) [f](../x)"
    )
    found = Pdf(render_pdf(samples.document(Prose(markdown=markdown)), brand=Brand()))
    targets = {
        note.get_object()["/A"]["/URI"]
        for page in found.reader.pages
        for note in page.get("/Annots", [])
    }
    assert targets == {"https://example.com/x", "mailto:noa@example.com"}


def test_no_file_but_the_reports_own_can_be_read(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "canary.txt").write_text("CANARY", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for place in ("canary.txt", "/canary.txt", f"..{tmp_path}/canary.txt", "/etc/passwd", "../x"):
        template = tmp_path / "template.typ"
        template.write_text(f'#read("{place}")', encoding="utf-8")
        monkeypatch.setattr(pdf, "TEMPLATE", template)
        with pytest.raises(ReportError):
            render_pdf(samples.document(), brand=Brand())


def test_a_chart_cannot_bring_a_file_along(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(samples.SVG.format(height=60, end=50, top="SECRET", foot=""))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="90" height="60"><image href="{secret}" width="90" height="60"/>'
        f'<image xlink:href="file://{secret}" width="9" height="9"/><text y="9">open</text></svg>'
    )
    chart = Chart(title="t", alt="t", svg=svg)
    found = Pdf(render_pdf(samples.document(chart), brand=Brand()))
    assert "open" in found.letters
    assert "SECRET" not in found.letters
    logo = tmp_path / "logo.svg"
    logo.write_text(svg)
    with pytest.raises(ReportError, match="absolute paths are not allowed"):
        render_pdf(samples.document(chart), brand=Brand(logo=logo))
    logo.write_text(svg.replace("file://", "").replace(str(secret), "../secret.svg"))
    with pytest.raises(ReportError, match="logo"):
        render_pdf(samples.document(chart), brand=Brand(logo=logo))


@pytest.mark.parametrize("tongue", ["en", "he"])
def test_hostile_names_of_a_real_report_are_printed(tongue: str, small_client) -> None:
    page = RepsPage(str(small_client), language=tongue)
    blocks = [getattr(page, name)() for name in ("cover", "summary", "table_of_people", "mix")]
    found = Pdf(render_pdf(build_document(blocks, title="x"), brand=Brand()))
    printed = Counter("".join(found.pages).translate(BRACKETS))
    for name in HOSTILE:
        said = Counter("".join(BIDI.sub("", name).split()).translate(BRACKETS))
        assert not said - printed, name
    if tongue == "en":
        assert "O'Neil&Söhne" in found.letters
        assert '"><imgsrc=xonerror=alert(2)>' in found.letters.replace("\u200b", "")
    assert "Small<Ltd>&Sons" in found.letters


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=17)


@pytest.mark.slow
@settings(max_examples=examples(8))
@given(st.lists(ASCII, min_size=1, max_size=8))
def test_any_text_can_be_read_back(texts: list[str]) -> None:
    found = Pdf(render_pdf(report(texts), brand=Brand()))
    for text in texts:
        assert found.letters.count(text) >= 5, text


@pytest.mark.slow
@settings(max_examples=examples(12))
@given(st.text(max_size=80), st.sampled_from(["en", "he"]))
def test_any_letters_at_all_can_be_drawn(text: str, language: str) -> None:
    blocks = (
        samples.text("before"),
        Text(sentences=(Sentence(text=text),)),
        samples.text(text, tone="verbatim"),
        Prose(markdown=text),
        Table(title=text, columns=(Column(title=text),), rows=((words(text),),)),
        samples.text("after"),
    )
    told = samples.document(*blocks, language=language, title=text or "x")
    found = Pdf(render_pdf(told, brand=Brand(footer=text)))
    assert "before" in "".join(found.pages)
    assert "after" in "".join(found.pages)


@given(st.text())
def test_printable_text_says_the_same(text: str) -> None:
    made = printable(text, longest=5)
    assert printable(made, longest=5) == made, "to make it printable twice changes nothing"
    assert _visible(made) == _visible(text)
    assert sum(c in "\u2066\u2067\u2068" for c in made) == made.count("\u2069")


def _visible(text: str) -> list[str]:
    return [c for c in text if c.isprintable() and c != " " and not _draws_nothing(c)]


def _draws_nothing(letter: str) -> bool:
    """Say whether a letter only steers others: direction marks, selectors of glyph variants."""
    return bool(BIDI.match(letter)) or "\U000e0000" <= letter <= "\U000e0fff"
