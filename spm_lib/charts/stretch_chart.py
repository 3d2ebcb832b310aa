"""How far each person's likely results reach beside the target."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for, shorten
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import LOST, PEERS, TARGET, WON, Look
from spm_lib.core.language import Language

COLOURS = {"stretched": LOST, "even": PEERS, "slack": WON}
_NAMES = {
    "stretched": "Odds under one in three",
    "even": "In between",
    "slack": "Odds over two in three",
}


def stretch_chart(frame: Any, *, language: Language, title: str) -> alt.LayerChart:
    """Draw each person's likely results as a share of the target, around the line of 100%.

    Parameters
    ----------
    frame
        One row per person, in order: label, odds (written at the name), p50, p10, p90 (result over
        target, ratios), verdict ("stretched", "even", "slack").
    language
        Language of the labels.
    title
        The finding.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"label": ["Noa"], "odds": [0.2], "p50": [0.8], "p10": [0.5],
    ...     "p90": [1.2], "verdict": ["stretched"]})
    >>> stretch_chart(frame, language=language("en"), title="Noa is stretched").height
    22
    """
    look = Look(language)
    rows = rows_of(frame, "label", "odds", "p50", "p10", "p90", "verdict", chart="stretch_chart")
    names = labels_for([_named(row, look) for row in rows], look, letters=40)
    drawn = [{**row, "label": name} for row, name in zip(rows, names, strict=True)]
    kinds = [kind for kind in COLOURS if any(row["verdict"] == kind for row in rows)]
    scale = alt.Scale(domain=kinds, range=[COLOURS[kind] for kind in kinds])
    base = plot(drawn).encode(
        y=category_y("label", names, look), color=alt.Color("verdict:N", scale=scale, legend=None)
    )
    x = share_x("p50", language.text("Result as a share of the target"), look, zero=True, nice=True)
    layers = [
        plot([{"whole": 1}], name="whole").mark_rule(color=TARGET).encode(x=alt.X("whole:Q")),
        base.mark_rule(strokeWidth=4, opacity=0.45).encode(x=alt.X("p10:Q"), x2=alt.X2("p90:Q")),
        base.mark_point(size=70, filled=True, opacity=1).encode(x=x),
    ]
    keys: list[Key] = [(language.text(_NAMES[kind]), COLOURS[kind], "circle") for kind in kinds]
    keys.append((language.text("Target"), TARGET, "stroke"))
    return finish(layers, look, title=title, keys=keys, height=22 * len(rows))


def _named(row: Row, look: Look) -> str:
    name = shorten("–" if row["label"] is None else str(row["label"]), letters=28)
    return f"{name} ({look.language.percent(row['odds'], 0)})"
