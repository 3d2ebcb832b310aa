"""Where a gap comes from: each part as a point with its interval around the line of none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y, largest
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import distinct, rows_of
from spm_lib.charts.theme import PEERS, SEQUENCE, TARGET, Look
from spm_lib.core.language import Language

_APART = 12  # pixels of a row for each of the sides compared with
_FAINT = 0.35


def gap_chart(
    frame: Any,
    *,
    language: Language,
    title: str,
    currency: str | None = None,
    sides: Sequence[str] = (),
) -> alt.LayerChart:
    """Draw the parts of gaps with their intervals; pale where luck alone may do it.

    Parameters
    ----------
    frame
        One row per part and side, in order: label (the part), against (name of what it is compared
        with; one colour each), value (signed), low, high (95 % interval; null: none is known, the
        point stands alone), clear (Boolean: whether the part is clear of luck).
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts, in minor units.
    sides
        All that gaps may be told against, so that each keeps its colour where others are missing;
        those of the frame if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"label": ["Deals", "Size"], "against": ["The others"] * 2,
    ...     "value": [4, -2], "low": [1, -5], "high": [7, 1], "clear": [True, False]})
    >>> gap_chart(frame, language=language("en"), title="More deals").height
    36
    """
    look = Look(language)
    rows = rows_of(frame, "label", "against", "value", "low", "high", "clear", chart="gap_chart")
    parts, there = (distinct(row[name] for row in rows) for name in ("label", "against"))
    colour = dict(zip(sides or there, SEQUENCE, strict=False))
    shown = [side for side in colour if side in there]
    names = dict(zip(parts, labels_for(parts, look, letters=40), strict=True))
    drawn = [{**row, "label": names[row["label"]]} for row in rows]
    unit = amount_unit(look, currency=currency, largest=largest(rows, "value", "low", "high"))
    colours = alt.Scale(domain=shown, range=[colour[side] for side in shown])
    base = plot(drawn).encode(
        y=category_y("label", list(names.values()), look),
        yOffset=alt.YOffset("against:N", sort=None, scale=alt.Scale(domain=shown)),
        color=alt.Color("against:N", scale=colours, legend=None),
        opacity=alt.OpacityValue(_FAINT, condition={"test": "datum.clear", "value": 1}),
    )
    x = amount_x("value", unit, look, mirrored=False)
    layers = [
        plot([{"zero": 0}], name="zero").mark_rule(color=TARGET).encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        base.mark_point(size=45, filled=True).encode(x=x),
    ]
    keys: list[Key] = [(side, colour[side], "circle") for side in shown]
    if not all(row["clear"] for row in drawn):
        keys.append((language.text("Pale: luck alone may do this"), PEERS, "circle"))
    height = len(parts) * (6 + _APART * len(shown))
    return finish(layers, look, title=title, keys=keys, height=height)
