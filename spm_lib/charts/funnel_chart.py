"""The stage funnel: how many deals entered each stage, and what became of them."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import isolate, labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import LOST, OPEN, UNKNOWN, WON, Look
from spm_lib.core.language import Language

_FATES = (("advanced", WON), ("open", OPEN), ("lost", LOST), ("lost_unknown", UNKNOWN))


def funnel_chart(frame: Any, *, language: Language, title: str) -> alt.LayerChart:
    """Draw one bar per stage, split into advanced, still open and lost.

    Parameters
    ----------
    frame
        One row per stage, in order: stage, entered, advanced, open, lost (deals); value
        (share that advanced, ratio, null if none entered) is written at the bar if there;
        lost_unknown (how many of the lost are only counted here, as their stage is not known) is
        drawn apart if there.
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
    >>> frame = pl.DataFrame(
    ...     {"stage": ["Lead"], "entered": [9], "advanced": [5], "open": [1], "lost": [3]}
    ... )
    >>> funnel_chart(frame, language=language("en"), title="Five of nine advance").title.text
    ['Five of nine advance']
    """
    look = Look(language)
    rows = rows_of(frame, "stage", "entered", "advanced", "open", "lost", chart="funnel_chart")
    names = labels_for([row["stage"] for row in rows], look)
    unit = amount_unit(look, currency=None, largest=None)
    stage, amount = category_y("label", names, look), amount_x("count", unit, look)
    bars = (
        plot(_split(rows, names))
        .mark_bar(size=20)
        .encode(y=stage, x=amount, order=alt.Order("order:Q"), color=_fate_colours())
    )
    totals = plot(_totals(rows, names, look), name="totals")
    words = beside(totals, look).encode(y=stage, x=alt.X("entered:Q"), text=alt.Text("text:N"))
    text = language.text
    fates: tuple[tuple[str, Key], ...] = (
        ("advanced", (text("Advanced"), WON, "square")),
        ("open", (text("Still open"), OPEN, "square")),
        ("lost", (text("Lost"), LOST, "square")),
        ("lost_unknown", (text("Lost, stage not known"), UNKNOWN, "square")),
    )
    keys = [key for fate, key in fates if any(row.get(fate) for row in rows)]
    return finish(
        [bars, words],
        look,
        title=title,
        subtitle=text("At each bar: deals that entered, and the share that advanced")
        if any(row.get("value") is not None for row in rows)
        else text("At each bar: deals that entered"),
        keys=keys,
        height=34 * max(len(rows), 1),
    )


def _fate_colours() -> alt.Color:
    names, colours = zip(*_FATES, strict=True)
    return alt.Color(
        "fate:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colours))
    )


def _split(rows: list[Row], names: list[str]) -> list[Row]:
    return [
        {"label": name, "fate": fate, "count": _count(row, fate), "order": order}
        for row, name in zip(rows, names, strict=True)
        for order, (fate, _) in enumerate(_FATES)
        if fate in row
    ]


def _count(row: Row, fate: str) -> int:
    return row[fate] - (row.get("lost_unknown") or 0) if fate == "lost" else row[fate]


def _totals(rows: list[Row], names: list[str], look: Look) -> list[Row]:
    return [
        {"label": name, "entered": row["entered"], "text": _told(row, look)}
        for row, name in zip(rows, names, strict=True)
    ]


def _told(row: Row, look: Look) -> str:
    write, rate = look.language, row.get("value")
    share = "" if rate is None else f" · {write.percent(rate, 0)}"
    return isolate(write.number(row["entered"]) + share, look)
