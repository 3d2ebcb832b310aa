"""How long deals stay in each stage."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import isolate, labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import WON, Look
from spm_lib.core.language import Language

_TINT = "#A6CDE4"  # the won colour at 35 % on white


def time_in_stage_chart(
    frame: Any, *, language: Language, title: str, counted: str = "Days in the stage"
) -> alt.LayerChart:
    """Draw the middle half of all visits as a bar, and their median as a point.

    Parameters
    ----------
    frame
        One row per stage, in order: stage, value (median), q1, q3 (quartiles), all in days,
        null where nobody was there; n (visits) is written at the bar if there.
    language
        Language of the labels.
    title
        The finding.
    counted
        Message id of the axis title.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"stage": ["Lead"], "value": [8.0], "q1": [3.0], "q3": [20.0]})
    >>> time_in_stage_chart(frame, language=language("en"), title="Leads wait a week").height
    30
    """
    look = Look(language)
    rows = rows_of(frame, "stage", "value", "q1", "q3", chart="time_in_stage_chart")
    names = labels_for([row["stage"] for row in rows], look)
    drawn = [
        {**row, "label": name, "text": _told(row.get("n"), look)}
        for row, name in zip(rows, names, strict=True)
    ]
    unit = amount_unit(look, currency=None, largest=None, counted=counted)
    base = plot(drawn).encode(y=category_y("label", names, look))
    ranges = base.mark_bar(size=12, color=WON, opacity=0.35).encode(
        x=amount_x("q1", unit, look), x2=alt.X2("q3:Q")
    )
    medians = base.mark_point(filled=True, size=70, color=WON, opacity=1).encode(x=alt.X("value:Q"))
    visits = beside(base, look).encode(x=alt.X("q3:Q"), text=alt.Text("text:N"))
    keys: list[Key] = [
        (language.text("Median"), WON, "circle"),
        (language.text("Middle half of the visits"), _TINT, "square"),
    ]
    return finish([ranges, medians, visits], look, title=title, keys=keys, height=30 * len(rows))


def _told(n: int | None, look: Look) -> str:
    if n is None:
        return ""
    return isolate(look.language.text("n = {n}", n=look.language.number(n)), look)
