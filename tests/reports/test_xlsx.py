"""Excel: read back as XML and by another library; numbers, formats, direction, no commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from spm_lib.model import Figure, Receipt
from spm_lib.reports import build_document, read_block
from spm_lib.reports.blocks import Block, Chart, Column, Section, Table, Text
from spm_lib.reports.cells import Day, Edition, Number, Words
from spm_lib.reports.document import Document
from spm_lib.reports.office.outline import outline
from spm_lib.reports.office.xlsx import render_xlsx
from spm_lib.reports.office.xlsx_book import sheet_name
from spm_lib.reports.plot import Plot, PlotSeries
from spm_lib.workspace import Brand

from .conftest import HOSTILE
from .hostile import ATTACKS, write_hostile
from .office_reader import S, Workbook, chart_numbers
from .shelf_pages import BUT_FORECASTS, shelf_document

pytestmark = pytest.mark.slow

BRAND = Brand(colour="#0B5D3B", footer="Prepared & signed", confidentiality="Confidential")
ZERO = date(1899, 12, 30)


@cache
def book(name: str, workspace: Path, language: str) -> Workbook:
    return Workbook(render_xlsx(shelf_document(name, workspace, language), brand=BRAND))


@pytest.fixture(scope="session")
def hostile_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hostile(tmp_path_factory.mktemp("hostile_office"))


@pytest.fixture(params=BUT_FORECASTS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def tables_of(document: Document) -> list[Table]:
    return [leaf.block for leaf in outline(document) if isinstance(leaf.block, Table)]


def expected(cell: object) -> list[object]:
    """Return what a cell must hold: the very numbers, dates as days."""
    if isinstance(cell, Number):
        ends = [cell.figure.low, cell.figure.high] if cell.part == "interval" else [cell.shown]
        scale = 100 if (cell.kind or cell.figure.unit) == "points" else 1
        return [None if end is None else float(Decimal(end) * scale) for end in ends]
    if isinstance(cell, Day):
        return [float((cell.day - ZERO).days)]
    return [cell.text if isinstance(cell, Words) else None]


def wide(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows]
    return any(isinstance(cell, Number) and cell.part == "interval" for cell in cells)


def test_every_table_is_there_with_every_row_and_number(name, small_client) -> None:
    document, made = shelf_document(name, small_client, "en"), book(name, small_client, "en")
    sheets = iter(range(1, len(made.sheets)))
    assert tables_of(document)
    for table in tables_of(document):
        place = next(p for p in sheets if made.sheet(p).find(f"{S}autoFilter") is not None)
        cells = made.cells(place)
        for row_number, row in enumerate(table.rows, start=2):
            want: list[object] = []
            for column, cell in enumerate(row):
                values = expected(cell)
                want += values + ([None] if wide(table, column) and len(values) == 1 else [])
            got: list[object] = []
            for column in range(len(want)):
                cell = cells.get((row_number, column))
                got.append(cell and (cell.value if cell.kind == "s" else float(cell.value)))
            assert got == want, (table.title, row_number)
        assert max(row for row, column in cells if column) == len(table.rows) + 1


def test_the_sheet_of_figures_is_figures_json(name, small_client) -> None:
    from spm_lib.reports.figures import figure_records

    document, made = shelf_document(name, small_client, "en"), book(name, small_client, "en")
    records = figure_records(document.figures, currency="ILS")
    cells = made.cells(made.sheets.index("Figures"))
    heads = [cells[1, column].value for column in range(15)]
    assert heads[:2] == ["Metric", "By"]
    assert len({row for row, _ in cells}) == len(records) + 2
    for row, record in enumerate(records, start=2):
        got = {head: cells.get((row, column)) for column, head in enumerate(heads)}
        value = {k: c.value if c else None for k, c in got.items()}
        assert (value["Metric"], value["Unit"]) == (record["metric"], record["unit"])
        for head, key in (("Value", "value"), ("Low", "low"), ("High", "high"), ("n", "n")):
            known = record[key]
            want = None if known is None else float(str(known))
            assert (None if got[head] is None else float(value[head] or "")) == want
            assert got[head] is None or got[head].kind == "n"
        receipt = record["receipt"]
        assert int(value["Used"]) == receipt["used"]
        aside = sum(part["rows"] for part in receipt["set_aside"].values())
        assert int(value["Set aside"]) == aside
        assert value["Scoped"] == "0"
        assert got["Scoped"].kind == "b"
        assert ZERO + timedelta(days=int(value["As of"])) == date.fromisoformat(record["as_of"])


def test_another_library_reads_the_same_numbers(small_client, tmp_path) -> None:
    import fastexcel

    document = shelf_document("funnel", small_client, "en")
    path = tmp_path / "report.xlsx"
    path.write_bytes(render_xlsx(document, brand=BRAND))
    reader = fastexcel.read_excel(path)
    assert reader.sheet_names[0] == "Summary"
    frame = reader.load_sheet("Figures", header_row=1).to_polars()
    known = [None if f.value is None else float(f.value) for f in document.figures]
    assert frame["Value"].to_list() == known
    assert frame["As of"].dtype.is_temporal()
    assert frame["Metric"].to_list() == [f.metric for f in document.figures]


def test_numbers_wear_the_format_of_their_kind(small_client) -> None:
    formats = {
        cell.format
        for place in range(len(book("funnel", small_client, "en").sheets))
        for cell in book("funnel", small_client, "en").cells(place).values()
        if cell.kind == "n"
    }
    assert {"[$₪-40D]#,##0", "0.0%", "#,##0", "[$-409]mmm yyyy", "[$-409]d mmm yyyy"} <= formats
    hebrew = book("funnel", small_client, "he")
    assert any(c.format == "[$-40D]mmm yyyy" for p in range(6) for c in hebrew.cells(p).values())


@pytest.mark.parametrize(
    ("currency", "value", "form"),
    [
        ("ILS", "12.50", "[$₪-40D]#,##0.00"),
        ("ILS", "1250.50", "[$₪-40D]#,##0"),
        ("JPY", "12", "[$¥-411]#,##0"),
        ("KWD", "1.125", "[$KWD]\\ #,##0.000"),
    ],
)
def test_money_wears_the_sign_and_the_decimals_of_its_currency(currency, value, form) -> None:
    figure = Figure("won.amount", date(2026, 9, 30), f"money:{currency}", value, Receipt(1))
    cell = only(Number(figure=figure), kind="money")
    assert (float(cell.value), cell.format) == (float(value), form)


def only(cell, *, kind: str = "text", language: str = "en"):
    edition = Edition.model_validate({"language": language})
    columns = (Column(title="Who"), Column.model_validate({"title": "What", "kind": kind}))
    table = Table(edition=edition, title="T", columns=columns, rows=((Words(text="x"), cell),))
    made = Workbook(render_xlsx(build_document([table], title="page"), brand=BRAND))
    return made.cells(1)[2, 1]


def test_differences_are_counted_in_points() -> None:
    figure = Figure("x", date(2026, 9, 30), "points", "0.013", Receipt(1))
    cell = only(Number(figure=figure), kind="points")
    assert float(cell.value) == 1.3
    assert cell.format == '+0.0" points";-0.0" points";0.0" points"'


@pytest.mark.parametrize(("kind", "value"), [("change", "-0.003"), ("points", "-0.0004")])
def test_what_is_shown_as_zero_has_no_sign(kind, value) -> None:
    figure = Figure("x", date(2026, 9, 30), "ratio", value, Receipt(1))
    assert only(Number(figure=figure), kind=kind).format[:1] == "0"


def test_what_is_not_zero_is_not_shown_as_zero() -> None:
    figure = Figure("x", date(2026, 9, 30), "ratio", "0.000002", Receipt(1))
    cell = only(Number(figure=figure), kind="ratio")
    assert (float(cell.value), cell.format) == (0.000002, '"<0.1%"')


def test_numbers_with_words_fit_their_columns(name, small_client) -> None:
    """Where the words of a format were not counted, a cell showed nothing but signs of number."""
    made = book(name, small_client, "en")
    seen = 0
    for place in range(len(made.sheets)):
        wide = {
            column: float(col.get("width") or 0)
            for col in made.sheet(place).iter(f"{S}col")
            for column in range(int(col.get("min") or 0) - 1, int(col.get("max") or 0))
        }
        for (_, column), cell in made.cells(place).items():
            form = cell.format.split(";")[0]
            if cell.kind != "n" or '"' not in form:
                continue
            words = sum(len(text) for text in re.findall('"([^"]*)"', form))
            decimals = len((re.findall(r"0\.(0+)", form) or [""])[0])
            digits = len(f"{float(cell.value):,.{decimals}f}") + form.count("+")
            assert wide[column] >= digits + words, (made.sheets[place], cell)
            seen += 1
    if name == "funnel":
        assert seen


def test_titles_stay_in_sight_and_pages_are_set_up(name, small_client) -> None:
    made = book(name, small_client, "en")
    names = made.xml("xl/workbook.xml")
    repeated = [d for d in names.iter(f"{S}definedName") if d.get("name") == "_xlnm.Print_Titles"]
    filtered = [
        p for p in range(len(made.sheets)) if made.sheet(p).find(f"{S}autoFilter") is not None
    ]
    assert (
        len(repeated) == len(filtered) >= len(tables_of(shelf_document(name, small_client, "en")))
    )
    for place in range(len(made.sheets)):
        sheet = made.sheet(place)
        assert sheet.find(f"{S}pageSetup").get("orientation") == "landscape"
        assert sheet.find(f"{S}pageSetup").get("fitToHeight") == "0"
        assert "Confidential" in sheet.findtext(f".//{S}oddFooter")
        assert "Small <Ltd> && Sons" in sheet.findtext(f".//{S}oddFooter")
        view = sheet.find(f".//{S}sheetView")
        assert view.get("rightToLeft") is None
        if place in filtered:
            pane = view.find(f"{S}pane")
            assert (pane.get("state"), pane.get("ySplit"), pane.get("xSplit")) == (
                "frozen",
                "2",
                "1",
            )


def test_hebrew_sheets_run_from_right_to_left(name, small_client) -> None:
    made = book(name, small_client, "he")
    assert made.sheets[0] == "תקציר"
    for place in range(len(made.sheets)):
        assert made.sheet(place).find(f".//{S}sheetView").get("rightToLeft") == "1"
    told = [text for text in made.strings if re.search("[א-ת]", text)]
    assert told
    assert not [text for text in told if re.search("[\u2066-\u2069\u202a-\u202e]", text)] or all(
        any(hostile in text for hostile in HOSTILE)
        for text in told
        if re.search("[\u2066-\u2069\u202a-\u202e]", text)
    )


@pytest.mark.parametrize("name", ["funnel", "reps"])
def test_text_of_a_client_is_never_a_command(hostile_client, name) -> None:
    made = book(name, hostile_client, "en")
    for place in range(len(made.sheets)):
        sheet = made.text(f"xl/worksheets/sheet{place + 1}.xml")
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        for cell in made.cells(place).values():
            assert cell.kind in ("s", "n", "b")
            if cell.kind == "s" and cell.value[:1] in tuple("=+-@\t\r"):
                assert cell.quoted, cell.value
    assert not [n for n in made.names if "externalLink" in n or n.endswith(".bin")]


def test_hostile_names_are_there_letter_by_letter(hostile_client) -> None:
    shown = set(book("reps", hostile_client, "en").strings)
    for attack in ("=cmd|' /C calc'!A0", "+1", "-1", ATTACKS[0], ATTACKS[14]):
        assert {attack, f"{attack}*"} & shown


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "{=1+1}", " =1", "http://x.test", "0012"]
)
def test_text_stays_text(text) -> None:
    cell = only(Words(text=text))
    assert (cell.kind, cell.value) == ("s", text.replace("\r", "\n"))
    assert cell.quoted == (text.strip()[:1] in tuple("=+-@{"))


def test_overlong_and_illegal_text_is_cut_and_not_lost() -> None:
    cell = only(Words(text="a\x00b\x1b" + "x" * 40_000))
    assert cell.value.startswith("abxxx")
    assert len(cell.value) == 32_000
    assert cell.value.endswith("…")


def test_names_of_sheets_are_legal_and_unique() -> None:
    taken: set[str] = set()
    wild = ["a" * 40, "A" * 40, "[x]:*?/\\", "'q'", "", "History", "🙂" * 20, "\u202eabc", "קצר"]
    made = [sheet_name(text, taken) for text in wild]
    assert len({n.lower() for n in made}) == len(made)
    for shown in made:
        assert 1 <= len(shown.encode("utf-16-le")) / 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]", shown)
        assert shown.strip("'") == shown
        assert shown.lower() != "history"


def test_native_charts_hold_the_data_of_their_blocks(name, small_client) -> None:
    document, made = shelf_document(name, small_client, "en"), book(name, small_client, "en")
    charts = [leaf.block for leaf in outline(document) if isinstance(leaf.block, Chart)]
    drawn = [chart for chart in charts if chart.data]
    parts = made.like(r"xl/charts/chart\d+\.xml")
    assert len(parts) == len(drawn) > 0
    for chart, part in zip(drawn, parts, strict=True):
        assert chart.plot, "every chart of the shelf has a native shape"
        series = {told.label: told for told in chart.plot.series}
        for label, numbers in chart_numbers(made.xml(part)):
            want = column_of(chart, series[label]) if label in series else None
            if len([s for s in chart.plot.series if s.label == label]) == 1:
                assert numbers == want, (chart.title, label)


def column_of(chart: Chart, told: PlotSeries) -> list[float | None]:
    """Return a column of a chart's data by the tests' own reading of what a plot says."""
    place = {column: number for number, column in enumerate(chart.columns)}
    money = chart.plot is not None and chart.plot.unit.startswith("money:")
    out: list[float | None] = []
    for row in chart.data:
        value = row[place[told.column]]
        hidden = told.where and row[place[told.where]] is not told.holds
        out.append(None if value is None or hidden else float(value) / (100 if money else 1))
    return out


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(small_client, tmp_path) -> None:
    document = shelf_document("funnel", small_client, "he")
    write_blocks(document, tmp_path / "blocks.json")
    made = rendered("xlsx", tmp_path / "blocks.json", "1")
    assert made == render_xlsx(document, brand=Brand())
    archive = Workbook(made)
    assert {entry.date_time for entry in archive.zip.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = archive.text("docProps/core.xml")
    assert re.findall(r">(\d{4}-\d\d-\d\dT[^<]*)<", core) == ["2026-09-30T00:00:00Z"] * 2


def write_blocks(document: Document, path: Path) -> None:
    path.write_text(json.dumps([block.payload() for block in document.blocks]), encoding="utf-8")


def rendered(kind: str, blocks: Path, seed: str) -> bytes:
    """Return an office file that a process of its own has made."""
    code = (
        "import json, sys, pathlib\n"
        "from spm_lib.reports import build_document, read_block\n"
        f"from spm_lib.reports.office.{kind} import render_{kind} as render\n"
        "from spm_lib.workspace import Brand\n"
        f"blocks = json.loads(pathlib.Path({str(blocks)!r}).read_text(encoding='utf-8'))\n"
        "made = build_document([read_block(b) for b in blocks], title='page')\n"
        "sys.stdout.buffer.write(render(made, brand=Brand()))\n"
    )
    import os

    env = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
    return done.stdout


def test_what_an_analyst_adds_comes_along() -> None:
    chart = Chart(title="Own", alt="Own", svg=SVG, columns=("a", "b"), data=(("x", 1), ("y", 2)))
    blocks: list[Block] = [Section(title="Mine", blocks=(chart, Text(sentences=())))]
    made = Workbook(render_xlsx(build_document(blocks, title="page"), brand=BRAND))
    cells = made.cells(made.sheets.index("Charts"))
    assert {cell.value for cell in cells.values()} >= {"a", "b", "x", "y", "1", "2"}
    assert made.like(r"xl/media/image\d+\.png")


@pytest.mark.parametrize("kind", ["xlsx", "pptx"])
def test_a_picture_from_elsewhere_is_left_out_of_a_drawing(kind, tmp_path) -> None:
    """The engine reads nothing, and refuses a drawing that asks it to; a page leaves it out."""
    svg = SVG.replace("<rect", '<image href="http://127.0.0.1:9/logo.png" width="9"/><rect', 1)
    chart = Chart(title="Own", alt="Own", svg=svg, columns=("a",), data=((1,),))
    write_blocks(build_document([chart], title="page"), tmp_path / "blocks.json")
    made = Workbook(rendered(kind, tmp_path / "blocks.json", "0"))
    assert made.like(r".*/media/image\d+\.png")


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<rect width="9" height="9"/></svg>'
)


def test_a_plot_draws_only_what_is_in_the_data() -> None:
    plot = Plot(kind="bars", category="a", series=(PlotSeries(column="c", label="C"),))
    payload = Chart(title="t", alt="t", svg=SVG, columns=("a", "c")).payload()
    payload["plot"] = plot.model_dump(mode="json")
    assert read_block(payload).plot == plot  # type: ignore[union-attr]
    with pytest.raises(ValueError, match=r"not in the data: \['c'\]"):
        read_block({**payload, "columns": ["a"]})
