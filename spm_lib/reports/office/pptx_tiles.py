"""Key figures on a slide: cards side by side, in the order of reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spm_lib.reports.blocks import Tile, Tiles
from spm_lib.reports.office.outline import metric_ids_of
from spm_lib.reports.office.pptx_deck import INCH, INK, MUTED, TINT, Area, Deck
from spm_lib.reports.office.pptx_words import deck_title

_MOODS = {"good": "00694F", "bad": "A63A00", "neither": MUTED}
_MOST, _GAP, _HIGHEST = 9, int(0.2 * INCH), int(1.75 * INCH)


def put_tiles(deck: Deck, title: str, block: Tiles) -> None:
    """Write key figures as cards, at most nine on a slide."""
    pages = [block.tiles[i : i + _MOST] for i in range(0, len(block.tiles), _MOST)]
    for number, tiles in enumerate(pages, start=1):
        told = deck_title(deck, title, number, len(pages))
        slide, area = deck.slide(told, metrics=metric_ids_of(block))
        for place, tile in zip(_places(deck, area, len(tiles)), tiles, strict=True):
            _card(deck, slide, place, tile)


def _places(deck: Deck, area: Area, count: int) -> Sequence[Area]:
    """Return the cards' areas in reading order, from the side where reading begins."""
    across = 4 if count in (4, 7, 8) else 2 if count == 2 else 3
    down = -(-count // across)
    width = (area.width - _GAP * (across - 1)) // across
    height = min((area.height - _GAP * (down - 1)) // down, _HIGHEST)
    found = []
    for place in range(count):
        row, column = divmod(place, across)
        if deck.right_to_left:
            column = across - 1 - column
        left = area.left + column * (width + _GAP)
        found.append(Area(left, area.top + row * (height + _GAP), width, height))
    return found


def _card(deck: Deck, slide: Any, area: Area, tile: Tile) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_SHAPE
    from pptx.enum.text import MSO_ANCHOR

    card = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, area.left, area.top, area.width, area.height)
    card.fill.solid()
    card.fill.fore_color.rgb = RGBColor.from_string(TINT)
    card.line.fill.background()
    card.shadow.inherit = False
    frame = card.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = int(0.15 * INCH)
    write = deck.write
    lines: list[tuple[str, float, bool, str]] = [
        (tile.label, 13, False, MUTED),
        (write.number(tile.number), 26, True, INK),
    ]
    if tile.change:
        mood = _MOODS[write.mood(tile.change, tile.good)]
        lines.append((f"{write.number(tile.change)} {tile.change_note}", 12, True, mood))
    if tile.note:
        lines.append((tile.note, 11, False, MUTED))
    side = "r" if deck.right_to_left else "l"
    for place, (told, size, bold, colour) in enumerate(lines):
        paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
        deck.paragraph(paragraph, told, size=size, bold=bold, colour=colour, side=side)
