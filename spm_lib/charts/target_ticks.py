"""Targets over periods: a bar across each period that has one."""

from __future__ import annotations

import altair as alt

from spm_lib.charts.drawing import plot
from spm_lib.charts.rows import Row
from spm_lib.charts.theme import TARGET


def has_target(rows: list[Row]) -> bool:
    """Tell whether any period has a target.

    Examples
    --------
    >>> has_target([{"month": "2026-01-01", "target": None}])
    False
    """
    return any(row.get("target") is not None for row in rows)


def target_ticks(rows: list[Row], x: alt.X) -> alt.Chart:
    """Draw each period's target as a bar across it."""
    given = [row for row in rows if row.get("target") is not None]
    wide = alt.RelativeBandSize(band=0.9)
    marks = plot(given, name="targets").mark_tick(
        color=TARGET, thickness=2, orient="horizontal", width=wide
    )
    return marks.encode(x=x, y=alt.Y("target:Q"))
