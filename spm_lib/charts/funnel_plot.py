"""Rates against the number of deals behind them, with the limits of chance."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, share_y
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for, text_width
from spm_lib.charts.legend import Key
from spm_lib.charts.placing import nearest, place
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import INK, MUTED, PEERS, PERSON, TARGET, Look
from spm_lib.core.language import Language

_LIMITS = ("low95", "high95", "low998", "high998")
_HEIGHT = 280


def funnel_plot(
    frame: Any,
    limits: Any,
    *,
    language: Language,
    title: str,
    mean: float,
    axis: str | None = None,
    counted: str = "Deals closed",
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
    counted
        What n counts, as a message of the catalogue.

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
    ends = _ends(named, edges)
    lines = [*_limit_lines(edges), _mean_line(edges, mean)]
    told = _told(named, edges, mean, look, ends)
    layers = [*lines, *_leaders(told), *_people(named, axis, look, ends, counted), *_names(told)]
    return finish(layers, look, title=title, keys=_keys(named, look), height=_HEIGHT)


def _marked(row: Row, name: str) -> Row:
    mine, outside = row.get("person") is True, row.get("outside") is True
    return {**row, "label": name, "person": mine, "told": name if mine or outside else ""}


def _ends(rows: list[Row], edges: list[Row]) -> tuple[float, float]:
    """Return where both axes end: beyond every point, and above most of the limits."""
    seen = [row["value"] for row in rows if row["value"] is not None]
    top = min(1.0, 1.08 * max([*seen, *(row["high95"] for row in edges)], default=1.0))
    return 1.04 * max((row["n"] for row in [*rows, *edges]), default=1), top


def _people(
    rows: list[Row], axis: str, look: Look, ends: tuple[float, float], counted: str
) -> list[alt.Chart]:
    unit = amount_unit(look, currency=None, largest=None, counted=counted)
    colour = alt.ColorValue(MUTED, condition={"test": "datum.person", "value": PERSON})
    x = amount_x("n", unit, look, mirrored=False).scale(domain=[0, ends[0]], nice=False)
    y = share_y("value", axis, look, scale=alt.Scale(domain=[0, ends[1]]))
    points = plot(rows).mark_point(filled=True, size=45, opacity=0.9)
    return [points.encode(x=x, y=y, color=colour)]


def _told(
    rows: list[Row], edges: list[Row], mean: float, look: Look, ends: tuple[float, float]
) -> list[Row]:
    """Give each name that is written its place, in the units of the axes."""
    across, up = look.width / ends[0], _HEIGHT / ends[1]
    shown = [row for row in rows if row["value"] is not None]
    shown.sort(key=lambda row: not row["person"])  # the page is about this one: the best place
    points = [(row["n"] * across, _HEIGHT - row["value"] * up) for row in shown]
    lines = [[(e["n"] * across, _HEIGHT - e[side] * up) for e in edges] for side in _LIMITS]
    lines.append([(e["n"] * across, _HEIGHT - mean * up) for e in edges])
    widths = [0.85 * text_width(row["told"]) for row in shown]
    told = []
    places = place(points, widths, plot=(look.width, _HEIGHT), lines=lines)
    for row, point, box in zip(shown, points, places, strict=True):
        if box is None:
            continue
        end = nearest(box, point) or point
        spots = {"name": (box.x, box.y), "end": end}
        spot = {"n": row["n"], "value": row["value"], "told": row["told"]}
        for what, (x, y) in spots.items():
            spot |= {
                f"{what}_n": round(x / across, 4),
                f"{what}_value": round((_HEIGHT - y) / up, 6),
            }
        told.append(spot)
    return told


def _names(told: list[Row]) -> list[alt.Chart]:
    words = plot(told, name="names").encode(
        x=alt.X("name_n:Q"), y=alt.Y("name_value:Q"), text=alt.Text("told:N")
    )
    at: dict[str, Any] = {"align": "center", "baseline": "middle", "fontSize": 10}
    halo = words.mark_text(**at, stroke="white", strokeWidth=3, opacity=0.8)
    return [halo, words.mark_text(**at, color=INK)]


def _leaders(told: list[Row]) -> list[alt.Chart]:
    """Draw a thin line from a point to its name where the name stands farther off."""
    lines = plot(told, name="names").mark_rule(color=PEERS, strokeWidth=0.8)
    return [
        lines.encode(
            x=alt.X("n:Q"), y=alt.Y("value:Q"), x2=alt.X2("end_n:Q"), y2=alt.Y2("end_value:Q")
        )
    ]


def _limit_lines(rows: list[Row]) -> list[alt.Chart]:
    base = plot(rows, name="limits").encode(x=alt.X("n:Q"))
    style = {"95": (PEERS, [1, 0]), "998": (PEERS, [4, 3])}
    return [
        base.mark_line(color=colour, strokeDash=dash, strokeWidth=1.5, clip=True).encode(
            y=alt.Y(f"{side}{level}:Q")
        )
        for level, (colour, dash) in style.items()
        for side in ("low", "high")
    ]


def _mean_line(rows: list[Row], mean: float) -> alt.Chart:
    flat = [{"n": row["n"], "mean": mean} for row in rows]
    return (
        plot(flat, name="mean")
        .mark_line(color=TARGET, strokeWidth=1.5)
        .encode(x=alt.X("n:Q"), y=alt.Y("mean:Q"))
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
