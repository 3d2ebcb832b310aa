"""Won and lost, period by period, with the target where there is one."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import Unit, amount_unit, amount_y, largest, time_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of, time_column
from spm_lib.charts.target_ticks import has_target, target_ticks
from spm_lib.charts.theme import LOST, TARGET, WON, Look
from spm_lib.core.language import Language


def monthly_chart(
    frame: Any, *, language: Language, title: str, currency: str | None = None
) -> alt.LayerChart:
    """Draw won and lost side by side per period, and the target as a step over them.

    Parameters
    ----------
    frame
        One row per period: month (or day, week, quarter, year; start of it), won, lost
        (deals, or minor units with `currency`), target if there is one. Without lost, won is what
        was sold.
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
    >>> frame = pl.DataFrame({"month": [date(2026, 1, 1)], "won": [4], "lost": [6]})
    >>> monthly_chart(frame, language=language("en"), title="A slow start").width
    560
    """
    look = Look(language)
    rows = rows_of(frame, "won", chart="monthly_chart")
    fates = [fate for fate in ("won", "lost") if all(fate in row for row in rows)]
    grain = time_column(rows, chart="monthly_chart")
    starts = distinct(row[grain] for row in rows)
    unit = amount_unit(look, currency=currency, largest=largest(rows, *fates, "target"))
    pairs = [{grain: r[grain], "fate": f, "value": r[f]} for r in rows for f in fates]
    layers = [_bars(pairs, fates, time_x(grain, starts, look), unit, look)]
    text = language.text
    keys: list[Key] = [(text("Won"), WON, "square"), (text("Lost"), LOST, "square")]
    if "lost" not in fates:
        keys = [(text("Sold"), WON, "square")]
    if has_target(rows):
        layers.append(target_ticks(rows, time_x(grain, starts, look)))
        keys.append((text("Target"), TARGET, "stroke"))
    return finish(layers, look, title=title, keys=keys)


def _bars(pairs: list[Row], fates: list[str], time: alt.X, unit: Unit, look: Look) -> alt.Chart:
    colours = alt.Scale(domain=["won", "lost"], range=[WON, LOST])
    return (
        plot(pairs)
        .mark_bar()
        .encode(
            x=time,
            xOffset=alt.XOffset("fate:N", scale=alt.Scale(domain=fates, paddingInner=0)),
            y=amount_y("value", unit, look),
            color=alt.Color("fate:N", scale=colours, legend=None),
        )
    )
