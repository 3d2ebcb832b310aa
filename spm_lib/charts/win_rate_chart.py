"""Win rates with their uncertainty, over time or by group."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x, share_y, time_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import GRAINS, Row, distinct, rows_of, time_column
from spm_lib.charts.theme import HEIGHT, PEERS, WON, Look
from spm_lib.core.language import Language


def win_rate_chart(
    frame: Any, *, language: Language, title: str, axis: str | None = None
) -> alt.LayerChart:
    """Draw each rate as a point with its interval; cohorts that may still grow are grey.

    Parameters
    ----------
    frame
        One row per period or group: month (or another grain) or label, value (ratio, null
        where nothing was decided: no point), n, low, high (95 % interval), mature (bool,
        optional).
    language
        Language of the labels.
    title
        The finding.
    axis
        What the rate is of; "Share of closed deals won" if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame(
    ...     {"month": [date(2026, 1, 1)], "value": [0.4], "n": [50], "low": [0.28], "high": [0.54]}
    ... )
    >>> win_rate_chart(frame, language=language("en"), title="Four in ten").height
    230
    """
    look = Look(language)
    rows = rows_of(frame, "value", "n", "low", "high", chart="win_rate_chart")
    axis = axis or language.text("Share of closed deals won")
    marked = [{**row, "mature": row.get("mature") is not False} for row in rows]
    draw = _over_time if not rows or _has_time(rows) else _by_group
    layers, height = draw(marked, axis, look)
    keys: list[Key] = [(language.text("Rate and 95% interval"), WON, "circle")]
    if not all(row["mature"] for row in marked):
        keys.append((language.text("May still change: deals are open"), PEERS, "circle"))
    return finish(layers, look, title=title, keys=keys, height=height)


def _has_time(rows: list[Row]) -> bool:
    return any(grain in rows[0] for grain in GRAINS)


def _over_time(rows: list[Row], axis: str, look: Look) -> tuple[list[alt.Chart], float]:
    grain = time_column(rows, chart="win_rate_chart")
    x = time_x(grain, distinct(row[grain] for row in rows), look)
    base = plot(rows).encode(x=x, color=_maturity())
    y = share_y("value", axis, look, scale=alt.Scale(zero=True))
    bars = base.mark_rule(strokeWidth=2, opacity=0.45).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    return [bars, base.mark_point(filled=True, size=55, opacity=1).encode(y=y)], HEIGHT


def _by_group(rows: list[Row], axis: str, look: Look) -> tuple[list[alt.Chart], float]:
    names = labels_for([row.get("label") for row in rows], look)
    named = [{**row, "label": name} for row, name in zip(rows, names, strict=True)]
    base = plot(named).encode(y=category_y("label", names, look), color=_maturity())
    bars = base.mark_rule(strokeWidth=2, opacity=0.45).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        x=share_x("value", axis, look, zero=True)
    )
    return [bars, points], 24 * len(rows)


def _maturity() -> alt.Color:
    scale = alt.Scale(domain=[True, False], range=[WON, PEERS])
    return alt.Color("mature:N", scale=scale, legend=None)
