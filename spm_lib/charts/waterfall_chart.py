"""From one amount to another: what was added and what was taken off in between."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import amount_text, isolate, labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of
from spm_lib.charts.theme import LOST, MUTED, OPEN, SEQUENCE, WON, Look
from spm_lib.core.language import Language

Kind = Literal["total", "more", "less", "won", "lost"]
COLOURS = {"total": OPEN, "more": SEQUENCE[2], "less": SEQUENCE[1], "won": WON, "lost": LOST}
_NAMES = {
    "total": "Open pipeline",
    "more": "Came in",
    "less": "Went out",
    "won": "Won",
    "lost": "Lost",
}


def waterfall_chart(
    frame: Any, *, language: Language, title: str, currency: str | None = None
) -> alt.LayerChart:
    """Draw bars that go on where the one before ended, from a first total to a last one.

    Parameters
    ----------
    frame
        One row per bar, in order: label, value (signed; null: not known), kind ("total" for the
        first and the last bar, "more", "less", "won", "lost").
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts, in minor units; none means deals are counted.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame(
    ...     {"label": ["A", "New", "B"], "value": [3, 2, 5], "kind": ["total", "more", "total"]}
    ... )
    >>> waterfall_chart(frame, language=language("en"), title="Two more").height
    78
    """
    look = Look(language)
    rows = rows_of(frame, "label", "value", "kind", chart="waterfall_chart")
    names = labels_for([row["label"] for row in rows], look)
    drawn = _placed(rows, names, look, currency)
    ends = [abs(end) for row in drawn for end in (row["low"], row["high"])]
    unit = amount_unit(look, currency=currency, largest=max(ends, default=None))
    y = category_y("label", names, look)
    kinds = distinct(row["kind"] for row in rows)
    scale = alt.Scale(domain=kinds, range=[COLOURS[kind] for kind in kinds])
    base = plot(drawn).encode(y=y)
    bars = base.mark_bar(size=16).encode(
        x=amount_x("low", unit, look),
        x2=alt.X2("high:Q"),
        color=alt.Color("kind:N", scale=scale, legend=None),
    )
    words = beside(base.encode(x=amount_x("high", unit, look)), look).encode(
        text=alt.Text("text:N")
    )
    keys: list[Key] = [(language.text(_NAMES[kind]), COLOURS[kind], "square") for kind in kinds]
    levels = plot(drawn[:-1], name="levels").encode(y=y, x=amount_x("level", unit, look))
    bridges = levels.mark_tick(color=MUTED, thickness=1, size=26)
    return finish([bridges, bars, words], look, title=title, keys=keys, height=26 * len(rows))


def _placed(rows: list[Row], names: list[str], look: Look, currency: str | None) -> list[Row]:
    """Return each bar with the ends it lies between; a total starts from nothing."""
    level, placed = 0, []
    for row, name in zip(rows, names, strict=True):
        value = row["value"]
        start = 0 if row["kind"] == "total" else level
        level = level if value is None else start + value
        told = isolate(look.language.text("not known"), look)
        placed.append(
            {
                "label": name,
                "kind": row["kind"],
                "low": min(start, level) if value is not None else level,
                "high": max(start, level),
                "level": level,
                "text": told if value is None else amount_text(value, look, currency),
            }
        )
    return placed
