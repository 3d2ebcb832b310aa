"""What targets ask of people against the odds of reaching them."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import share_x, share_y
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import LOST, TARGET, WON, Look
from spm_lib.core.language import Language

_HEIGHT = 230


def target_odds_chart(
    frame: Any, *, language: Language, title: str, width: int | None = None
) -> alt.LayerChart:
    """Draw each person's odds over what the target asks, beside what the person sells.

    The rows are named "rows", so that a live view can replace them; ``told`` is the name that is
    written, empty for most.

    Parameters
    ----------
    frame
        One row per person: label (name), asked (target over the pace of last year, ratio; null: no
        point), odds (ratio; null: no point), low, high (95 % interval), stretched (bool: among the
        most stretched, named).
    language
        Language of the labels.
    title
        The finding.
    width
        Width of the plot in pixels, if it is not for a page.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"label": ["Noa"], "asked": [1.2], "odds": [0.4], "low": [0.3],
    ...     "high": [0.5], "stretched": [True]})
    >>> target_odds_chart(frame, language=language("en"), title="Stretched").height
    230
    """
    look = Look(language, width) if width else Look(language)
    rows = rows_of(frame, "label", "asked", "odds", "low", "high", chart="target_odds_chart")
    names = labels_for([row["label"] for row in rows], look)
    drawn = [
        {**row, "label": name, "told": name if row.get("stretched") else ""}
        for row, name in zip(rows, names, strict=True)
    ]
    text = language.text
    base = plot(drawn).encode(
        x=share_x("asked", text("Target over last year's pace"), look, moves=True, zero=False),
        y=share_y("odds", text("Odds of the target"), look, scale=alt.Scale(domain=[0, 1])),
    )
    colour = alt.ColorValue(WON, condition={"test": "datum.stretched", "value": LOST})
    even = plot([{"odds": 0.5}], name="even").mark_rule(color=TARGET, strokeDash=[2, 3])
    named = base.transform_filter("datum.told").encode(text=alt.Text("told:N"))
    layers = [
        even.encode(y=alt.Y("odds:Q")),
        base.mark_rule(opacity=0.4).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour),
        beside(named, look, stroke="white", strokeWidth=3, opacity=0.9),
        base.mark_point(filled=True, size=50, opacity=0.9).encode(
            color=colour, tooltip=[alt.Tooltip("label:N")]
        ),
        beside(named, look),
    ]
    keys: list[Key] = [
        (text("A person"), WON, "circle"),
        (text("Most stretched"), LOST, "circle"),
    ]
    return finish(layers, look, title=title, keys=keys, height=_HEIGHT)
