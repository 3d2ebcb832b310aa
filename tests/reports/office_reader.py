"""Reads office files as zips of XML only: the tests' own second route."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True)
class Cell:
    """A cell as the file holds it: its kind, its value, its number format, a quoted prefix."""

    kind: str
    value: str
    format: str
    quoted: bool


@dataclass
class Archive:
    """A zip of XML parts."""

    blob: bytes

    @cached_property
    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.blob))

    @property
    def names(self) -> list[str]:
        return self.zip.namelist()

    def xml(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.zip.read(name))

    def text(self, name: str) -> str:
        return self.zip.read(name).decode("utf-8")

    def like(self, pattern: str) -> list[str]:
        found = [name for name in self.names if re.fullmatch(pattern, name)]
        return sorted(found, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])


class Workbook(Archive):
    """A workbook: its sheets' names, cells and settings."""

    @cached_property
    def strings(self) -> list[str]:
        items = self.xml("xl/sharedStrings.xml").findall(f"{S}si")
        return [unescaped("".join(t.text or "" for t in item.iter(f"{S}t"))) for item in items]

    @cached_property
    def styles(self) -> list[tuple[str, bool]]:
        root = self.xml("xl/styles.xml")
        own = {f.get("numFmtId"): f.get("formatCode") or "" for f in root.iter(f"{S}numFmt")}
        known = {"0": "", "1": "0", "3": "#,##0", "9": "0%", "10": "0.00%", "4": "#,##0.00"}
        return [
            ({**known, **own}[xf.get("numFmtId") or "0"], xf.get("quotePrefix") == "1")
            for xf in root.find(f"{S}cellXfs") or ()
        ]

    @property
    def sheets(self) -> list[str]:
        return [s.get("name") or "" for s in self.xml("xl/workbook.xml").iter(f"{S}sheet")]

    def sheet(self, place: int) -> ElementTree.Element:
        return self.xml(f"xl/worksheets/sheet{place + 1}.xml")

    def cells(self, place: int) -> dict[tuple[int, int], Cell]:
        """Return the cells that hold something, by row and column from 0."""
        found = {}
        for cell in self.sheet(place).iter(f"{S}c"):
            value = cell.findtext(f"{S}v")
            if value is None and cell.find(f"{S}f") is None:
                continue
            kind = cell.get("t") or "n"
            shown = self.strings[int(value or 0)] if kind == "s" else value or ""
            form, quoted = self.styles[int(cell.get("s") or 0)]
            found[place_of(cell.get("r") or "")] = Cell(kind, shown, form, quoted)
        return found


def place_of(name: str) -> tuple[int, int]:
    """Return row and column of a cell's name."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def unescaped(text: str) -> str:
    """Return text with the escapes that office files use for characters XML cannot hold."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found.group(1), 16)), text)


def chart_numbers(root: ElementTree.Element) -> list[tuple[str, list[float | None]]]:
    """Return every series of a native chart: its name and its numbers, None where there is none."""
    found = []
    for series in root.iter(f"{C}ser"):
        name = "".join(v.text or "" for v in series.find(f"{C}tx").iter(f"{C}v"))  # type: ignore[union-attr]
        values = series.find(f"{C}val")
        cache = (values if values is not None else series.find(f"{C}yVal")).find(f".//{C}numCache")  # type: ignore[union-attr]
        numbers: list[float | None] = [None] * int(cache.find(f"{C}ptCount").get("val"))  # type: ignore
        for point in cache.findall(f"{C}pt"):  # type: ignore[union-attr]
            numbers[int(point.get("idx") or 0)] = float(point.findtext(f"{C}v") or "nan")
        found.append((name, numbers))
    return found
