"""Why deals are lost."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y, largest
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import amount_text, labels_for
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import LOST, Look
from spm_lib.core.language import Language


def lost_reasons_chart(
    frame: Any, *, language: Language, title: str, currency: str | None = None
) -> alt.LayerChart:
    """Draw one bar per reason, in the order given.

    Parameters
    ----------
    frame
        One row per reason: lost_reason (null: none was recorded), value (deals, or minor
        units with `currency`).
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts; none means deals are counted.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"lost_reason": ["Price", None], "value": [12, 3]})
    >>> lost_reasons_chart(frame, language=language("en"), title="Price loses most").height
    52
    """
    look = Look(language)
    rows = rows_of(frame, "lost_reason", "value", chart="lost_reasons_chart")
    unknown = language.text("No reason recorded")
    names = labels_for([row["lost_reason"] or unknown for row in rows], look)
    drawn = [
        {"label": name, "value": row["value"], "text": amount_text(row["value"], look, currency)}
        for row, name in zip(rows, names, strict=True)
    ]
    unit = amount_unit(
        look, currency=currency, largest=largest(rows, "value"), counted="Lost deals"
    )
    base = plot(drawn).encode(y=category_y("label", names, look), x=amount_x("value", unit, look))
    texts = beside(base, look).encode(text=alt.Text("text:N"))
    return finish(
        [base.mark_bar(color=LOST, size=16), texts],
        look,
        title=title,
        height=26 * max(len(rows), 1),
    )
