"""Tables on slides: native ones, split over slides with their titles repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spm_lib.reports.office.pptx_deck import INCH, INK, LEADING, POINT, Area, Deck
from spm_lib.reports.office.pptx_words import deck_title, lines_of, put_caption
from spm_lib.reports.office.text import marked

_SIZES = (12.0, 11.0, 10.0, 9.0)
_UNDER = 0.12  # inches between a table and the words under it
_PAD, _HIGH = 14.0, 7.0  # points around a cell's text: left and right, above and below
_WIDEST = 52  # letters of a column before its text is wrapped
_LETTER, _STRETCH = 0.56, 1.6  # a letter's width over its size; how far columns are pulled apart


@dataclass(frozen=True)
class Slot:
    """One cell: its text, whether it is a number, bold, or the client's own words."""

    text: str = ""
    number: bool = False
    strong: bool = False
    own: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table for slides: titles and rows, and words to stand under it."""

    heads: tuple[Slot, ...]
    rows: tuple[tuple[Slot, ...], ...]
    under: tuple[str, ...] = ()


def put_table(deck: Deck, title: str, sheet: Sheet, metrics: Sequence[str]) -> None:
    """Write a table on as many slides as it needs; its words stand on the last one."""
    if not sheet.heads:
        return
    size, wide, area = _fitted(deck, sheet)
    pages = _pages(sheet, wide, size, area)
    for number, rows in enumerate(pages, start=1):
        slide, free = deck.slide(deck_title(deck, title, number, len(pages)), metrics=metrics)
        high = _draw(deck, slide, free, Sheet(sheet.heads, tuple(rows)), wide, size, title)
        if number == len(pages):
            put_caption(deck, slide, free.below(high + _UNDER), sheet.under, at_the_foot=False)


def _fitted(deck: Deck, sheet: Sheet) -> tuple[float, list[float], Area]:
    """Return the largest size at which the columns fit side by side, their widths, the area."""
    side, top = int(0.5 * INCH), int(1.45 * INCH)
    area = Area(side, top, deck.width - 2 * side, deck.height - top - int(0.5 * INCH))
    room = area.points[0]
    size, wide = _SIZES[0], [room]
    for size in _SIZES:
        wide = [_natural(sheet, column, size) for column in range(len(sheet.heads))]
        if sum(wide) <= room:
            break
    return size, _spread(sheet, wide, room, size), area


def _spread(sheet: Sheet, wide: Sequence[float], room: float, size: float) -> list[float]:
    """Return widths that use the room: wrapped columns first, then all of them a little."""
    if sum(wide) > room:
        return [width * room / sum(wide) for width in wide]
    lacking = [max(_full(sheet, column, size) - width, 0.0) for column, width in enumerate(wide)]
    spare = room - sum(wide)
    if sum(lacking):
        given = min(spare / sum(lacking), 1.0)
        wide = [width + lack * given for width, lack in zip(wide, lacking, strict=True)]
    stretch = min(room / sum(wide), _STRETCH)
    return [width * stretch for width in wide]


def _full(sheet: Sheet, column: int, size: float) -> float:
    """Return the width at which no text of a column is wrapped."""
    longest = max((len(row[column].text) for row in sheet.rows), default=0)
    return longest * size * _LETTER + _PAD


def _natural(sheet: Sheet, column: int, size: float) -> float:
    head = max((len(word) for word in sheet.heads[column].text.split()), default=0) + 1
    texts = (part for row in sheet.rows for part in row[column].text.split("\n"))
    longest = max((len(text) for text in texts), default=0)
    letters = max(head, min(longest, _WIDEST), min(len(sheet.heads[column].text) / 2, 14), 4)
    return letters * size * _LETTER + _PAD


def _high(row: Sequence[Slot], wide: Sequence[float], size: float) -> float:
    lines = (
        lines_of(slot.text, (w - _PAD) * 0.92, size) for slot, w in zip(row, wide, strict=True)
    )
    return max(lines, default=1) * size * LEADING + _HIGH


def _pages(
    sheet: Sheet, wide: Sequence[float], size: float, area: Area
) -> list[list[tuple[Slot, ...]]]:
    """Share rows out over slides; the last one also has room for the words under the table."""
    head = _high(sheet.heads, wide, size)
    words = sum(lines_of(told, area.points[0], 11) for told in sheet.under) * 13.5 + 12
    room = area.points[1] - head - 6
    pages: list[list[tuple[Slot, ...]]] = [[]]
    used = 0.0
    for place, row in enumerate(sheet.rows):
        need = _high(row, wide, size)
        last = place == len(sheet.rows) - 1
        if pages[-1] and used + need + (words if last and sheet.under else 0) > room:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += need
    return pages


def _draw(
    deck: Deck,
    slide: Any,
    area: Area,
    sheet: Sheet,
    wide: Sequence[float],
    size: float,
    title: str,
) -> float:
    """Draw a table at the top of an area and return the inches it takes."""
    total = int(sum(wide) * POINT)
    left = area.left + area.width - total if deck.right_to_left else area.left
    highs = [_high(row, wide, size) for row in (sheet.heads, *sheet.rows)]
    shape = slide.shapes.add_table(
        len(sheet.rows) + 1, len(wide), left, area.top, total, int(sum(highs) * POINT)
    )
    shape._element.nvGraphicFramePr.cNvPr.set("descr", marked(title))
    table = shape.table
    if deck.right_to_left:
        table._tbl.tblPr.set("rtl", "1")
    for column, width in zip(table.columns, wide, strict=True):
        column.width = int(width * POINT)
    for row, high in zip(table.rows, highs, strict=True):
        row.height = int(high * POINT)
    for place, slots in enumerate((sheet.heads, *sheet.rows)):
        for cell, slot in zip(table.rows[place].cells, slots, strict=True):
            _fill(deck, cell, slot, size, head=not place)
    return sum(highs) / 72


def _fill(deck: Deck, cell: Any, slot: Slot, size: float, *, head: bool) -> None:
    cell.margin_left = cell.margin_right = int(_PAD / 2 * POINT)
    cell.margin_top = cell.margin_bottom = int(_HIGH / 2 * POINT)
    frame = cell.text_frame
    for place, line in enumerate(slot.text.split("\n")):
        deck.paragraph(
            frame.add_paragraph() if place else frame.paragraphs[0],
            line,
            size=size,
            bold=True if head or slot.strong else None,
            colour=None if head else INK,
            side="r" if slot.number else None,
            own=slot.own,
        )
