"""PowerPoint: native charts and tables, direction, notes, the client's template, no commands."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Inches

from spm_lib.core.errors import ReportError
from spm_lib.reports import build_document
from spm_lib.reports.blocks import Chart, Column, Table
from spm_lib.reports.cells import Edition, Words
from spm_lib.reports.document import Document
from spm_lib.reports.office.outline import outline
from spm_lib.reports.office.pptx import render_pptx
from spm_lib.reports.plot import Plot, PlotSeries
from spm_lib.workspace import Brand

from .hostile import write_hostile
from .office_reader import A, Archive, C, P, Workbook, chart_numbers
from .page_reader import BIDI
from .shelf_pages import BUT_FORECASTS, NAMES, shelf_document
from .test_xlsx import SVG, column_of, rendered, tables_of, write_blocks

pytestmark = pytest.mark.slow

BRAND = Brand(colour="#0B5D3B", footer="Prepared & signed", confidentiality="Confidential")


@cache
def deck(name: str, workspace: Path, language: str) -> Archive:
    return Archive(render_pptx(shelf_document(name, workspace, language), brand=BRAND))


@pytest.fixture(scope="session")
def hostile_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hostile(tmp_path_factory.mktemp("hostile_slides"))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=BUT_FORECASTS)
def also_in_hebrew(request: pytest.FixtureRequest) -> str:
    return request.param


def slides(made: Archive) -> Any:
    return Presentation(io.BytesIO(made.blob)).slides


def charts_of(document: Document) -> list[Chart]:
    return [leaf.block for leaf in outline(document) if isinstance(leaf.block, Chart)]


def seen(text: str) -> str:
    return BIDI.sub("", text)


def test_every_chart_is_native_and_holds_the_data_of_its_block(name, small_client) -> None:
    document, made = shelf_document(name, small_client, "en"), deck(name, small_client, "en")
    found = [
        (slide, shape.chart) for slide in slides(made) for shape in slide.shapes if shape.has_chart
    ]
    charts = charts_of(document)
    assert len(found) == len(charts) > 0
    for chart, (slide, native) in zip(charts, found, strict=True):
        assert chart.plot
        assert slide.shapes.title.text_frame.text == seen(chart.title), "the finding is the title"
        drawn = chart_numbers(fromlxml(native._chartSpace))
        told = by_mark(chart.plot)
        assert [label for label, _ in drawn] == [series.label for series in told]
        for series, (label, numbers) in zip(told, drawn, strict=True):
            want = column_of(chart, series)
            if chart.plot.kind == "scatter":
                want = [value for value in want if value is not None]
            assert numbers == want, (chart.title, label)
    assert not made.like(r"ppt/media/.*"), "no chart is a picture"


def by_mark(plot: Plot) -> list[PlotSeries]:
    """Return the series in the order of the XML: what stands over the bars comes after them."""
    if plot.kind != "grouped":
        return list(plot.series)
    return sorted(plot.series, key=lambda series: series.mark != "bar")


def fromlxml(element: Any) -> Any:
    from xml.etree import ElementTree

    from lxml import etree

    return ElementTree.fromstring(etree.tostring(element))


def test_numbers_behind_a_chart_can_be_edited_and_are_the_same(small_client) -> None:
    made = deck("funnel", small_client, "en")
    parts = made.like(r"ppt/embeddings/.*\.xlsx")
    charts = made.like(r"ppt/charts/chart\d+\.xml")
    assert len(parts) == len(charts) == 6
    for chart in charts:
        rels = made.text(chart.replace("charts/", "charts/_rels/") + ".rels")
        sheet = Workbook(made.zip.read("ppt" + re.search(r"\.\.(/embed[^\"]+)", rels).group(1)))
        cells = sheet.cells(0)
        for column, (label, numbers) in enumerate(in_order(made.xml(chart)), start=1):
            assert cells[0, column].value == label
            got = [cells.get((row, column)) for row in range(1, len(numbers) + 1)]
            assert [None if c is None else float(c.value) for c in got] == numbers
        core = sheet.text("docProps/core.xml")
        assert set(re.findall(r">(\d{4}-[^<]*)<", core)) == {"2026-09-30T00:00:00Z"}


def in_order(root: Any) -> list[tuple[str, list[float | None]]]:
    """Return the series by the order that PowerPoint numbers them in."""
    places = [int(series.find(f"{C}idx").get("val")) for series in root.iter(f"{C}ser")]
    return [one for _, one in sorted(zip(places, chart_numbers(root), strict=True))]


def test_every_table_is_there_with_every_row(name, small_client) -> None:
    from spm_lib.reports.writing import Writer

    document, made = shelf_document(name, small_client, "en"), deck(name, small_client, "en")
    write = Writer(document.edition)
    pages = [
        (slide, shape.table) for slide in slides(made) for shape in slide.shapes if shape.has_table
    ]
    for table in tables_of(document):
        heads = [column.title for column in table.columns]
        got: list[list[str]] = []
        while len(got) < len(table.rows):
            _, native = pages.pop(0)
            texts = [[seen(cell.text) for cell in row.cells] for row in native.rows]
            assert texts[0] == [seen(head) for head in heads], "titles are repeated"
            got += texts[1:]
        want = [
            [
                seen(write.cell(cell, decimals=column.decimals)).replace("\u200e", "")
                for cell, column in zip(row, table.columns, strict=True)
            ]
            for row in table.rows
        ]
        assert got == want


def test_slides_say_what_they_show(name, small_client) -> None:
    made = deck(name, small_client, "en")
    document = shelf_document(name, small_client, "en")
    titles = [slide.shapes.title.text_frame.text for slide in slides(made)]
    assert titles[:2] == [document.title, "Summary"]
    assert all(titles)
    assert not [t for t in titles if titles.count(t) > 1], "titles tell slides apart"
    noted = " ".join(s.notes_slide.notes_text_frame.text for s in slides(made) if s.has_notes_slide)
    for chart in charts_of(document):
        assert {f.metric for f in chart.figures} <= set(re.split("[ ,]+", noted))
    for slide in slides(made):
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
        feet = [s.text_frame.text for s in slide.shapes if s.has_text_frame]
        assert any("Prepared & signed · Confidential" in text for text in feet)


def test_nothing_hangs_over_the_edge_of_a_slide(also_in_hebrew, small_client) -> None:
    made = Presentation(io.BytesIO(deck(also_in_hebrew, small_client, "he").blob))
    assert (made.slide_width, made.slide_height) == (Inches(40 / 3), Inches(7.5))
    for slide in made.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= made.slide_width + 2
            assert shape.top + shape.height <= made.slide_height


def test_hebrew_reads_from_right_to_left(also_in_hebrew, small_client) -> None:
    made = deck(also_in_hebrew, small_client, "he")
    for part in made.like(r"ppt/slides/slide\d+\.xml"):
        root = made.xml(part)
        for paragraph in root.iter(f"{A}p"):
            if re.search("[א-ת]", "".join(t.text or "" for t in paragraph.iter(f"{A}t"))):
                told = paragraph.find(f"{A}pPr")
                assert (told.get("rtl"), told.get("algn")) == ("1", "r")
        for table in root.iter(f"{A}tblPr"):
            assert table.get("rtl") == "1"
        text = "".join(t.text or "" for t in root.iter(f"{A}t"))
        assert not re.search("[\u2066-\u2069]", text.replace("\u202eevil", "")), (
            "marks, no isolates"
        )
    english = deck(also_in_hebrew, small_client, "en")
    assert not any('rtl="1"' in english.text(p) for p in english.like(r"ppt/slides/.*\.xml"))


def axes(made: Archive, chart: Chart, document: Document) -> tuple[Any, Any]:
    place = charts_of(document).index(chart)
    native = [shape.chart for slide in slides(made) for shape in slide.shapes if shape.has_chart][
        place
    ]
    root = fromlxml(native._chartSpace)
    names = root.find(f".//{C}catAx")
    values = root.findall(f".//{C}valAx")
    return (names if names is not None else values[0]), values[-1]


@pytest.mark.parametrize(
    ("language", "lying", "upright"), [("en", "minMax", "minMax"), ("he", "maxMin", "maxMin")]
)
def test_names_run_with_the_language_and_time_never_does(
    small_client, also_in_hebrew, language, lying, upright
) -> None:
    def turned(axis: Any) -> str:
        found = axis.find(f"{C}scaling/{C}orientation")
        return "minMax" if found is None else found.get("val")

    document, made = (
        shelf_document(also_in_hebrew, small_client, language),
        deck(also_in_hebrew, small_client, language),
    )
    for chart in charts_of(document):
        names, values = axes(made, chart, document)
        assert chart.plot
        if chart.plot.lying:
            assert (turned(names), turned(values)) == ("maxMin", lying)
            assert values.find(f"{C}crosses").get("val") == "max", "the axis is at the foot"
        elif chart.plot.time or chart.plot.kind == "scatter":
            assert (turned(names), turned(values)) == ("minMax", "minMax")
        else:
            assert (turned(names), turned(values)) == (upright, "minMax")
        if chart.plot.time:
            side = values.find(f"{C}crosses").get("val")
            assert side == ("max" if language == "he" else "autoZero")


@pytest.mark.parametrize(("language", "told"), [("en", "4 Oct 2026"), ("he", "4 באוק׳ 2026")])
def test_weeks_are_told_by_the_day_on_which_they_begin(language, told) -> None:
    series = (PlotSeries(column="needed", label="Needed"),)
    chart = Chart(
        title="Weeks",
        alt="Weeks",
        svg=SVG,
        columns=("week", "needed"),
        data=(("2026-10-04", 1), ("2026-10-11", 2)),
        plot=Plot(kind="grouped", category="week", time="week", series=series),
        edition=Edition(language=language),
    )
    document = build_document([chart], title="page")
    made = Archive(render_pptx(document, brand=BRAND))
    names, _ = axes(made, chart, document)
    root = made.xml("ppt/charts/" + made.like(r"ppt/charts/chart\d+\.xml")[0].split("/")[-1])
    labels = [seen(v.text or "") for v in root.find(f".//{C}cat").iter(f"{C}v")]  # type: ignore[union-attr]
    assert labels[0] == told
    assert "maxMin" not in [o.get("val") for o in names.iter(f"{C}orientation")]


def test_no_category_is_a_day_as_machines_write_it(name, small_client) -> None:
    made = deck(name, small_client, "en")
    for part in made.like(r"ppt/charts/chart\d+\.xml"):
        labels = [v.text or "" for cat in made.xml(part).iter(f"{C}cat") for v in cat.iter(f"{C}v")]
        assert not [label for label in labels if re.search(r"\d{4}-\d\d-\d\d", label)]


def test_a_line_is_as_high_as_was_counted(name, small_client) -> None:
    """Office gives an empty run the deck's own size, and rows grew over the foot of the slide."""
    tables = [
        s.table for one in slides(deck(name, small_client, "en")) for s in one.shapes if s.has_table
    ]
    assert tables
    for table in tables:
        lines = [
            p._p for row in table.rows for cell in row.cells for p in cell.text_frame.paragraphs
        ]
        sizes = {p.find(f"{A}r/{A}rPr").get("sz") for p in lines if p.find(f"{A}r") is not None}
        for empty in (p for p in lines if not "".join(t.text or "" for t in p.iter(f"{A}t"))):
            assert empty.find(f"{A}r") is None
            assert empty.find(f"{A}endParaRPr").get("sz") in sizes
        high = {p.find(f"{A}pPr/{A}lnSpc/{A}spcPts").get("val") for p in lines}
        assert high == {str(round(int(size) * 1.22)) for size in sizes}, "fonts differ in leading"


def test_signs_of_hebrew_numbers_are_held_by_marks(small_client) -> None:
    made = deck("funnel", small_client, "he")
    texts = [t for slide in slides(made) for t in texts_of(slide)]
    signed = [text for text in texts if re.search(r"(?<![\d–])[-+]\d", text)]
    assert signed
    for text in signed:
        for found in re.finditer(r"(?<![\d–א-ת])[-+]\d", text):
            assert text[found.start() - 1] == "\u200e", text


def texts_of(slide: Any) -> list[str]:
    found = [s.text_frame.text for s in slide.shapes if s.has_text_frame]
    tables = [s.table for s in slide.shapes if s.has_table]
    return [*found, *(cell.text for t in tables for row in t.rows for cell in row.cells)]


def test_text_of_a_client_stays_text(hostile_client) -> None:
    made = deck("reps", hostile_client, "en")
    shown = {text for slide in slides(made) for text in texts_of(slide)}
    for attack in ("=cmd|' /C calc'!A0", "+1", "-1", "<script>window.hit=1;alert(1)</script>"):
        assert {attack, f"{attack}*"} & shown
    for part in made.like(r"ppt/embeddings/.*\.xlsx"):
        sheet = Workbook(made.zip.read(part))
        assert "<f>" not in sheet.text("xl/worksheets/sheet1.xml")
        assert "hyperlink" not in sheet.text("xl/worksheets/sheet1.xml")
        for cell in sheet.cells(0).values():
            if cell.kind == "s" and cell.value[:1] in tuple("=+-@\t"):
                assert cell.quoted or len(cell.value) == 1
    assert not any("hlinkClick" in made.text(p) for p in made.like(r"ppt/slides/.*\.xml"))


def test_a_long_table_goes_over_slides() -> None:
    rows = tuple((Words(text=f"Row {i}"),) for i in range(95))
    table = Table(title="Long", columns=(Column(title="Who"),), rows=rows, note="The note.")
    made = Presentation(io.BytesIO(render_pptx(build_document([table], title="page"), brand=BRAND)))
    titles = [slide.shapes.title.text_frame.text for slide in made.slides][1:]
    assert titles == [f"Long ({n} of {len(titles)})" for n in range(1, len(titles) + 1)]
    assert len(titles) > 4
    held = [[t for t in texts_of(slide) if t.startswith("Row")] for slide in made.slides]
    assert [t for page in held for t in page] == [f"Row {i}" for i in range(95)]
    assert "The note." in texts_of(made.slides[len(titles)])


def test_the_clients_template_gives_layouts_and_colours(tmp_path, small_client) -> None:
    given = Presentation()
    given.slide_master.background.fill.solid()
    given.slides.add_slide(given.slide_layouts[1]).shapes.title.text = "An old slide"
    path = tmp_path / "brand.pptx"
    given.save(path)
    brand = Brand(template=path)
    made = render_pptx(shelf_document("reps", small_client, "en"), brand=brand)
    opened = Presentation(io.BytesIO(made))
    assert (opened.slide_width, opened.slide_height) == (given.slide_width, given.slide_height)
    titles = [slide.shapes.title.text_frame.text for slide in opened.slides]
    assert "An old slide" not in titles
    assert opened.slides[0].slide_layout.name == "Title Slide"
    assert {slide.slide_layout.name for slide in list(opened.slides)[1:]} == {"Title Only"}
    master = Archive(made).text("ppt/slideMasters/slideMaster1.xml")
    assert "Band" not in master, "the house's look stays away"
    names = Archive(made).like(r"ppt/slides/slide\d+\.xml")
    assert len(names) == len(titles), "nothing of the old slides is left inside"


def test_a_file_that_is_no_template_is_refused(tmp_path) -> None:
    path = tmp_path / "brand.pptx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ReportError, match=r"brand\.pptx cannot be read"):
        render_pptx(build_document([], title="page"), brand=Brand(template=path))


def test_a_drawn_logo_becomes_a_picture_on_the_title_slide(tmp_path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(SVG, encoding="utf-8")
    brand = Brand(colour="#0B5D3B", logo=path, font="Assistant & Co")
    edition = Edition(language="he")
    document = build_document([Table(edition=edition, title="T", columns=(), rows=())], title="דוח")
    made = Archive(render_pptx(document, brand=brand))
    logo = made.xml("ppt/slides/slide1.xml").find(f".//{P}pic")
    assert logo is not None
    assert len(made.like(r"ppt/media/image\d+\.png")) == 1
    theme = made.xml("ppt/theme/theme1.xml")
    faces = {face.get("typeface") for face in theme.iter(f"{A}latin")}
    assert faces == {"Assistant & Co"}
    assert theme.find(f".//{A}accent1/{A}srgbClr").get("val") == "0B5D3B"


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(small_client, tmp_path) -> None:
    document = shelf_document("funnel", small_client, "he")
    write_blocks(document, tmp_path / "blocks.json")
    made = rendered("pptx", tmp_path / "blocks.json", "1")
    assert made == render_pptx(document, brand=Brand())
    archive = Archive(made)
    assert {entry.date_time for entry in archive.zip.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(re.findall(r">(\d{4}-[^<]*Z)<", archive.text("docProps/core.xml"))) == {
        "2026-09-30T00:00:00Z"
    }
