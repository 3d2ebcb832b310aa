"""The house's look of a presentation: wide slides, one colour, one font."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from spm_lib.reports.office.text import legal

if TYPE_CHECKING:
    from spm_lib.workspace import Brand

_INCH = 914_400
_WIDTH, _HEIGHT = 12_192_000, 6_858_000  # 13.33 by 7.5 inches
_BAND = 110_000
FONT = "Heebo"


def dress(presentation: Any, brand: Brand, *, rtl: bool) -> None:
    """Turn the plain presentation that python-pptx starts from into the house's look."""
    widened = _WIDTH / int(presentation.slide_width)
    presentation.slide_width, presentation.slide_height = _WIDTH, _HEIGHT
    master = presentation.slide_master
    for owner in (master, *presentation.slide_layouts):
        for shape in owner.placeholders:
            if shape._element.spPr.find(".//{*}off") is not None:
                shape.left, shape.width = (
                    int(shape.left * widened),
                    int(shape.width * widened),
                )
    _theme(master, brand)
    _title_style(master, rtl=rtl)
    _band(master)
    for shape in master.placeholders:
        if shape.placeholder_format.idx == 0:
            _place(shape, 0.5, 0.35, 12.33, 0.95)
    for shape in presentation.slide_layouts[0].placeholders:
        if shape.placeholder_format.idx == 0:
            _place(shape, 0.9, 2.2, 11.5, 1.5)
        elif shape.placeholder_format.idx == 1:
            _place(shape, 0.9, 3.85, 11.5, 1.8)
            _quiet(shape, rtl=rtl)


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top = int(left * _INCH), int(top * _INCH)
    shape.width, shape.height = int(width * _INCH), int(height * _INCH)


def _theme(master: Any, brand: Brand) -> None:
    """Put the brand's colour and font into the theme, so that all that is added later has them."""
    part = next(r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    text = part.blob.decode("utf-8")
    accent = f'<a:accent1><a:srgbClr val="{brand.colour[1:].upper()}"/></a:accent1>'
    text = re.sub(r"<a:accent1>.*?</a:accent1>", accent, text, count=1, flags=re.DOTALL)
    face = quoteattr(legal(brand.font or FONT))
    for kind in ("latin", "cs"):
        text = re.sub(
            rf"(<a:(?:major|minor)Font>(?:(?!</a:m).)*?<a:{kind} typeface=)\"[^\"]*\"",
            lambda found: found.group(1) + face,
            text,
            flags=re.DOTALL,
        )
    part._blob = text.encode("utf-8")


def _title_style(master: Any, *, rtl: bool) -> None:
    style = master._element.find(".//{*}titleStyle/{*}lvl1pPr")
    style.set("algn", "r" if rtl else "l")
    style.set("rtl", "1" if rtl else "0")
    run = style.find("{*}defRPr")
    run.set("sz", "2600")
    run.set("b", "1")
    colour = run.find(".//{*}schemeClr")
    colour.set("val", "accent1")


def _quiet(shape: Any, *, rtl: bool) -> None:
    """Set the subtitle of the title slide at the side where reading begins."""
    for style in shape._element.iter("{*}lvl1pPr"):
        style.set("algn", "r" if rtl else "l")
        run = style.find("{*}defRPr")
        if run is not None:
            run.set("sz", "1800")


def _band(master: Any) -> None:
    """Draw a band of the brand's colour along the upper edge of every slide."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    xml = (
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="90" name="Band"/><p:cNvSpPr/>'
        '<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{_WIDTH}" cy="{_BAND}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        '</a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/>'
        "</a:ln></p:spPr></p:sp>"
    )
    tree = master.shapes._spTree
    tree.insert(2, parse_xml(xml))
