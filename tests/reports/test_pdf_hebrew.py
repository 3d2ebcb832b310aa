"""Hebrew on paper: the order in which glyphs stand on the page, checked without pixels."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from spm_lib.reports.blocks import Column, Section, Table, Tile, Tiles
from spm_lib.reports.cells import Edition, words
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.reports.writing import Writer
from spm_lib.workspace.brand import Brand

from . import pdf_samples as samples
from .pdf_reader import BRACKETS, SIDE, Glyph, Pdf

GOLDEN = Path(__file__).parent / "golden"


@cache
def mixed(language: str) -> Pdf:
    """A page with the mixed sentences as paragraphs, then as list, table, tiles and chart."""
    sentences = samples.mixed(language)
    rows = tuple(
        (words(name), samples.number(change, "change"), samples.number(amount, "money:ILS"))
        for name, change, amount in (
            ("נועה כהן", "-0.125", "-1234"),
            ("Acme (IL) Ltd.", "0.08", "1234.5"),
            ("דנה O'Neil (צפון)", "-0.01", "-99.5"),
        )
    )
    table = Table(
        title="",
        columns=(
            Column(title="Who"),
            Column(title="Change", kind="change"),
            Column(title="₪", kind="money"),
        ),
        rows=rows,
    )
    tiles = Tiles(
        tiles=(
            Tile(
                label="(א)",
                number=samples.number("-0.125", "ratio"),
                change=samples.number("-0.031", "points"),
            ),
            Tile(label="(ב)", number=samples.number("-1234567", "money:ILS", compact=True)),
        )
    )
    label = Writer(Edition(language=language)).language.label
    chart = samples.chart(top=label(sentences[0]), foot=label("עסקאות (\u2066-12%\u2069)"))
    brand = Brand(footer="הוכן בידי Northlight (ייעוץ)", confidentiality="סודי - not for others")
    blocks = [*(samples.text(s) for s in sentences), table, tiles, chart]
    told = {"title": "משפך (Q3) \u2066-12%\u2069", "client": "גליל מערכות · Galil (IL)"}
    document = samples.document(*blocks, language=language, **told)
    return Pdf(render_pdf(document, brand=brand))


@pytest.mark.parametrize("tongue", ["he", "en"])
def test_glyphs_stand_in_the_golden_order(tongue: str, golden) -> None:
    pdf = mixed(tongue)
    seen = "\n".join(line for page in range(len(pdf.pages)) for line in pdf.lines(page))
    golden.check(GOLDEN / f"pdf_glyphs.{tongue}.txt", seen.translate(BRACKETS) + "\n")


def test_the_first_hebrew_sentence_word_by_word() -> None:
    """What the golden file holds, said once by hand."""
    line, same = [x for x in mixed("he").lines(0) if "example" in x and "-1,234" in x]
    assert line == same, "as a paragraph and as a label of a chart"
    assert line.translate(BRACKETS) == "2026׳טפסב30noa@example.com₪-1,234|-12.5%|ןהכהעונ"


def test_digits_run_left_to_right_and_letters_right_to_left() -> None:
    pdf = mixed("he")
    mail = _word(pdf, "noa@example.com")
    assert [g.left for g in mail] == sorted(g.left for g in mail)
    line = next(row for row in pdf.rows(0) if mail[0] in row)
    after = line[line.index(mail[-1]) + 1 :]
    assert [g.text for g in after].count("-") == 2
    assert [g.text for g in after if g.text.isalpha()] == list("ןהכהעונ")
    brackets = [g for g in after if g.text in "()"]
    assert len(brackets) == 2
    inside = [g for g in after if brackets[0].left < g.left < brackets[1].left]
    assert "".join(g.text for g in inside) == "-12.5%"
    assert [pdf.bulge(0, g) for g in brackets] == ["left", "right"], "they enclose the number"


def test_a_hebrew_page_flows_and_its_tables_run_from_the_right() -> None:
    pdf = mixed("he")
    width = pdf.document[0].get_width()
    who, change = (_word(pdf, x) for x in ("Who", "Change"))
    assert who[-1].right > width - SIDE - 12, "the first column is at the right margin"
    assert change[0].right < who[0].left
    english = mixed("en")
    assert _word(english, "Who")[0].left < SIDE + 12
    number = _word(pdf, "1/1")
    assert number[0].left < SIDE + 1, "the page number is on the outer side, in reading order"
    assert number[0].text == "1"


def test_a_hebrew_contents_list_runs_from_the_right() -> None:
    sections = [Section(title=f"פרק {n}", blocks=(samples.text("תוכן"),)) for n in "אבג"]
    pdf = Pdf(render_pdf(samples.document(*sections, language="he"), brand=Brand()))
    width = pdf.document[0].get_width()
    lines = [line for line in pdf.lines(0) if line.endswith("קרפ")]
    assert [line[0] + line[-4:] for line in lines] == ["2אקרפ", "2בקרפ", "2גקרפ"]
    title = [g for g in pdf.glyphs[0] if g.text == "פ"]
    assert max(g.right for g in title) > width - SIDE - 5
    assert [h.title for h in pdf.headings] == ["פרק א", "פרק ב", "פרק ג"]
    assert "תוכן העניינים" in pdf.pages[0]


def _word(pdf: Pdf, word: str) -> list[Glyph]:
    """Return the glyphs of the first word of this kind on the first page, from left to right."""
    for row in pdf.rows(0):
        at = "".join(g.text for g in row).find(word)
        if at >= 0:
            return row[at : at + len(word)]
    raise AssertionError(word)
