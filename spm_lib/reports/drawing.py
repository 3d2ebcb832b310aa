"""Drawing: SVG that comes out of a notebook, cut down to what draws and cannot act."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_ELEMENTS = frozenset(
    (
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "title",
        "desc",
        "defs",
        "clipPath",
        "linearGradient",
        "radialGradient",
        "stop",
        "mask",
        "pattern",
        "use",
        "symbol",
        "marker",
    )
)
_LOCAL = re.compile(r"url\(\s*['\"]?#")
_NUMBERS = itertools.count(1)


def clean_svg(text: str) -> str:
    """Return a drawing without scripts, handlers, foreign content or outside references.

    Ids are made unique, since many drawings stand in one page.

    Examples
    --------
    >>> inside = '<script>x()</script><g onload="x()"/>'
    >>> clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>')
    '<svg xmlns="http://www.w3.org/2000/svg"><g /></svg>'
    """
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        text = re.sub(r"<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", text, flags=re.DOTALL)
    root = ElementTree.fromstring(text)
    _clean(root)
    _own_ids(root, f"d{next(_NUMBERS)}-")
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or _local(child.tag) not in _ELEMENTS:
            element.remove(child)
        else:
            _clean(child)
    for name, value in list(element.attrib.items()):
        if not _harmless(_local(name).lower(), value):
            del element.attrib[name]


def _harmless(name: str, value: str) -> bool:
    if name.startswith("on"):
        return False
    if name == "href":
        return value.startswith("#")
    lowered = value.lower()
    if "url(" in lowered:
        return len(_LOCAL.findall(lowered)) == lowered.count("url(")
    return "javascript:" not in lowered


def _own_ids(root: ElementTree.Element, prefix: str) -> None:
    known = {e.attrib["id"] for e in root.iter() if "id" in e.attrib}
    for element in root.iter():
        for name, value in element.attrib.items():
            element.attrib[name] = _renamed(_local(name), value, known=known, prefix=prefix)


def _renamed(name: str, value: str, *, known: set[str], prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "href" and value[1:] in known:
        return f"#{prefix}{value[1:]}"
    if name in ("aria-labelledby", "aria-describedby"):
        return prefix + value
    return re.sub(r"url\((['\"]?)#", rf"url(\1#{prefix}", value)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
