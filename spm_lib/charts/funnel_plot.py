"""Rates against the number of deals behind them, with the limits of chance."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, share_y
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import INK, MUTED, PEERS, PERSON, TARGET, Look
from spm_lib.core.language import Language

_LIMITS = ("low95", "high95", "low998", "high998")


def funnel_plot(
    frame: Any,
    limits: Any,
    *,
    language: Language,
    title: str,
    mean: float,
    axis: str | None = None,
) -> alt.LayerChart:
    """Draw each person's rate over n, inside the limits that chance alone would keep.

    Parameters
    ----------
    frame
        One row per person: label, n (deals), value (ratio), outside (bool, optional: named on
        the chart), person (bool, optional: the one the page is about).
    limits
        Rising n, low95, high95, low998, high998 (ratios): limits around the mean at that n.
    language
        Language of the labels.
    title
        The finding.
    mean
        Rate of all together (ratio).
    axis
        What the rate is of; "Share of closed deals won" if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> people = pl.DataFrame({"label": ["Noa"], "n": [20], "value": [0.4]})
    >>> limits = pl.DataFrame({"n": [10, 40], "low95": [0.1, 0.2], "high95": [0.6, 0.5],
    ...     "low998": [0.0, 0.1], "high998": [0.8, 0.6]})
    >>> funnel_plot(people, limits, language=language("en"), title="Chance", mean=0.35).width
    560
    """
    look = Look(language)
    rows = rows_of(frame, "label", "n", "value", chart="funnel_plot")
    edges = rows_of(limits, "n", *_LIMITS, chart="funnel_plot")
    names = labels_for([row["label"] for row in rows], look)
    named = [_marked(row, name) for row, name in zip(rows, names, strict=True)]
    axis = axis or language.text("Share of closed deals won")
    lines = [*_limit_lines(edges), _mean_line(edges, mean)]
    layers = [*lines, *_people(named, axis, look, _top(named, edges))]
    return finish(layers, look, title=title, keys=_keys(named, look), height=280)


def _marked(row: Row, name: str) -> Row:
    mine, outside = row.get("person") is True, row.get("outside") is True
    return {**row, "label": name, "person": mine, "told": name if mine or outside else ""}


def _top(rows: list[Row], edges: list[Row]) -> float:
    """Return where the share axis ends: above every point and most of the limits."""
    seen = [row["value"] for row in rows if row["value"] is not None]
    return min(1.0, 1.08 * max([*seen, *(row["high95"] for row in edges)], default=1.0))


def _people(rows: list[Row], axis: str, look: Look, top: float) -> list[alt.Chart]:
    unit = amount_unit(look, currency=None, largest=None, counted="Deals closed")
    colour = alt.condition("datum.person", alt.value(PERSON), alt.value(MUTED))
    base = plot(rows).encode(
        x=amount_x("n", unit, look, mirrored=False),
        y=share_y("value", axis, look, scale=alt.Scale(domain=[0, top])),
    )
    middle = max((row["n"] for row in rows), default=0) * 0.6
    return [
        base.mark_point(filled=True, size=45, opacity=0.9).encode(color=colour),
        *_names(base, f"datum.n <= {middle:g}"),
        *_names(base, f"datum.n > {middle:g}"),
    ]


def _names(base: alt.Chart, where: str) -> list[alt.Chart]:
    """Write names towards the middle of the plot, where there is room, clear of what is below."""
    align, dx = ("left", 7) if "<=" in where else ("right", -7)
    words = base.transform_filter(where).encode(text="told:N")
    place: dict[str, Any] = {"align": align, "dx": dx, "dy": -7, "fontSize": 10}
    halo = words.mark_text(**place, stroke="white", strokeWidth=3, opacity=0.8)
    return [halo, words.mark_text(**place, color=INK)]


def _limit_lines(rows: list[Row]) -> list[alt.Chart]:
    base = plot(rows, name="limits").encode(x="n:Q")
    style = {"95": (PEERS, [1, 0]), "998": (PEERS, [4, 3])}
    return [
        base.mark_line(color=colour, strokeDash=dash, strokeWidth=1.5, clip=True).encode(
            y=f"{side}{level}:Q"
        )
        for level, (colour, dash) in style.items()
        for side in ("low", "high")
    ]


def _mean_line(rows: list[Row], mean: float) -> alt.Chart:
    flat = [{"n": row["n"], "mean": mean} for row in rows]
    return (
        plot(flat, name="mean").mark_line(color=TARGET, strokeWidth=1.5).encode(x="n:Q", y="mean:Q")
    )


def _keys(rows: list[Row], look: Look) -> list[Key]:
    text = look.language.text
    keys: list[Key] = [
        (text("One person"), MUTED, "circle"),
        (text("All together"), TARGET, "stroke"),
        (text("Limits of chance: 95% (solid), 99.8% (dashed)"), PEERS, "stroke"),
    ]
    if any(row["person"] for row in rows):
        keys.insert(1, (text("This person"), PERSON, "circle"))
    return keys
