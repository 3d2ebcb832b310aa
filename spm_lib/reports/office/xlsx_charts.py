"""Charts of a workbook: the data of each as a table, and beside it a chart of Excel's own."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from spm_lib.reports.blocks import Chart, Picture
from spm_lib.reports.drawing import clean_svg
from spm_lib.reports.office.number_formats import date_format, plain_format, unit_format
from spm_lib.reports.office.plot_look import (
    colour_of,
    colours_of,
    labels_of,
    needs_legend,
    twice_named,
    value_axis,
    value_ends,
)
from spm_lib.reports.office.text import chart_text, marked
from spm_lib.reports.office.xlsx_book import LINE, MUTED, Book, Entry, Grid, fit, line, put_grid
from spm_lib.reports.office.xlsx_tables import ends_of
from spm_lib.reports.plot import Drawing, DrawnSeries, PlotSeries

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_ROW, _WIDTH, _HEIGHT = 20, 760, 360  # pixels: a row, a chart
_ON_A_PAGE = 2
_MARKS = {"point": "circle", "ring": "circle", "tick": "long_dash", "span": "square"}
_SIZES = {"point": 7, "ring": 6, "tick": 14, "span": 7}


def put_charts(book: Book, blocks: Sequence[Chart | Picture]) -> None:
    """Add the sheet of charts; none where there are no charts."""
    if not blocks:
        return
    sheet = book.sheet(book.write.language.text("Charts"))
    row, grids, breaks = 0, [], []
    tables = [_grid(block, book) for block in blocks]
    aside = max((len(table[0].heads) for table in tables if table), default=0) + 1
    for place, (block, table) in enumerate(zip(blocks, tables, strict=True)):
        if place and place % _ON_A_PAGE == 0:
            breaks.append(row)
        title = block.title if isinstance(block, Chart) else block.alt
        line(book, sheet, row, title, bold=True, font_size=12, font_color=book.brand.colour)
        if isinstance(block, Chart) and block.note:
            line(book, sheet, row + 1, block.note, font_color=MUTED)
        end = row + 2
        if table:
            grids.append(table[0])
            end = put_grid(book, sheet, row + 2, table[0], fixed=False, blanks=False)
        _beside(book, sheet, row + 2, aside, block, table)
        row = max(end, row + 3 + _HEIGHT // _ROW) + 2
    sheet.set_h_pagebreaks(breaks)
    fit(book, sheet, *grids)


Places = dict[tuple[str, ...], int]


def _grid(block: Chart | Picture, book: Book) -> tuple[Grid, Places] | None:
    """Return a chart's data as a table, and the column in which each drawn column stands."""
    if isinstance(block, Picture) or not block.data:
        return None
    drawing = block.drawing
    if drawing is None:
        rows = tuple(tuple(Entry(v, own=True) for v in row) for row in block.data)
        return Grid(block.columns, rows), {}
    heads, columns, places = _named_columns(drawing, book)
    for series in sorted(drawing.series, key=lambda s: s.told.mark == "span"):
        for key, label, values in _columns(series, book):
            if key not in places:
                places[key] = len(heads)
                heads.append(label)
                form = unit_format(drawing.plot.unit, values, book.write)
                columns.append([Entry(value, form) for value in values])
    return Grid(tuple(heads), tuple(zip(*columns, strict=True))), places


def _named_columns(drawing: Drawing, book: Book) -> tuple[list[str], list[list[Entry]], Places]:
    form = date_format(book.write, drawing.plot.time) if drawing.plot.time else plain_format(0)
    first = [
        Entry(c, own=True) if isinstance(c, str) else Entry(c, form) for c in drawing.categories
    ]
    if not drawing.names:
        return [drawing.plot.across], [first], {}
    named = [Entry(name, own=True) for name in drawing.names]
    return ["", drawing.plot.across], [named, first], {}


Named = tuple[tuple[str, ...], str, Sequence[float | None]]


def _columns(series: DrawnSeries, book: Book) -> Iterator[Named]:
    """Yield the columns of a series: its key, its title, its numbers.

    Beside the ends of an interval stand its arms, which Excel draws it from.
    """
    told, text = series.told, book.write.language.text
    low, high = ends_of(told.label, book.write)
    yield _key(told, told.column), told.label, series.values
    if not series.points:
        return
    yield _key(told, told.low), low, series.low
    yield _key(told, told.high), high, series.high
    down, up = series.arms()
    yield _key(told, told.low, "arm"), text("{title}, lower arm", title=told.label), down
    yield _key(told, told.high, "arm"), text("{title}, upper arm", title=told.label), up


def _key(told: PlotSeries, *names: str) -> tuple[str, ...]:
    return (*names, told.where, str(told.holds))


def _beside(
    book: Book,
    sheet: Worksheet,
    row: int,
    column: int,
    block: Chart | Picture,
    table: tuple[Grid, Places] | None,
) -> None:
    if isinstance(block, Chart) and block.drawing is not None and table is not None:
        made = _native(book, sheet, row, block.drawing, table[1])
        made.set_size({"width": _WIDTH, "height": _HEIGHT})
        sheet.insert_chart(row, column, made, {"description": marked(block.alt)})
        return
    if isinstance(block, Picture):
        png = base64.b64decode(block.png)
    else:
        from spm_lib.charts import svg_png

        png = svg_png(clean_svg(block.svg))
    told = block.alt or ""
    options = {"image_data": io.BytesIO(png), "description": marked(told), "x_scale": 0.5}
    sheet.insert_image(row, column, "picture.png", {**options, "y_scale": 0.5})


def _native(book: Book, sheet: Worksheet, row: int, drawing: Drawing, places: Places) -> Any:
    """Return Excel's own chart over the table that begins in a row."""
    kinds = {
        "bars": {"type": "bar"},
        "stacked": {"type": "bar", "subtype": "stacked"},
        "grouped": {"type": "column"},
        "points": {"type": "line"},
        "scatter": {"type": "scatter"},
    }
    add: Any = book.workbook.add_chart
    main = add(kinds[drawing.plot.kind])
    over = add({"type": "line"}) if drawing.plot.kind == "grouped" else None
    for series in drawing.series:
        upon = over if over is not None and series.told.mark != "bar" else main
        upon.add_series(_series(book, sheet, row, drawing, series, places))
    if over is not None and over.series:
        main.combine(over)
    _axes(book, main, drawing)
    main.set_title({"none": True})
    legend: dict[str, Any] = {"position": "bottom", "font": {"size": 9, "color": MUTED}}
    legend["delete_series"] = twice_named(drawing)
    main.set_legend(legend if needs_legend(drawing) else {"none": True})
    main.set_chartarea({"border": {"none": True}})
    return main


def _series(
    book: Book, sheet: Worksheet, row: int, drawing: Drawing, series: DrawnSeries, places: Places
) -> dict[str, Any]:
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    told, last = series.told, row + len(drawing.categories)
    across = 1 if drawing.names else 0

    def cells(column: int) -> list[Any]:
        return [sheet.name, row + 1, column, last, column]

    made: dict[str, Any] = {
        "name": chart_text(told.label),
        "categories": cells(across),
        "values": cells(places[_key(told, told.column)]),
    }
    colour = colour_of(told.meaning)
    if told.mark == "bar":
        made |= {"fill": {"color": colour}, "gap": 60}
        made["overlap"] = 100 if drawing.plot.lying else 0
        label = labels_of(drawing, book.write)
        if label:
            words = {"size": 9, "color": MUTED}
            made["data_labels"] = {"value": True, "num_format": label, "font": words}
            made["data_labels"]["position"] = "outside_end"
        shades = colours_of(drawing, series)
        return made | ({"points": [{"fill": {"color": c}} for c in shades]} if shades else {})
    if told.mark == "line":
        return made | {"line": {"color": colour, "width": 1.5}, "marker": {"type": "none"}}
    made |= {"line": {"none": True}, "marker": _marker(told.mark, colour)}
    if not series.points:
        return made
    arms = [places[_key(told, end, "arm")] for end in (told.low, told.high)]
    down, up = (
        f"={quote_sheetname(str(sheet.get_name()))}!{xl_range_abs(row + 1, arm, last, arm)}"
        for arm in arms
    )
    return made | {"y_error_bars": _interval(told.mark, colour, down, up)}


def _marker(mark: str, colour: str) -> dict[str, Any]:
    fill = {"none": True} if mark == "ring" else {"color": colour}
    return {
        "type": _MARKS[mark],
        "size": _SIZES[mark],
        "fill": fill,
        "border": {"color": colour},
    }


def _interval(mark: str, colour: str, down: str, up: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "plus_values": up,
        "minus_values": down,
        "end_style": 0,
        "line": {"color": colour, "width": 12 if mark == "span" else 2},
    }


def _axes(book: Book, chart: Any, drawing: Drawing) -> None:
    """Set the axes: names run with the language, months and numbers never do."""
    plot, rtl = drawing.plot, book.right_to_left
    title, form = value_axis(drawing, book.write)
    words = {"size": 9, "color": MUTED}
    names: dict[str, Any] = {"num_font": words, "line": {"color": LINE}, "label_position": "low"}
    values: dict[str, Any] = {
        "num_font": words,
        "num_format": form,
        "name": chart_text(title),
        "name_font": {**words, "bold": False},
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
    }
    if plot.lying:
        names |= {"reverse": True, "crossing": "max"}
        values |= {"reverse": rtl, "label_position": "next_to"}
    elif plot.kind != "scatter":
        names |= {"reverse": True} if rtl and not plot.time else {}
        names |= {"crossing": "max"} if rtl and plot.time else {}
        if plot.time:
            names |= {"num_format": date_format(book.write, plot.time), "text_axis": True}
    else:
        names |= {"name": chart_text(plot.across), "name_font": {**words, "bold": False}, "min": 0}
        names |= {"major_gridlines": {"visible": False}, "num_format": plain_format(0)}
    least, most = value_ends(drawing)
    values |= {} if least is None else {"min": least}
    values |= {} if most is None else {"max": most}
    across, upright = (values, names) if plot.lying else (names, values)
    chart.set_x_axis(across)
    chart.set_y_axis(upright)
