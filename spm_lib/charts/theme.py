"""The look of every chart: meaning colours, sizes, fonts and the direction of reading.

Colours are Okabe and Ito's (2008, "Color Universal Design"), which stay apart for colour-blind
readers, in fixed meanings: a colour stands for the same thing on every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from spm_lib.core.fonts import FONT
from spm_lib.core.language import Language

WIDTH = 560  # points; fits the text width of an A4 page and a report column
HEIGHT = 230
LABEL_LIMIT = 260  # pixels of a label, before it is cut

WON = "#0072B2"
LOST = "#D55E00"
UNKNOWN = "#E9B08F"  # lost, but nobody knows at which stage: a paler "lost"
OPEN = "#A9B8C6"
PERSON = "#CC79A7"
PEERS = "#9AA5B1"
TARGET = "#1F2933"
INK = "#1F2933"
MUTED = "#52606D"
GRID = "#E4E7EB"

SEQUENCE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#F0E442")

_STAGES = ((0xD3, 0xE3, 0xEE), (0x12, 0x4E, 0x78))  # first stage, last stage


def shades(count: int) -> list[str]:
    """Return one shade of blue per stage, darker as a deal comes closer to being won.

    Examples
    --------
    >>> shades(3)
    ['#d3e3ee', '#7298b3', '#124e78']
    """
    steps = [i / max(count - 1, 1) for i in range(count)]
    first, last = _STAGES
    return [
        "#" + "".join(f"{round(a + (b - a) * step):02x}" for a, b in zip(first, last, strict=True))
        for step in steps
    ]


@dataclass(frozen=True)
class Look:
    """How one chart is drawn: its language, and the width of its plot in pixels.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> Look(language("he")).value_side
    'right'
    """

    language: Language
    width: int = WIDTH

    @property
    def right_to_left(self) -> bool:
        """Whether text is read from right to left."""
        return self.language.direction == "rtl"

    @property
    def value_side(self) -> Literal["left", "right"]:
        """The side of the plot at which an upright axis stands."""
        return "right" if self.right_to_left else "left"

    @property
    def anchor(self) -> str:
        """Where a title begins."""
        return "end" if self.right_to_left else "start"

    @property
    def config(self) -> dict[str, Any]:
        """The Vega-Lite configuration that every chart carries with itself."""
        return {
            "font": FONT,
            "background": "white",
            "padding": 6,
            "view": {"stroke": None},
            "axis": {**_axis_text(), "grid": False, "tickColor": GRID, "domainColor": GRID},
            "axisQuantitative": _value_axis(),
            "title": _title_text(self),
        }


def _value_axis() -> dict[str, Any]:
    """Return the look of an axis of numbers, which are short: to measure them takes long."""
    return {"grid": True, "gridColor": GRID, "ticks": False, "domain": False, "labelLimit": 0}


def _axis_text() -> dict[str, Any]:
    return {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "labelPadding": 6,
        "labelLimit": LABEL_LIMIT,
        "labelFlush": False,
        "titleColor": MUTED,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    }


def _title_text(look: Look) -> dict[str, Any]:
    return {
        "anchor": look.anchor,
        "frame": "bounds",
        "color": INK,
        "fontSize": 14,
        "fontWeight": "bold",
        "lineHeight": 18,
        "subtitleColor": MUTED,
        "subtitleFontSize": 11,
        "subtitlePadding": 4,
        "offset": 12,
    }
