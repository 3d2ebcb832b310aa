"""People side by side, with what is known about each: raw rate, estimate, interval."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for, shorten
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of
from spm_lib.charts.theme import MUTED, PERSON, TARGET, WON, Look
from spm_lib.core.language import Language

_BANDS = ("#F0F4F8", "#FFFFFF")


def caterpillar_chart(
    frame: Any,
    *,
    language: Language,
    title: str,
    axis: str | None = None,
    mean: float | None = None,
) -> alt.LayerChart:
    """Draw each person's raw rate, partially pooled estimate and its interval.

    Parameters
    ----------
    frame
        One row per person, in order: label (name), raw (ratio, null: no point), value
        (partially pooled estimate), low, high (95 % interval), n (deals, written at the
        name), group (optional: neighbours that cannot be told apart share a band), person
        (bool, optional: the one the page is about).
    language
        Language of the labels.
    title
        The finding.
    axis
        What the rate is of; "Share of closed deals won" if not given.
    mean
        Rate of all together, drawn as a line.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"label": ["Noa"], "raw": [0.5], "value": [0.4], "low": [0.3],
    ...     "high": [0.5], "n": [20]})
    >>> caterpillar_chart(frame, language=language("en"), title="Alone").height
    18
    """
    look = Look(language)
    rows = rows_of(frame, "label", "raw", "value", "low", "high", "n", chart="caterpillar_chart")
    names = labels_for([_named(row, look) for row in rows], look, letters=40)
    drawn = [
        {**row, "label": name, "person": row.get("person") is True}
        for row, name in zip(rows, names, strict=True)
    ]
    axis = axis or language.text("Share of closed deals won")
    base = plot(drawn).encode(y=category_y("label", names, look))
    x = share_x("value", axis, look, zero=True, nice=True)
    layers = [*_bands(drawn, names, look), *_marks(base, x), *_mean(mean)]
    return finish(layers, look, title=title, keys=_keys(drawn, mean, look), height=18 * len(rows))


def _named(row: Row, look: Look) -> str:
    name = shorten("–" if row["label"] is None else str(row["label"]), letters=28)
    return f"{name} (n={look.language.number(row['n'])})"


def _marks(base: alt.Chart, x: alt.X) -> list[alt.Chart]:
    colour = alt.condition("datum.person", alt.value(PERSON), alt.value(WON))
    return [
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q", color=colour),
        base.mark_point(size=35, color=MUTED, opacity=0.9, filled=False).encode(x="raw:Q"),
        base.mark_point(size=60, filled=True, opacity=1).encode(x=x, color=colour),
    ]


def _bands(rows: list[Row], names: list[str], look: Look) -> list[alt.Chart]:
    groups = distinct(row.get("group") for row in rows)
    if len(groups) < 2:
        return []
    shaded = [
        {"label": row["label"], "shade": _BANDS[groups.index(row.get("group")) % 2]} for row in rows
    ]
    bands = plot(shaded, name="bands").mark_bar(size=18)
    return [
        bands.encode(
            y=category_y("label", names, look),
            x=alt.XValue(0),
            x2=alt.X2Value(look.width),
            color=alt.Color("shade:N", scale=None),
        )
    ]


def _mean(mean: float | None) -> list[alt.Chart]:
    if mean is None:
        return []
    rule = plot([{"mean": mean}], name="mean").mark_rule(color=TARGET, strokeDash=[4, 4])
    return [rule.encode(x="mean:Q")]


def _keys(rows: list[Row], mean: float | None, look: Look) -> list[Key]:
    text = look.language.text
    keys: list[Key] = [
        (text("Estimate and 95% interval"), WON, "circle"),
        (text("Raw rate"), MUTED, "ring"),
    ]
    if any(row["person"] for row in rows):
        keys.append((text("This person"), PERSON, "circle"))
    if mean is not None:
        keys.append((text("All together"), TARGET, "stroke"))
    return keys
