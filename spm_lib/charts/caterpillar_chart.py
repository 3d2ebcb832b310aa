"""People side by side, with what is known about each: raw rate, estimate, interval."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import beside_names, counted_labels
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import MUTED, PERSON, TARGET, WON, Look
from spm_lib.core.language import Language

NEAR = 0.12  # of the axis: as far as letters reach


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
        name), group (optional: letters, written at the line; two people who share one cannot be
        told apart), person (bool, optional: the one the page is about).
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
    names = counted_labels(rows, look)
    look = beside_names(names, look)
    widest = max((row[k] for row in rows for k in ("high", "raw") if row[k] is not None), default=0)
    drawn = [
        {**row, "label": name, "person": row.get("person") is True, "end": _end(row, look, widest)}
        for row, name in zip(rows, names, strict=True)
    ]
    axis = axis or language.text("Share of closed deals won")
    base = plot(drawn).encode(y=category_y("label", names, look, counted=True))
    x = share_x("value", axis, look, zero=True, nice=True)
    letters = _letters(drawn, base, look)
    shared = language.text("Letters: two people who share one cannot be told apart")
    return finish(
        [*_mean(mean), *_marks(base, x), *letters],
        look,
        title=title,
        subtitle=shared if letters else None,
        keys=_keys(drawn, mean, look),
        height=18 * len(rows),
    )


def _marks(base: alt.Chart, x: alt.X) -> list[alt.Chart]:
    colour = alt.ColorValue(WON, condition={"test": "datum.person", "value": PERSON})
    return [
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(
            x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=colour
        ),
        base.mark_point(size=35, color=MUTED, opacity=0.9, filled=False).encode(x=alt.X("raw:Q")),
        base.mark_point(size=60, filled=True, opacity=1).encode(x=x, color=colour),
    ]


def _letters(rows: list[Row], base: alt.Chart, look: Look) -> list[alt.Chart]:
    """Write the letters at the end of a line that is away from the names."""
    if not any(row.get("group") for row in rows):
        return []
    words = beside(base, look, baseline="middle").encode(text=alt.Text("group:N"))
    return [words.encode(x=alt.X("end:Q"))]


def _end(row: Row, look: Look, widest: float) -> float | None:
    """Return where the letters begin: at the line's end, or at a raw rate just beyond it."""
    end, raw = row["low" if look.right_to_left else "high"], row["raw"]
    if raw is None or end is None:
        return end
    beyond = end - raw if look.right_to_left else raw - end
    return raw if 0 < beyond < NEAR * widest else end


def _mean(mean: float | None) -> list[alt.Chart]:
    if mean is None:
        return []
    rule = plot([{"mean": mean}], name="mean").mark_rule(color=TARGET, strokeDash=[4, 4])
    return [rule.encode(x=alt.X("mean:Q"))]


def _keys(rows: list[Row], mean: float | None, look: Look) -> list[Key]:
    text = look.language.text
    keys: list[Key] = [(text("Estimate and 95% interval"), WON, "circle")]
    if any(row["raw"] is not None for row in rows):
        keys.append((text("Raw rate"), MUTED, "ring"))
    if any(row["person"] for row in rows):
        keys.append((text("This person"), PERSON, "circle"))
    if mean is not None:
        keys.append((text("All together"), TARGET, "stroke"))
    return keys
