"""What a person is paid by attainment: a plan's curve, and another one's beside it."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_y, largest, share_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import PEERS, TARGET, WON, Look
from spm_lib.core.language import Language


def pay_curve_chart(
    frame: Any,
    *,
    language: Language,
    title: str,
    currency: str,
    width: int | None = None,
) -> alt.LayerChart:
    """Draw pay by attainment under two plans, and the line of 100 %.

    The rows are named "rows", so that a live view can replace them.

    Parameters
    ----------
    frame
        One row per attainment: attainment (ratio), old and new (pay of a pay period in minor
        units; null: no point).
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts.
    width
        Width of the plot in pixels, if it is not for a page.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"attainment": [0.0, 1.0], "old": [0, 400_000], "new": [0, 500_000]})
    >>> pay_curve_chart(frame, language=language("en"), title="Pay", currency="ILS").height
    230
    """
    look = Look(language, width) if width else Look(language)
    rows = rows_of(frame, "attainment", "old", "new", chart="pay_curve_chart")
    unit = amount_unit(look, currency=currency, largest=largest(rows, "old", "new"))
    text, most = language.text, max((row["attainment"] for row in rows), default=1)
    base = plot(rows).encode(
        x=share_x("attainment", text("Attainment of the quota"), look, domain=[0, most], nice=False)
    )
    whole = plot([{"attainment": 1}], name="whole").mark_rule(color=TARGET, strokeDash=[2, 3])
    layers = [
        whole.encode(x=alt.X("attainment:Q")),
        base.mark_line(color=PEERS, strokeWidth=3).encode(y=amount_y("old", unit, look)),
        base.mark_line(color=WON, strokeWidth=2).encode(y=alt.Y("new:Q")),
    ]
    keys: list[Key] = [
        (text("Plan beside it"), PEERS, "stroke"),
        (text("As the sliders stand"), WON, "stroke"),
    ]
    return finish(layers, look, title=title, keys=keys)
