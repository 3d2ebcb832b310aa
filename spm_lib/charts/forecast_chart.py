"""What was booked, and what is likely to be."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import Unit, amount_unit, amount_y, largest, time_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.fan import FAN_COLUMNS, NARROW, WIDE
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of, time_column
from spm_lib.charts.target_ticks import has_target, target_ticks
from spm_lib.charts.theme import TARGET, WON, Look
from spm_lib.core.language import Language


def forecast_chart(
    history: Any,
    forecast: Any,
    *,
    language: Language,
    title: str,
    currency: str | None = None,
) -> alt.LayerChart:
    """Draw past periods as bars, and each coming one as its median in two bands.

    Parameters
    ----------
    history
        One row per period: month (or quarter), value (deals, or minor units with
        `currency`), target (optional).
    forecast
        One row per coming period: the same period column, p10, p25, p50, p75, p90 (as
        value), target (optional).
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
    >>> from datetime import date
    >>> from spm_lib.core.language import language
    >>> past = pl.DataFrame({"month": [date(2026, 1, 1)], "value": [40]})
    >>> to_come = pl.DataFrame({"month": [date(2026, 2, 1)], "p10": [20], "p25": [30],
    ...     "p50": [38], "p75": [45], "p90": [60]})
    >>> forecast_chart(past, to_come, language=language("en"), title="Flat").width
    560
    """
    look = Look(language)
    past = rows_of(history, "value", chart="forecast_chart")
    coming = rows_of(forecast, *FAN_COLUMNS, chart="forecast_chart")
    grain = time_column(past or coming, chart="forecast_chart")
    rows = past + coming
    unit = amount_unit(look, currency=currency, largest=largest(rows, "value", "p90", "target"))
    x = time_x(grain, distinct(row[grain] for row in rows), look)
    layers = [_bars(past, x, unit, look), *_ranges(coming, x)]
    text = language.text
    keys: list[Key] = [
        (text("Booked"), WON, "square"),
        (text("Median forecast"), WON, "stroke"),
        (text("50% of outcomes"), NARROW, "square"),
        (text("80% of outcomes"), WIDE, "square"),
    ]
    if has_target(rows):
        layers.append(target_ticks(rows, x))
        keys.append((text("Target"), TARGET, "stroke"))
    return finish(layers, look, title=title, keys=keys)


def _bars(rows: list[Row], x: alt.X, unit: Unit, look: Look) -> alt.Chart:
    return plot(rows).mark_bar(color=WON).encode(x=x, y=amount_y("value", unit, look))


def _ranges(rows: list[Row], x: alt.X) -> list[alt.Chart]:
    base = plot(rows, name="forecast").encode(x=x)
    wide, narrow = alt.RelativeBandSize(band=0.5), alt.RelativeBandSize(band=0.8)
    return [
        base.mark_bar(color=WIDE, width=wide).encode(y=alt.Y("p10:Q"), y2=alt.Y2("p90:Q")),
        base.mark_bar(color=NARROW, width=narrow).encode(y=alt.Y("p25:Q"), y2=alt.Y2("p75:Q")),
        base.mark_tick(color=WON, thickness=2, orient="horizontal", width=narrow).encode(
            y=alt.Y("p50:Q")
        ),
    ]
