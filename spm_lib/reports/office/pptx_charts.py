"""Charts on slides: PowerPoint's own, with their numbers in an embedded sheet to be edited."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from spm_lib.reports.office.number_formats import plain_format, unit_format
from spm_lib.reports.office.plot_look import (
    labels_of,
    needs_legend,
    twice_named,
    value_axis,
    value_ends,
)
from spm_lib.reports.office.pptx_deck import MUTED, Area, Deck
from spm_lib.reports.office.pptx_series import dress_series, hide_in_legend, over_bars
from spm_lib.reports.office.text import legal, like_a_command, marked
from spm_lib.reports.office.xlsx_book import SAFE
from spm_lib.reports.plot import Drawing, DrawnSeries, Plot

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_GRID = "E4E7EB"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_SMALL = 11


def put_chart(deck: Deck, slide: Any, area: Area, drawing: Drawing, alt: str) -> None:
    """Draw a native chart into an area of a slide."""
    from pptx.enum.chart import XL_CHART_TYPE as KIND

    kinds = {
        "bars": KIND.BAR_CLUSTERED,
        "stacked": KIND.BAR_STACKED,
        "grouped": KIND.COLUMN_CLUSTERED,
        "points": KIND.LINE_MARKERS,
        "scatter": KIND.XY_SCATTER_LINES_NO_MARKERS,
    }
    data = _data(deck, drawing)
    shape = slide.shapes.add_chart(
        kinds[drawing.plot.kind], area.left, area.top, area.width, area.height, data
    )
    shape._element.nvGraphicFramePr.cNvPr.set("descr", marked(alt))
    chart = shape.chart
    space = chart._chartSpace
    sers = list(space.iter(f"{{{_C}}}ser"))
    label = labels_of(drawing, deck.write)
    arms = arm_ranges(drawing)
    for ser, series, where in zip(sers, drawing.series, arms, strict=True):
        dress_series(ser, drawing, series, arms=where, label=label)
    if drawing.plot.kind == "grouped":
        over_bars(space, drawing)
    _frame(chart, drawing)
    _axes(deck, chart, drawing)


def _data(deck: Deck, drawing: Drawing) -> Any:
    """Return the chart's data, which also writes the embedded sheet."""
    form = unit_format(drawing.plot.unit, [v for s in drawing.series for v in s.values], deck.write)
    made = _chart_data(drawing, deck.day, form)
    if drawing.plot.kind == "scatter":
        for series in drawing.series:
            points = made.add_series(marked(series.told.label))
            for x, y in zip(drawing.categories, series.values, strict=True):
                if y is not None:
                    points.add_data_point(x, y)
        return made
    made.categories = [_category(c, drawing.plot, deck) for c in drawing.categories]
    for series in drawing.series:
        made.add_series(marked(series.told.label), series.values)
    return made


def _category(category: str | date | float, plot: Plot, deck: Deck) -> str:
    if isinstance(category, date):
        told = deck.write.language
        return marked(told.month(category) if plot.time == "month" else told.date(category))
    return legal(str(category))


def arm_ranges(drawing: Drawing) -> list[tuple[str, ...]]:
    """Return, per series, where the arms of its intervals stand in the embedded sheet.

    Examples
    --------
    >>> from spm_lib.reports.plot import Plot, PlotSeries, drawing_of
    >>> rate = PlotSeries(column="v", label="Rate", mark="point", low="l", high="h")
    >>> plot = Plot(kind="points", category="c", series=(rate,))
    >>> arm_ranges(drawing_of(plot, ("c", "v", "l", "h"), [("a", 2, 1, 4), ("b", 3, 2, 4)]))
    [('Sheet1!$C$2:$C$3', 'Sheet1!$D$2:$D$3')]
    """
    from xlsxwriter.utility import xl_range_abs

    found: list[tuple[str, ...]] = []
    column = len(drawing.series) + 1
    for series in drawing.series:
        if not series.points:
            found.append(())
            continue
        last = len(drawing.categories)
        ends = [xl_range_abs(1, column + side, last, column + side) for side in (0, 1)]
        found.append(tuple(f"Sheet1!{end}" for end in ends))
        column += 2
    return found


def _chart_data(drawing: Drawing, day: date, form: str) -> Any:
    """Return chart data whose sheet holds text as text, and no time of its making."""
    from pptx.chart.data import CategoryChartData, XyChartData
    from pptx.chart.xlsx import CategoryWorkbookWriter, XyWorkbookWriter
    from pptx.util import lazyproperty

    class Sheet(CategoryWorkbookWriter):
        """One column of names, one per series, two per series of intervals."""

        @contextmanager
        def _open_worksheet(self, xlsx_file: io.BytesIO) -> Iterator[tuple[Workbook, Worksheet]]:
            yield from _still_sheet(xlsx_file, day)

        def _populate_worksheet(self, workbook: Workbook, worksheet: Worksheet) -> None:
            _put_names(workbook, worksheet, [c.label for c in self._chart_data.categories])
            _put_numbers(workbook, worksheet, self._chart_data, drawing.series, form)

    class Points(XyWorkbookWriter):
        """Pairs of numbers, one series under the other."""

        @contextmanager
        def _open_worksheet(self, xlsx_file: io.BytesIO) -> Iterator[tuple[Workbook, Worksheet]]:
            yield from _still_sheet(xlsx_file, day)

    class Named(CategoryChartData):
        """Chart data with the sheet above."""

        @lazyproperty
        def _workbook_writer(self) -> CategoryWorkbookWriter:
            return Sheet(self)

    class Paired(XyChartData):
        """Chart data with the sheet above."""

        @lazyproperty
        def _workbook_writer(self) -> XyWorkbookWriter:
            return Points(self)

    return Paired(form) if drawing.plot.kind == "scatter" else Named(form)


def _still_sheet(file: io.BytesIO, day: date) -> Iterator[tuple[Workbook, Worksheet]]:
    from xlsxwriter import Workbook

    workbook = Workbook(file, SAFE)
    workbook.set_properties({"created": datetime(day.year, day.month, day.day)})  # noqa: DTZ001
    yield workbook, workbook.add_worksheet()
    workbook.close()


def _put_names(workbook: Workbook, sheet: Worksheet, names: Sequence[str]) -> None:
    quoted = workbook.add_format({"quote_prefix": True})
    sheet.set_column(0, 0, 24)
    for row, name in enumerate(names, start=1):
        sheet.write_string(row, 0, name, quoted if like_a_command(name) else None)


def _put_numbers(
    workbook: Workbook, sheet: Worksheet, data: Any, drawn: Sequence[DrawnSeries], form: str
) -> None:
    number = workbook.add_format({"num_format": form})
    columns: list[tuple[str, Sequence[float | None]]] = [(s.name, s.values) for s in data]
    for series in drawn:
        if series.points:
            columns += zip(("−", "+"), series.arms(), strict=True)
    for column, (head, values) in enumerate(columns, start=1):
        sheet.write_string(0, column, head)
        for row, value in enumerate(values, start=1):
            if value is not None:
                sheet.write_number(row, column, value, number)


def _frame(chart: Any, drawing: Drawing) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.util import Pt

    chart.font.size = Pt(_SMALL)
    chart.font.color.rgb = RGBColor.from_string(MUTED)
    chart.has_title = False
    chart.has_legend = needs_legend(drawing)
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
        hide_in_legend(chart._chartSpace, twice_named(drawing))
    if drawing.plot.kind in ("bars", "stacked", "grouped"):
        bars = chart.plots[0]
        bars.gap_width = 60
        bars.overlap = 100 if drawing.plot.lying else 0
        bars.vary_by_categories = False


def _axes(deck: Deck, chart: Any, drawing: Drawing) -> None:
    """Set the axes: names run with the language, months and numbers never do."""
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    plot, names, values = drawing.plot, chart.category_axis, chart.value_axis
    title, form = value_axis(drawing, deck.write)
    for axis in (names, values):
        axis.major_tick_mark = XL_TICK_MARK.NONE
    names.has_major_gridlines = False
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.format.line.color.rgb = RGBColor.from_string(_GRID)
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string(_GRID)
    values.format.line.fill.background()
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = form, False
    values.minimum_scale, values.maximum_scale = value_ends(drawing)
    _axis_title(deck, values, title)
    if deck.right_to_left and plot.kind != "scatter":
        beside = names if plot.lying else values
        beside._element.find(f"{{{_C}}}axPos").set("val", "r")
    if plot.lying:
        names.reverse_order, values.reverse_order = True, deck.right_to_left
        _at_the_end(values)
    elif plot.kind == "scatter":
        names.minimum_scale = 0
        names.tick_labels.number_format = plain_format(0)
        names.tick_labels.number_format_is_linked = False
        _axis_title(deck, names, plot.across)
    elif deck.right_to_left and plot.time:
        _at_the_end(values)
    else:
        names.reverse_order = deck.right_to_left


def _at_the_end(axis: Any) -> None:
    """Let the value axis stand at the last category."""
    axis._element.find(f"{{{_C}}}crosses").set("val", "max")


def _axis_title(deck: Deck, axis: Any, title: str) -> None:
    axis.has_title = bool(title)
    if title:
        paragraph = axis.axis_title.text_frame.paragraphs[0]
        deck.paragraph(paragraph, title, size=_SMALL, bold=False, colour=MUTED, side="ctr")
