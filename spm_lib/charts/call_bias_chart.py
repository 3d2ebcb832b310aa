"""Who calls too little and who too much, as far as it can be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import beside_names, counted_labels
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import PEERS, SEQUENCE, TARGET, Look
from spm_lib.core.language import Language

COLOURS = {"low": SEQUENCE[0], "high": SEQUENCE[1], "untold": PEERS}
_NAMES = {
    "low": "Calls too little",
    "high": "Calls too much",
    "untold": "Cannot be told from luck",
}


def call_bias_chart(
    frame: Any,
    *,
    language: Language,
    title: str,
    axis: str | None = None,
    names: Mapping[str, str] | None = None,
) -> alt.LayerChart:
    """Draw signed numbers with their intervals around the line of none, such as people's bias.

    Parameters
    ----------
    frame
        One row per person, in order: label, value (ratio; below 0: called too little), low, high
        (null: not known), n (closed periods, written at the name), verdict ("low", "high",
        "untold").
    language
        Language of the labels.
    title
        The finding.
    axis
        What the bias is of; "Call over result, less 100%" if not given.
    names
        What "low", "high" and "untold" mean, in the language; those of calls if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"label": ["Noa"], "value": [-0.2], "low": [-0.3], "high": [-0.1],
    ...     "n": [8], "verdict": ["low"]})
    >>> call_bias_chart(frame, language=language("en"), title="Noa holds back").height
    20
    """
    look = Look(language)
    columns = ("label", "value", "low", "high", "n", "verdict")
    rows = rows_of(frame, *columns, chart="call_bias_chart")
    labels = counted_labels(rows, look)
    look = beside_names(labels, look)
    drawn = [{**row, "label": name} for row, name in zip(rows, labels, strict=True)]
    kinds = [kind for kind in COLOURS if any(row["verdict"] == kind for row in rows)]
    scale = alt.Scale(domain=kinds, range=[COLOURS[kind] for kind in kinds])
    axis = axis or language.text("Call against result: below 0 too little, above 0 too much")
    base = plot(drawn).encode(
        y=category_y("label", labels, look, counted=True),
        color=alt.Color("verdict:N", scale=scale, legend=None),
    )
    x = share_x("value", axis, look, zero=True, nice=True)
    layers = [
        plot([{"zero": 0}], name="zero").mark_rule(color=TARGET).encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_point(size=60, filled=True, opacity=1).encode(x=x),
    ]
    told = names or {kind: language.text(name) for kind, name in _NAMES.items()}
    keys: list[Key] = [(told[kind], COLOURS[kind], "circle") for kind in kinds]
    return finish(layers, look, title=title, keys=keys, height=20 * len(rows))
