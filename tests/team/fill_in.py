"""Fills in a response's Excel file as a person would: by editing its XML, not with its writer."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SHEET = "xl/worksheets/sheet1.xml"
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def filled_sheet(content: bytes, answers: dict[str, str | int], formulas: str = "") -> bytes:
    """Return the file with these cells typed over; ``formulas`` names a cell that gets one."""
    parts = members(content)
    sheet = parts[SHEET].decode()
    for cell, value in answers.items():
        if cell == formulas:
            inner = f"<f>{escape(str(value))}</f><v>4</v>"
            new = rf'<c r="{cell}"\1>{inner}</c>'
        elif isinstance(value, int):
            new = rf'<c r="{cell}"\1><v>{value}</v></c>'
        else:
            text = escape(value).replace("\\", "\\\\")
            new = rf'<c r="{cell}"\1 t="inlineStr"><is><t>{text}</t></is></c>'
        sheet, found = re.subn(
            rf'<c r="{cell}"((?: s="\d+")?)(?: t="\w+")?(?:/>|>.*?</c>)', new, sheet
        )
        assert found == 1, f"the form has a cell {cell}"
    parts[SHEET] = sheet.encode()
    return packed(parts)


def open_cells(parts: dict[str, bytes]) -> set[str]:
    """Return the cells of the first sheet that are not locked."""
    book = ElementTree.fromstring(parts["xl/styles.xml"])
    styles = book.find("m:cellXfs", SPACE) or []
    open_styles = {
        number
        for number, style in enumerate(styles)
        if (own := style.find("m:protection", SPACE)) is not None and own.get("locked") == "0"
    }
    cells = dict(re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', parts[SHEET].decode()))
    return {cell for cell, style in cells.items() if int(style) in open_styles}


def packed(parts: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return sink.getvalue()
