"""The PDF of a report, read back by other libraries: what it says, and how it is laid out."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from spm_lib.core.errors import MissingExtraError, ReportError
from spm_lib.reports import FunnelPage, RepsPage, build_document
from spm_lib.reports.blocks import Block, Column, Picture, Section, Table
from spm_lib.reports.cells import words
from spm_lib.reports.document import Document
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.workspace.brand import Brand

from . import pdf_samples as samples
from .page_reader import read
from .pdf_reader import FOOT, MM, SIDE, Pdf, digits

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BRAND = Brand(footer="Northlight", confidentiality="For Galil only")
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60"><text x="2" y="40"'
    ' font-family="Heebo" font-size="30">LOGO</text></svg>'
)


def drawn(*blocks: Block, language: str = "en") -> Pdf:
    return Pdf(render_pdf(samples.document(*blocks, language=language), brand=BRAND))


@cache
def everything(language: str) -> Pdf:
    return Pdf(render_pdf(samples.everything(language), brand=BRAND))


@cache
def real(kind: type, workspace: Path, language: str) -> tuple[Document, Pdf]:
    page = kind(str(workspace), language=language)
    own = ("table_of_people", "mix") if kind is RepsPage else ("funnel", "pipeline", "teams")
    names = ("cover", "summary", "key_figures", *own, "definitions", "receipts", "notices")
    document = build_document([getattr(page, name)() for name in names], title="page")
    return document, Pdf(render_pdf(document, brand=BRAND))


def within_the_margins(pdf: Pdf) -> None:
    for number, glyphs in enumerate(pdf.glyphs):
        width, height = pdf.document[number].get_size()
        assert (round(width / MM), round(height / MM)) == (210, 297)
        for g in glyphs:
            assert g.left >= SIDE - 1, (number, g)
            assert g.right <= width - SIDE + 1, (number, g)
            assert g.bottom > 8 * MM, (number, g)
            assert g.top < height - 8 * MM, (number, g)


def headed(pdf: Pdf) -> None:
    """Check that something of its own section stands under every heading, on its page."""
    for heading in pdf.headings:
        under = [g for g in pdf.body(heading.page) if g.top < heading.height - 12]
        assert under, f"{heading.title} is the last on page {heading.page + 1}"


def test_every_kind_of_block_is_printed() -> None:
    text = everything("en").letters
    for said in (
        *("Galil Systems", "Sales funnel", "October to September", "As of 30 Sep 2026."),
        *("What happened", "Won 24 deals.", "Why", "The price was high.", "Call 178 clients."),
        *("Won amount", "₪24.7M", "-13% on the year before", "398 deals", "28.9%"),
        *("A plain paragraph.", "Be careful with 3 rows.", "No targets were given."),
        *("shape: (3, 2)", "A note under it.", "Kinds of cells", "Sep 2026", "-₪1,235", "19%–64%"),
        *("Inside.", "code $x$", "quoted", "kept   as it    is", "<b>raw</b>", "Noa", "12%"),
        *("won.count", "Number of deals won.", "More is better. Never null.", "Number lost."),
        *("Deals", "103", "90", "13", "no_amount: 10 (₪1,234)", "future: 3"),
        *("Amounts of 0. (₪999)", "Nothing unusual was found in the data."),
    ):
        assert "".join(said.split()) in text, said


@pytest.mark.parametrize(
    ("kind", "tongue"),
    [
        (FunnelPage, "he"),
        (RepsPage, "en"),
        pytest.param(FunnelPage, "en", marks=pytest.mark.proof),
        pytest.param(RepsPage, "he", marks=pytest.mark.proof),
    ],
)
def test_all_numbers_of_the_page_are_in_the_pdf(kind, tongue, small_client) -> None:
    document, pdf = real(kind, small_client, tongue)
    page = read(render_document(document).replace("><", "> <"))
    (body,) = page.all("main")
    missing = digits(body.text) - digits("\n".join(pdf.pages))
    assert sum(digits(body.text).values()) > 60
    assert not missing
    within_the_margins(pdf)
    headed(pdf)
    assert b"<pdfuaid:part>1<" in pdf.content


def test_pages_are_numbered_and_carry_head_and_foot() -> None:
    pdf = everything("en")
    total = len(pdf.pages)
    assert total > 2
    for number, text in enumerate(pdf.pages, 1):
        assert f"{number} / {total}" in text
        assert "Northlight" in text
        assert "For Galil only" in text
        head = [line for line in pdf.lines(number - 1) if line.startswith("GalilSystems·Salesfun")]
        assert bool(head) == (number > 1), "the cover has no running head"
        assert number == 1 or head[0].endswith("Asof30Sep2026")


def test_long_names_do_not_push_the_page_around() -> None:
    told = samples.document(
        *(Section(title=f"S{n}", blocks=(samples.chart(),)) for n in range(4)),
        title="A title without an end " * 20,
        client="Client & Sons " * 30,
    )
    pdf = Pdf(render_pdf(told, brand=Brand(confidentiality="Not for others. " * 12)))
    within_the_margins(pdf)
    assert "".join(pdf.pages[0].split()).count("withoutanend") == 20
    assert "…" in pdf.pages[-1]


def test_contents_and_outline_lead_to_the_sections() -> None:
    pdf = everything("en")
    first = pdf.pages[0]
    tops = [h for h in pdf.headings if h.level == 0]
    assert [h.title for h in tops][:3] == ["Summary", "Evidence", "Definitions"]
    assert "Contents" in first
    for heading in tops:
        (line,) = [x for x in pdf.lines(0) if x.startswith(heading.title.replace(" ", ""))]
        assert line.endswith(str(heading.page + 1))
        assert heading.title in pdf.pages[heading.page]
    assert {"Kinds of cells", "Deeper", "A heading of prose"} <= {h.title for h in pdf.headings}
    links = [a.get_object() for a in pdf.reader.pages[0].get("/Annots", [])]
    assert len(links) >= len(tops)


def test_a_short_report_has_no_contents() -> None:
    pdf = drawn(samples.text("All is well."))
    assert len(pdf.pages) == 1
    assert "Contents" not in pdf.pages[0]
    assert "All is well." in pdf.pages[0]


def test_a_page_of_ones_own_without_a_cover_is_printed() -> None:
    document = build_document([samples.text("Just this.")], title="My page")
    pdf = Pdf(render_pdf(document, brand=BRAND))
    assert "My page" in pdf.pages[0]
    assert pdf.reader.metadata["/Title"] == "My page"
    assert "/CreationDate" not in pdf.reader.metadata or "D:2000" in str(pdf.reader.metadata)


@pytest.mark.parametrize(("tongue", "title"), [("en", "Sales funnel"), ("he", "משפך המכירות")])
def test_metadata_and_tags(tongue: str, title: str) -> None:
    pdf = everything(tongue)
    root = pdf.reader.trailer["/Root"]
    assert root["/Lang"] == tongue
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/Direction"] == {"en": "/L2R", "he": "/R2L"}[tongue]
    assert pdf.reader.metadata["/Title"] == title
    assert pdf.reader.metadata["/Author"] == "Galil Systems"
    assert pdf.reader.metadata["/CreationDate"].startswith("D:20260930000000")
    tags = pdf.tags()
    kinds = [kind for kind, _ in tags]
    figures = [alt for kind, alt in tags if kind == "Figure"]
    assert figures == ["The chart shows: Half of the deals are lost", "A blue field"]
    assert kinds.count("Title") == 1
    levels = [int(kind[1]) for kind in kinds if kind in ("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert kinds.count("Table") == 3
    assert kinds.count("TH") == 6 + 2 + 5
    assert kinds.count("LI") > 4


def test_headings_stay_with_what_follows() -> None:
    rng = random.Random(3)
    blocks: list[Block] = []
    for number in range(60):
        filler = [samples.text(f"line {i}") for i in range(rng.randrange(1, 30))]
        inner = rng.choice(
            [
                samples.chart(f"chart {number}", height=rng.choice([120, 300])),
                samples.table(rng.choice([4, 40]), title=f"Table {number}"),
                samples.text("a paragraph", tone=rng.choice(["plain", "caution", "verbatim"])),
                Section(title=f"Inner {number}", blocks=(samples.text("words"),)),
            ]
        )
        blocks += [*filler, Section(title=f"Section {number}", blocks=(inner,))]
    pdf = drawn(*blocks)
    assert len(pdf.pages) > 30
    assert len(pdf.headings) > 60
    headed(pdf)
    within_the_margins(pdf)


def test_a_long_table_repeats_its_head_and_breaks_no_row() -> None:
    rows = tuple(
        (words(f"first{r} second{r} " + "filling " * 12 + f"last{r}"), words(f"other{r}"))
        for r in range(180)
    )
    columns = (Column(title="Thename"), Column(title="Theother"))
    pdf = drawn(Table(title="Long", columns=columns, rows=rows))
    with_rows = [page for page in pdf.pages if "first" in page]
    assert len(with_rows) > 2
    for page in with_rows:
        assert page.count("Theother") == 1
    for r in range(180):
        (page,) = [p for p in with_rows if f"first{r} " in p]
        assert f"last{r}" in page
        assert f"other{r}" in page
    assert [kind for kind, _ in pdf.tags()].count("TH") == 2, "repeated heads are not read again"


@pytest.mark.parametrize("tongue", ["en", "he"])
@pytest.mark.parametrize("columns", [9, 16, 45])
def test_a_wide_table_stays_on_the_page_with_all_its_numbers(columns: int, tongue: str) -> None:
    pdf = drawn(samples.table(30, columns), language=tongue)
    within_the_margins(pdf)
    found = digits("\n".join(pdf.pages))
    for r in range(30):
        for c in range(columns):
            assert found[f"{1000 * r + c:,}"], "printed in one piece"


def test_a_word_wider_than_its_column_is_broken_not_cut() -> None:
    long = "x" * 400
    pdf = drawn(samples.table(3, 8, wide=long), samples.text(long), samples.table(1, title=long))
    within_the_margins(pdf)
    assert "".join(pdf.pages).count("x") == 5 * 400


def test_a_row_taller_than_a_page_goes_on_overleaf() -> None:
    rows = ((words("word " * 3_000 + "end"), words("b")),)
    columns = (Column(title="A"), Column(title="B"))
    pdf = drawn(Table(title="T", columns=columns, rows=rows))
    within_the_margins(pdf)
    assert "".join(pdf.pages).count("word") == 3_000


@pytest.mark.parametrize("height", [90, 560, 3_000])
def test_charts_of_any_shape_are_whole(height: int) -> None:
    pdf = drawn(
        samples.text(*["filler"] * 30), samples.chart(height=height, top="TOPMOST", foot="LOWEST")
    )
    within_the_margins(pdf)
    (page,) = [n for n, text in enumerate(pdf.pages) if "TOPMOST" in text]
    assert "LOWEST" in pdf.pages[page]
    text = "".join(g.text for g in pdf.body(page))
    assert "TOPMOST" in text
    assert "LOWEST" in text
    boxes = [o.get_bounds() for o in pdf.document[page].get_objects(filter=[2])]  # paths
    assert min(b[1] for b in boxes) > 8 * MM
    assert all(b[1] > FOOT - 2 for b in boxes if b[3] - b[1] > 60)


def test_the_brand_is_on_the_pages(tmp_path: Path) -> None:
    from spm_lib.core.fonts import FONTS

    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO, encoding="utf-8")
    png = tmp_path / "logo.png"
    png.write_bytes(base64.b64decode(samples.png()))
    own = tmp_path / "Own.ttf"
    own.write_bytes((FONTS / "Heebo-Regular.ttf").read_bytes())
    bold = tmp_path / "Own-Bold.ttf"
    bold.write_bytes((FONTS / "Heebo-Bold.ttf").read_bytes())
    brand = Brand(colour="#0B5D3B", logo=logo, font="Own", regular=own, bold=bold)
    document = samples.everything()
    branded = Pdf(render_pdf(document, brand=brand))
    assert "LOGO" in branded.pages[0]
    assert "LOGO" not in "".join(branded.pages[1:])
    assert (0x0B, 0x5D, 0x3B) in branded.colours(1)
    pictured = Pdf(render_pdf(document, brand=Brand(logo=png)))
    assert list(pictured.document[0].get_objects(filter=[3])), "the logo is a picture"


def test_only_fonts_that_come_along_are_used() -> None:
    for tongue in ("en", "he"):
        used = {
            font.get_object()["/BaseFont"].partition("+")[2]
            for page in everything(tongue).reader.pages
            for font in page["/Resources"]["/Font"].values()
        }
        assert used == {"Heebo-Regular", "Heebo-Bold", "DejaVuSansMono"}


def test_the_same_report_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib; from tests.reports import pdf_samples as s;"
        "from spm_lib.reports.pdf.render import render_pdf;"
        "from spm_lib.workspace.brand import Brand;"
        "print([hashlib.sha256(render_pdf(s.everything(l),"
        "brand=Brand(footer='Northlight', confidentiality='For Galil only'))).hexdigest()"
        " for l in ('he', 'en')])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    environment["PYTHONPATH"] = str(ROOT)
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, cwd=ROOT, env=environment, check=True
    )
    mine = [hashlib.sha256(everything(x).content).hexdigest() for x in ("he", "en")]
    assert other.stdout.decode().strip() == str(mine)
    again = render_pdf(samples.everything("he"), brand=BRAND)
    assert again == everything("he").content


def test_without_typst_the_missing_part_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'spm-lib\[print\]'"):
        render_pdf(samples.document(), brand=BRAND)


def test_a_picture_that_is_none_is_told_in_words_and_a_torn_one_is_an_error() -> None:
    assert "What it showed" in drawn(Picture(png="AAAA", alt="What it showed")).pages[0]
    with pytest.raises(ReportError, match="picture"):
        drawn(Picture(png=samples.png()[:60], alt="torn"))
