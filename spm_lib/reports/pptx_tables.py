"""Tables on slides: native ones, split over slides with their titles repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spm_lib.reports.office_text import marked
from spm_lib.reports.pptx_deck import INK, POINT, Area, Deck
from spm_lib.reports.pptx_words import deck_title, lines_of, put_caption

_SIZES = (12.0, 11.0, 10.0, 9.0)
_PAD, _HIGH = 14.0, 7.0  # points around a cell's text: left and right, above and below
_WIDEST = 52  # letters of a column before its text is wrapped


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
    size, wide, area = _fitted(deck, sheet)
    pages = _pages(sheet, wide, size, area)
    for number, rows in enumerate(pages, start=1):
        slide, free = deck.slide(deck_title(deck, title, number, len(pages)), metrics=metrics)
        if number == len(pages):
            free = free.above(put_caption(deck, slide, free, sheet.under))
        _draw(deck, slide, free, Sheet(sheet.heads, tuple(rows)), wide, size, title)


def _fitted(deck: Deck, sheet: Sheet) -> tuple[float, list[float], Area]:
    """Return the largest size at which the columns fit side by side, their widths, the area."""
    inch = 914_400
    side, top = int(0.5 * inch), int(1.45 * inch)
    area = Area(side, top, deck.width - 2 * side, deck.height - top - int(0.5 * inch))
    room = area.points[0]
    for size in _SIZES:
        wide = [_natural(sheet, column, size) for column in range(len(sheet.heads))]
        if sum(wide) <= room:
            break
    share = room / sum(wide)
    return size, [w * (min(share, 1.6) if share > 1 else share) for w in wide], area


def _natural(sheet: Sheet, column: int, size: float) -> float:
    head = max((len(word) for word in sheet.heads[column].text.split()), default=0) + 1
    longest = max((len(row[column].text) for row in sheet.rows), default=0)
    letters = max(head, min(longest, _WIDEST), min(len(sheet.heads[column].text) / 2, 14), 4)
    return letters * size * 0.56 + _PAD


def _high(row: Sequence[Slot], wide: Sequence[float], size: float) -> float:
    lines = (lines_of(slot.text, w - _PAD, size) for slot, w in zip(row, wide, strict=True))
    return max(lines, default=1) * size * 1.22 + _HIGH


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
) -> None:
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


def _fill(deck: Deck, cell: Any, slot: Slot, size: float, *, head: bool) -> None:
    cell.margin_left = cell.margin_right = int(_PAD / 2 * POINT)
    cell.margin_top = cell.margin_bottom = int(_HIGH / 2 * POINT)
    deck.paragraph(
        cell.text_frame.paragraphs[0],
        slot.text,
        size=size,
        bold=True if head or slot.strong else None,
        colour=None if head else INK,
        side="r" if slot.number else None,
        own=slot.own,
    )
