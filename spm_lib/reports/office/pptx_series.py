"""The series of a native chart in PowerPoint: colours, marks, intervals, as its XML wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spm_lib.reports.office.plot_look import colour_of, colours_of
from spm_lib.reports.plot import Drawing, DrawnSeries

_MARKS = {"point": "circle", "ring": "circle", "tick": "dash", "span": "square"}
_SIZES = {"point": 8, "ring": 7, "tick": 16, "span": 9}
_OURS = ("spPr", "invertIfNegative", "marker", "dPt", "dLbls", "errBars", "smooth")
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def dress_series(
    element: Any, drawing: Drawing, series: DrawnSeries, *, arms: Sequence[str], label: str
) -> None:
    """Give one series its look.

    ``arms`` are the ranges of the embedded sheet that hold the lower and the upper arms of its
    intervals; ``label`` is the number format of the words at its bars, empty without any.
    """
    for name in _OURS:
        for old in element.findall(f"{{{_C}}}{name}"):
            element.remove(old)
    parts = [_shape(series), *_marks(drawing, series, label), _interval(series, arms)]
    place = element.index(element.find(f"{{{_C}}}tx")) + 1
    for xml in reversed([part for part in parts if part]):
        for made in reversed(list(_parsed(xml))):
            element.insert(place, made)
    if series.told.mark != "bar":
        element.extend(_parsed('<c:smooth val="0"/>'))


def over_bars(chart_space: Any, drawing: Drawing) -> None:
    """Move the series that are no bars into a line chart on the same axes."""
    bars = chart_space.find(f".//{{{_C}}}barChart")
    moved = [
        ser
        for ser, series in zip(bars.findall(f"{{{_C}}}ser"), drawing.series, strict=True)
        if series.told.mark != "bar"
    ]
    if not moved:
        return
    (line,) = _parsed(
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/><c:marker val="1"/>'
        "</c:lineChart>"
    )
    for place, ser in enumerate(moved, start=2):
        line.insert(place, ser)
    for axis in bars.findall(f"{{{_C}}}axId"):
        line.extend(_parsed(f'<c:axId val="{axis.get("val")}"/>'))
    bars.addnext(line)


def hide_in_legend(chart_space: Any, places: Sequence[int]) -> None:
    """Take series out of the legend whose name it has already."""
    position = chart_space.find(f".//{{{_C}}}legend/{{{_C}}}legendPos")
    for place in reversed(places):
        xml = f'<c:legendEntry><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
        position.addnext(next(iter(_parsed(xml))))


def _shape(series: DrawnSeries) -> str:
    colour = colour_of(series.told.meaning)[1:]
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    if series.told.mark == "bar":
        return f"<c:spPr>{fill}</c:spPr>"
    if series.told.mark == "line":
        return f'<c:spPr><a:ln w="22225">{fill}</a:ln></c:spPr>'
    return '<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>'


def _marks(drawing: Drawing, series: DrawnSeries, label: str) -> list[str]:
    mark, colour = series.told.mark, colour_of(series.told.meaning)[1:]
    if mark == "bar":
        shades = enumerate(colours_of(drawing, series))
        return ['<c:invertIfNegative val="0"/>', *(_shade(*one) for one in shades), _words(label)]
    if mark == "line":
        return ['<c:marker><c:symbol val="none"/></c:marker>']
    solid = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    fill = "<a:noFill/>" if mark == "ring" else solid
    return [
        f'<c:marker><c:symbol val="{_MARKS[mark]}"/><c:size val="{_SIZES[mark]}"/>'
        f"<c:spPr>{fill}<a:ln>{solid}</a:ln></c:spPr></c:marker>"
    ]


def _shade(place: int, colour: str) -> str:
    return (
        f'<c:dPt><c:idx val="{place}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/><c:spPr>'
        f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill></c:spPr></c:dPt>'
    )


def _words(form: str) -> str:
    if not form:
        return ""
    shown = {"LegendKey": 0, "Val": 1, "CatName": 0, "SerName": 0, "Percent": 0, "BubbleSize": 0}
    flags = "".join(f'<c:show{name} val="{on}"/>' for name, on in shown.items())
    place = '<c:dLblPos val="outEnd"/>'
    code = form.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'<c:dLbls><c:numFmt formatCode="{code}" sourceLinked="0"/>{place}{flags}</c:dLbls>'


def _interval(series: DrawnSeries, arms: Sequence[str]) -> str:
    if not arms:
        return ""
    colour, broad = colour_of(series.told.meaning)[1:], series.told.mark == "span"
    down, up = series.arms()
    return (
        '<c:errBars><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="1"/><c:plus>{_numbers(arms[1], up)}</c:plus>'
        f"<c:minus>{_numbers(arms[0], down)}</c:minus>"
        f'<c:spPr><a:ln w="{190500 if broad else 28575}" cap="flat"><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )


def _numbers(where: str, values: Sequence[float | None]) -> str:
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value!r}</c:v></c:pt>'
        for place, value in enumerate(values)
        if value is not None
    )
    return (
        f"<c:numRef><c:f>{where}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef>'
    )


def _parsed(xml: str) -> list[Any]:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    return list(parse_xml(f"<c:plotArea {nsdecls('c', 'a')}>{xml}</c:plotArea>"))
