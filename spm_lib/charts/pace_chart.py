"""What is needed week by week, and how many working days each week has."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_y, largest, time_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import isolate
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of
from spm_lib.charts.theme import INK, OPEN, SEQUENCE, Look
from spm_lib.core.language import Language

_KINDS = {True: SEQUENCE[1], False: OPEN}


def pace_chart(frame: Any, *, language: Language, title: str, currency: str) -> alt.LayerChart:
    """Draw a bar per week, with its working days above; weeks with a holiday stand out.

    Parameters
    ----------
    frame
        One row per week: week (its first day), needed (minor units), working_days, free_days
        (public holidays that fall on working days).
    language
        Language of the labels.
    title
        The finding.
    currency
        Currency of the amounts.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame({"week": [date(2026, 9, 20)], "needed": [500_000],
    ...     "working_days": [4], "free_days": [1]})
    >>> pace_chart(frame, language=language("en"), title="One week", currency="ILS").height
    230
    """
    look = Look(language)
    rows = rows_of(frame, "week", "needed", "working_days", "free_days", chart="pace_chart")
    unit = amount_unit(look, currency=currency, largest=largest(rows, "needed"))
    drawn = [{**row, "short": row["free_days"] > 0, "text": _days(row, look)} for row in rows]
    base = plot(drawn).encode(
        x=time_x("week", distinct(row["week"] for row in rows), look),
        y=amount_y("needed", unit, look),
    )
    scale = alt.Scale(domain=[True, False], range=[_KINDS[True], _KINDS[False]])
    bars = base.mark_bar().encode(color=alt.Color("short:N", scale=scale, legend=None))
    words = base.mark_text(dy=-7, color=INK, fontSize=11).encode(text=alt.Text("text:N"))
    text = language.text
    keys: list[Key] = [(text("Needed in the week"), _KINDS[False], "square")]
    if any(row["short"] for row in drawn):
        keys.append((text("A week with a holiday"), _KINDS[True], "square"))
    told = text("Above each bar: working days")
    return finish([bars, words], look, title=title, keys=keys, subtitle=told)


def _days(row: Row, look: Look) -> str:
    return isolate(look.language.number(row["working_days"]), look)
