"""Words on slides: groups of sentences that are split over slides where they do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spm_lib.reports.office.pptx_deck import INCH, INK, LEADING, MUTED, Area, Deck

SIZES = (16.0, 14.0, 12.0)
_LETTER = 0.52  # a letter's width, of the font's size
_HEAD, _GAP = 1.05, 0.45  # of the size: a heading's own size, the space after a paragraph


@dataclass(frozen=True)
class Words:
    """A paragraph: a heading of a group, or a sentence."""

    text: str
    heading: bool = False


def lines_of(text: str, width: float, size: float) -> int:
    """Return about how many lines text takes in a width of points.

    Examples
    --------
    >>> lines_of("Fewer deals were won than planned", 100, 10)
    2
    """
    letters = max(width / (size * _LETTER), 1)
    return sum(max(math.ceil(len(part) / letters), 1) for part in text.split("\n"))


def put_words(deck: Deck, title: str, words: Sequence[Words], metrics: Sequence[str]) -> None:
    """Write paragraphs under a title, on as many slides as they need."""
    width, height = _area(deck).points
    size = next((s for s in SIZES[:-1] if _high(words, width, s) <= height), SIZES[1])
    pages = _pages(words, width, height, size)
    for number, page in enumerate(pages, start=1):
        slide, area = deck.slide(deck_title(deck, title, number, len(pages)), metrics=metrics)
        frame = deck.box(slide, area)
        for place, told in enumerate(page):
            paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
            _put(deck, paragraph, told, size, first=not place)


def deck_title(deck: Deck, title: str, number: int, count: int) -> str:
    """Return a title that tells which of several slides this is."""
    if count == 1:
        return title
    text = deck.write.language.text
    return text("{title} ({number} of {count})", title=title, number=number, count=count)


def put_caption(
    deck: Deck, slide: Any, area: Area, lines: Sequence[str], *, at_the_foot: bool = True
) -> float:
    """Write small words along the lower or upper edge of an area; return the inches they take."""
    if not lines:
        return 0.0
    size = 11.0
    width, _ = area.points
    high = sum(lines_of(told, width - 14, size) for told in lines) * size * LEADING + 10
    inches = high / 72
    left = Area(area.left, area.top, area.width, int(inches * INCH))
    box = area.below(area.height / INCH - inches) if at_the_foot else left
    deck.words(deck.box(slide, box), lines, size=size, colour=MUTED)
    return inches


def _put(deck: Deck, paragraph: Any, told: Words, size: float, *, first: bool) -> None:
    from pptx.util import Pt

    if told.heading:
        colour = deck.brand.colour[1:].upper()
        deck.paragraph(paragraph, told.text, size=size * _HEAD, bold=True, colour=colour)
        paragraph.space_before = Pt(0 if first else size * _GAP)
    else:
        deck.paragraph(paragraph, told.text, size=size, colour=INK)
    paragraph.space_after = Pt(size * _GAP)


def _area(deck: Deck) -> Area:
    """Return the area of a slide without adding one: under a title of one line."""
    side, top = int(0.5 * INCH), int(1.45 * INCH)
    return Area(side, top, deck.width - 2 * side, deck.height - top - int(0.55 * INCH))


def _high(words: Sequence[Words], width: float, size: float) -> float:
    return sum(_one(told, width, size) for told in words)


def _one(told: Words, width: float, size: float) -> float:
    own = size * _HEAD if told.heading else size
    space = size * _GAP * (2 if told.heading else 1)
    return lines_of(told.text, width - 15, own) * own * LEADING + space


def _pages(words: Sequence[Words], width: float, height: float, size: float) -> list[list[Words]]:
    """Share paragraphs out; a heading never stands alone at the foot of a slide."""
    pages: list[list[Words]] = [[]]
    used = 0.0
    for place, told in enumerate(words):
        need = _one(told, width, size)
        follows = words[place + 1] if told.heading and place + 1 < len(words) else None
        together = need + (_one(follows, width, size) if follows else 0)
        if pages[-1] and used + together > height:
            pages.append([])
            used = 0.0
        pages[-1].append(told)
        used += need
    return pages
