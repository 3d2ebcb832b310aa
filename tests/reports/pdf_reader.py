"""Reads a finished PDF with two libraries that had no part in making it."""

from __future__ import annotations

import atexit
import ctypes
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakSet

import pypdf
import pypdfium2
from pypdfium2 import raw

from .page_reader import BIDI

MM = 72 / 25.4
SIDE, TOP, FOOT = 18 * MM, 23 * MM, 22 * MM
# A glyph that was mirrored in one place is named after its twin in all: shapes tell, not names.
BRACKETS = str.maketrans("()[]{}<>«»", "||||||||||")
INVISIBLE = re.compile(f"{BIDI.pattern}|[\u200b\ufeff\ufffe]")

OPEN: WeakSet[pypdfium2.PdfDocument] = WeakSet()


@atexit.register
def close_all() -> None:
    """Close what is kept to the end, before the library goes and complains of it."""
    for document in list(OPEN):
        document.close()


@dataclass(frozen=True)
class Glyph:
    """One letter where it stands, and the middle of its line; the origin is down at the left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    line: float


@dataclass(frozen=True)
class Heading:
    title: str
    level: int
    page: int
    height: float


class Pdf:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.document = pypdfium2.PdfDocument(content)
        OPEN.add(self.document)
        self.reader = pypdf.PdfReader(io.BytesIO(content))

    @cached_property
    def glyphs(self) -> list[list[Glyph]]:
        """The letters of every page in the order of the file; no spaces, nothing invisible."""
        return [_glyphs(page.get_textpage()) for page in self.document]

    @cached_property
    def pages(self) -> list[str]:
        """The text of every page."""
        texts = [page.get_textpage().get_text_bounded() for page in self.document]
        return [INVISIBLE.sub("", t.replace("\r", "")) for t in texts]

    @cached_property
    def letters(self) -> str:
        """All text without white space: in the order of the file, then as the eye sees it."""
        seen = ("".join(self.lines(page)) for page in range(len(self.pages)))
        return re.sub(r"\s", "", "".join(self.pages)) + "\n" + "".join(seen)

    @cached_property
    def headings(self) -> list[Heading]:
        found = []
        for item in self.document.get_toc():
            dest = item.get_dest()
            _mode, place = dest.get_view()
            found.append(Heading(item.get_title(), item.level, dest.get_index(), place[1]))
        return found

    def body(self, page: int) -> list[Glyph]:
        """Return the letters between running head and foot."""
        height = self.document[page].get_height()
        return [g for g in self.glyphs[page] if g.bottom > FOOT - 2 and g.top < height - TOP + 2]

    def rows(self, page: int) -> list[list[Glyph]]:
        """Return the lines of a page, top down, each as its glyphs from left to right."""
        rows: dict[float, list[Glyph]] = {}
        for glyph in self.glyphs[page]:
            near = [at for at in rows if abs(at - glyph.line) < 4]
            rows.setdefault(near[0] if near else glyph.line, []).append(glyph)
        return [sorted(row, key=lambda g: g.left) for _, row in sorted(rows.items(), reverse=True)]

    def lines(self, page: int) -> list[str]:
        """Return the lines of a page as the eye sees them."""
        return ["".join(g.text for g in row) for row in self.rows(page)]

    def bulge(self, page: int, glyph: Glyph) -> str:
        """Return to which side the middle of a bracket lies: "left" as in ( or "right" as in )."""
        width, height = self.document[page].get_size()
        crop = (glyph.left, glyph.bottom, width - glyph.right, height - glyph.top)
        picture = self.document[page].render(scale=20, crop=crop, grayscale=True).to_numpy()
        ink = 255.0 - picture.reshape(picture.shape[:2])
        third = len(ink) // 3
        places = [
            (part * range(ink.shape[1])).sum() / part.sum()
            for part in (ink[third : 2 * third], ink[:third])
        ]
        return "left" if places[0] < places[1] else "right"

    def colours(self, page: int) -> set[tuple[int, ...]]:
        """Return the colours of the texts of a page, as red, green and blue."""
        found = set()
        for item in self.document[page].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            parts = [ctypes.c_uint() for _ in range(4)]
            raw.FPDFPageObj_GetFillColor(item.raw, *parts)
            found.add(tuple(part.value for part in parts[:3]))
        return found

    def tags(self) -> list[tuple[str, str]]:
        """Return kind and alternative text of every structure element, in reading order."""
        return list(_walk(self.reader.trailer["/Root"]["/StructTreeRoot"]))


def digits(text: str) -> Counter[str]:
    """Return the numbers in a text as they are written."""
    return Counter(re.findall(r"\d[\d.,]*\d|\d", INVISIBLE.sub("", text)))


def _glyphs(page: Any) -> list[Glyph]:
    found = []
    for i in range(page.count_chars()):
        text = page.get_text_range(i, 1)
        if text and not INVISIBLE.match(text) and not text.isspace():
            middle = sum(page.get_charbox(i, loose=True)[1::2]) / 2
            found.append(Glyph(text, *page.get_charbox(i), middle))
    return found


def _walk(element: Any) -> Any:
    element = element.get_object() if hasattr(element, "get_object") else element
    if not isinstance(element, dict):
        return
    if "/S" in element:
        yield element["/S"][1:], str(element.get("/Alt", ""))
    inner = element.get("/K", ())
    inner = inner.get_object() if hasattr(inner, "get_object") else inner
    for child in inner if isinstance(inner, list) else [inner]:
        yield from _walk(child)
