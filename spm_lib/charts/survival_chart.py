"""How long deals stay open, deals still open counted in (Kaplan-Meier)."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, share_y
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import distinct, rows_of
from spm_lib.charts.theme import SEQUENCE, Look
from spm_lib.core.language import Language


def survival_chart(
    frame: Any, *, language: Language, title: str, axis: str | None = None
) -> alt.LayerChart:
    """Draw the share that is not over yet as steps, with its interval as a band.

    Parameters
    ----------
    frame
        One row per step: time (days), survival, low, high (ratios), label (group, optional).
    language
        Language of the labels.
    title
        The finding.
    axis
        What the share is of; "Share of deals still open" if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame(
    ...     {"time": [0, 30], "survival": [1.0, 0.5], "low": [1.0, 0.4], "high": [1.0, 0.6]}
    ... )
    >>> survival_chart(frame, language=language("en"), title="Half take a month").height
    230
    """
    look = Look(language)
    rows = rows_of(frame, "time", "survival", "low", "high", chart="survival_chart")
    groups = distinct(row.get("label") for row in rows)
    names = dict(zip(groups, labels_for(groups, look), strict=True))
    drawn = [{**row, "label": names[row.get("label")]} for row in rows]
    colours = [SEQUENCE[i % len(SEQUENCE)] for i in range(len(groups))]
    unit = amount_unit(look, currency=None, largest=None, counted="Days")
    base = plot(drawn).encode(
        x=amount_x("time", unit, look, mirrored=False),
        color=alt.Color(
            "label:N", legend=None, scale=alt.Scale(domain=list(names.values()), range=colours)
        ),
    )
    title_y = axis or language.text("Share of deals still open")
    bands = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
    )
    steps = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        y=share_y("survival", title_y, look, scale=alt.Scale(domain=[0, 1]))
    )
    keys: list[Key] = [(n, c, "stroke") for n, c in zip(names.values(), colours, strict=True)]
    return finish([bands, steps], look, title=title, keys=keys if len(groups) > 1 else [])
