"""How wrong each forecasting method has been so far."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import isolate, labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, rows_of
from spm_lib.charts.theme import PEERS, WON, Look
from spm_lib.core.bidi import LRI, PDI
from spm_lib.core.language import Language


def track_record_chart(frame: Any, *, language: Language, title: str) -> alt.LayerChart:
    """Draw one bar of error per method; the one in use stands out.

    Parameters
    ----------
    frame
        One row per method, in order: label, wape (sum of absolute errors / sum of actuals,
        ratio), bias (signed, ratio, optional), n (past periods it was tried on, optional), chosen
        (bool, optional).
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
    >>> frame = pl.DataFrame({"label": ["Run rate"], "wape": [0.21], "bias": [-0.04]})
    >>> track_record_chart(frame, language=language("en"), title="A fifth off").height
    30
    """
    look = Look(language)
    rows = rows_of(frame, "label", "wape", chart="track_record_chart")
    names = labels_for([row["label"] for row in rows], look, letters=40)
    drawn = [
        {**row, "label": name, "text": _told(row, look), "chosen": row.get("chosen") is True}
        for row, name in zip(rows, names, strict=True)
    ]
    axis = language.text("Error as a share of actual bookings (WAPE)")
    base = plot(drawn).encode(
        y=category_y("label", names, look),
        x=share_x("wape", axis, look, reverse=look.right_to_left),
    )
    scale = alt.Scale(domain=[True, False], range=[WON, PEERS])
    bars = base.mark_bar(size=16).encode(color=alt.Color("chosen:N", scale=scale, legend=None))
    words = beside(base, look).encode(text=alt.Text("text:N"))
    keys: list[Key] = [
        (language.text("Method in use"), WON, "square"),
        (language.text("Other methods"), PEERS, "square"),
    ]
    chosen = any(row["chosen"] for row in drawn)
    return finish(
        [bars, words], look, title=title, keys=keys if chosen else [], height=30 * len(rows)
    )


def _told(row: Row, look: Look) -> str:
    write = look.language
    error, more = write.percent(row["wape"], 0), []
    if row.get("bias") is not None:
        more.append(write.text("bias {bias}", bias=_signed(row["bias"], look)))
    if row.get("n") is not None:
        more.append(isolate(write.text("n = {n}", n=write.number(row["n"])), look))
    return isolate(f"{error} ({', '.join(more)})" if more else error, look)


def _signed(share: float, look: Look) -> str:
    told = look.language.percent(share, 0)
    if share <= 0:
        return told
    return f"{LRI}+{told}{PDI}" if look.right_to_left else f"+{told}"
