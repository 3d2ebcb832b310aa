"""The bands of an uncertain future: the middle half, the middle 80 %, and the median."""

from __future__ import annotations

import altair as alt

from spm_lib.charts.legend import Key
from spm_lib.charts.theme import WON, Look

FAN_COLUMNS = ("p10", "p25", "p50", "p75", "p90")
WIDE, NARROW = "#CCE3F0", "#80B9D9"  # the won colour at 20 % and 50 % on white


def fan_layers(base: alt.Chart, y: alt.Y) -> list[alt.Chart]:
    """Draw bands and median of rows that have the five quantiles.

    Examples
    --------
    >>> len(fan_layers(alt.Chart(), alt.Y("p50:Q")))
    3
    """
    return [
        base.mark_area(color=WIDE).encode(y=alt.Y("p10:Q"), y2=alt.Y2("p90:Q")),
        base.mark_area(color=NARROW).encode(y=alt.Y("p25:Q"), y2=alt.Y2("p75:Q")),
        base.mark_line(color=WON, strokeWidth=2, point={"color": WON, "size": 25}).encode(y=y),
    ]


def fan_keys(look: Look) -> list[Key]:
    """Name the median and the two bands."""
    text = look.language.text
    return [
        (text("Median"), WON, "stroke"),
        (text("50% of outcomes"), NARROW, "square"),
        (text("80% of outcomes"), WIDE, "square"),
    ]
