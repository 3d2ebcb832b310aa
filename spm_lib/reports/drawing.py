"""Drawing: SVG that comes out of a notebook, cut down to what draws and cannot act."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import lru_cache
from xml.etree import ElementTree

from spm_lib.core.bidi import tame
from spm_lib.core.errors import ReportError

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
_SPOKEN = ("role", "aria-")  # one sentence speaks for the whole drawing: see the templates
_GEOMETRY = re.compile("d|points|transform|[xy][12]?|[cdr][xy]|r|width|height|stroke-width")
_LONG = re.compile(r"-?\d+\.\d{4,}(?:e-?\d+)?|-?\d+(?:\.\d+)?e-\d+")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML
_DECIMALS = 3  # of a pixel


class Drawings:
    """Cleans the drawings of one page, and keeps their ids apart.

    An id depends on what is drawn and how often it has stood on the page before: on nothing else,
    so that the same page is the same bytes in every process.

    Examples
    --------
    >>> page = Drawings()
    >>> drawing = '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/></svg>'
    >>> page.clean(drawing) == page.clean(drawing), page.clean(drawing) == clean_svg(drawing)
    (False, False)
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def clean(self, text: str) -> str:
        """Return a clean drawing whose ids no other drawing of the page has."""
        mark = _mark(text)
        self._seen[mark] += 1
        again = self._seen[mark]
        return clean_svg(text, mark=mark if again == 1 else f"{mark}-{again}")


@lru_cache(maxsize=64)  # a cell shows a drawing, and then the whole page
def clean_svg(text: str, *, mark: str | None = None) -> str:
    """Return a drawing without scripts, handlers, foreign content or outside references.

    Ids begin with ``mark``, by default a fingerprint of the drawing. Places are rounded to a
    thousandth of a pixel. What assistive software would read out element by element is left out:
    a sentence beside the drawing speaks for it.

    Raises
    ------
    ReportError
        If the text is no drawing.

    Examples
    --------
    >>> inside = '<script>x()</script><g onload="x()"/>'
    >>> clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>')
    '<svg xmlns="http://www.w3.org/2000/svg"><g /></svg>'
    """
    mark = mark or _mark(text)
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        text = re.sub(r"<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", text, flags=re.DOTALL)
        if "<!ENTITY" in text or "<!DOCTYPE" in text:
            raise ReportError("A drawing declares entities.", do="Give SVG without a DOCTYPE")
    root = _parsed(text)
    _clean(root)
    _own_ids(root, f"{mark}-")
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _parsed(text: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(_ILLEGAL.sub("", text))
    except ElementTree.ParseError as error:
        raise ReportError(
            "A drawing cannot be read.", found=str(error), do="Give a chart, or well-formed SVG"
        ) from None
    if root.tag != f"{{{SVG}}}svg":
        raise ReportError("A drawing is no SVG.", found=_local(root.tag), do="Give an svg element")
    return root


def _mark(text: str) -> str:
    return f"d{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _clean(element: ElementTree.Element) -> None:
    element.text = tame(element.text or "")
    for child in list(element):
        if not isinstance(child.tag, str) or _local(child.tag) not in _ELEMENTS:
            element.remove(child)
        else:
            _clean(child)
            child.tail = tame(child.tail or "")
    for name, value in list(element.attrib.items()):
        if not _harmless(_local(name).lower(), value):
            del element.attrib[name]
        elif _GEOMETRY.fullmatch(name):
            element.attrib[name] = _LONG.sub(_rounded, value)


def _rounded(found: re.Match[str]) -> str:
    number = round(float(found[0]), _DECIMALS)
    return str(int(number) if number == int(number) else number)


def _harmless(name: str, value: str) -> bool:
    if name.startswith(("on", *_SPOKEN)):
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
    if "url(" not in value:
        return value
    return re.sub(r"url\((['\"]?)#", rf"url(\1#{prefix}", value)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
