"""The way to the target, month by month, added up."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_y, largest, time_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.fan import FAN_COLUMNS, fan_keys, fan_layers
from spm_lib.charts.rows import distinct, rows_of, time_column
from spm_lib.charts.theme import TARGET, Look
from spm_lib.core.language import Language


def path_chart(
    frame: Any,
    *,
    language: Language,
    title: str,
    currency: str | None = None,
    width: int | None = None,
) -> alt.LayerChart:
    """Draw cumulative bookings as bands around a median, and the path of the target.

    The rows are named "rows", so that a live view can replace them.

    Parameters
    ----------
    frame
        One row per period: month, p10, p25, p50, p75, p90 and target, all cumulative (deals,
        or minor units with `currency`).
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts; none means deals are counted.
    width
        Width of the plot in pixels, if it is not for a page.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"month": [date(2026, 1, 1)], "p10": [2], "p25": [3], "p50": [4],
    ...     "p75": [5], "p90": [6], "target": [5]})
    >>> path_chart(frame, language=language("en"), title="On the way").height
    230
    """
    look = Look(language, width) if width else Look(language)
    rows = rows_of(frame, *FAN_COLUMNS, "target", chart="path_chart")
    grain = time_column(rows, chart="path_chart")
    unit = amount_unit(look, currency=currency, largest=largest(rows, "p90", "target"))
    base = plot(rows).encode(x=time_x(grain, distinct(row[grain] for row in rows), look))
    goal = base.mark_line(color=TARGET, strokeDash=[5, 4], strokeWidth=2).encode(
        y=alt.Y("target:Q")
    )
    keys = [*fan_keys(look), (language.text("Target"), TARGET, "stroke")]
    layers = [*fan_layers(base, amount_y("p50", unit, look)), goal]
    return finish(layers, look, title=title, keys=keys)
