"""A legend above the plot, drawn with marks: Vega's own cannot be read from right to left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt

from spm_lib.charts.labels import isolate, text_width
from spm_lib.charts.layer import Layer
from spm_lib.charts.theme import MUTED, Look

Key = tuple[str, str, Literal["square", "circle", "ring", "stroke"]]  # label, colour, shape
ROW = 17
_SYMBOL, _GAP = 14, 18


def legend_layers(keys: Sequence[Key], look: Look) -> list[alt.Chart]:
    """Draw the keys in one or more lines over the plot, starting where reading starts.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> len(legend_layers([("Won", "#0072B2", "square")], Look(language("en"))))
    2
    """
    layers: list[alt.Chart] = []
    height = legend_height(keys, look)
    for (label, colour, shape), (along, line) in zip(keys, _places(keys, look), strict=True):
        x, across = _mirror(along, look), -height + line * ROW + 4
        layers += [
            _mark(x, across).mark_point(
                shape="circle" if shape == "ring" else shape,
                color=colour,
                filled=shape not in ("stroke", "ring"),
                size=90,
                opacity=1,
                strokeWidth=2,
            ),
            _mark(x + (-11 if look.right_to_left else 11), across).mark_text(
                text=isolate(label, look),
                align="right" if look.right_to_left else "left",
                baseline="middle",
                color=MUTED,
                fontSize=11,
            ),
        ]
    return layers


def legend_height(keys: Sequence[Key], look: Look) -> int:
    """Return the pixels the legend takes above the plot."""
    return (_places(keys, look)[-1][1] + 1) * ROW + 4 if keys else 0


def _places(keys: Sequence[Key], look: Look) -> list[tuple[float, int]]:
    along, line, places = 0.0, 0, []
    for label, _, _ in keys:
        width = _SYMBOL + text_width(label)
        if along and along + width > look.width:
            along, line = 0.0, line + 1
        places.append((along + 6, line))
        along += width + _GAP
    return places


def _mirror(along: float, look: Look) -> float:
    return look.width - along if look.right_to_left else along


def _mark(x: float, y: float) -> alt.Chart:
    return Layer({"values": [{}]}).encode(x=alt.XValue(x), y=alt.YValue(y))
