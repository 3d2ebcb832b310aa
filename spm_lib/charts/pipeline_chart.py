"""Open deals by stage, at one date or over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from spm_lib.charts.axes import Unit, amount_unit, amount_x, amount_y, category_y, largest, time_x
from spm_lib.charts.drawing import beside, finish, plot
from spm_lib.charts.labels import amount_text, labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import GRAINS, Row, distinct, rows_of, time_column
from spm_lib.charts.theme import Look, shades
from spm_lib.core.language import Language


def pipeline_chart(
    frame: Any, *, language: Language, title: str, currency: str | None = None
) -> alt.LayerChart:
    """Draw the open pipeline: one bar per stage, or stages stacked over time.

    Parameters
    ----------
    frame
        One row per stage, in order, or per period and stage: stage, value (deals, or minor
        units with `currency`), month (or another grain) where it goes over time.
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
    >>> frame = pl.DataFrame({"stage": ["Lead", "Proposal"], "value": [30, 12]})
    >>> pipeline_chart(frame, language=language("en"), title="Most deals are leads").height
    60
    """
    look = Look(language)
    rows = rows_of(frame, "stage", "value", chart="pipeline_chart")
    stages = distinct(row["stage"] for row in rows)
    if rows and any(grain in rows[0] for grain in GRAINS):
        return _over_time(rows, stages, look, title=title, currency=currency)
    names = labels_for(stages, look)
    unit = amount_unit(look, currency=currency, largest=largest(rows, "value"))
    drawn = [
        {"label": name, "value": row["value"], "text": amount_text(row["value"], look, currency)}
        for row, name in zip(rows, names, strict=True)
    ]
    base = plot(drawn).encode(y=category_y("label", names, look), x=amount_x("value", unit, look))
    bars = base.mark_bar(size=18).encode(color=_stage_colours("label", names))
    words = beside(base, look).encode(text=alt.Text("text:N"))
    return finish([bars, words], look, title=title, height=30 * len(rows))


def _over_time(
    rows: list[Row], stages: list[Any], look: Look, *, title: str, currency: str | None
) -> alt.LayerChart:
    grain = time_column(rows, chart="pipeline_chart")
    names = labels_for(stages, look)
    starts = distinct(row[grain] for row in rows)
    unit = amount_unit(look, currency=currency, largest=_tallest(rows, grain))
    drawn = [{**row, "order": stages.index(row["stage"])} for row in rows]
    drawn = [{**row, "stage": names[row["order"]]} for row in drawn]
    bars = _stacks(drawn, grain, starts, unit, look, names)
    keys: list[Key] = [
        (name, colour, "square") for name, colour in zip(names, shades(len(names)), strict=True)
    ]
    return finish([bars], look, title=title, keys=keys)


def _stacks(
    rows: list[Row], grain: str, starts: list[str], unit: Unit, look: Look, names: list[str]
) -> alt.Chart:
    return (
        plot(rows)
        .mark_bar()
        .encode(
            x=time_x(grain, starts, look),
            y=amount_y("value", unit, look),
            order=alt.Order("order:Q"),
            color=_stage_colours("stage", names),
        )
    )


def _stage_colours(field: str, names: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=shades(len(names)))
    return alt.Color(f"{field}:N", legend=None, scale=scale)


def _tallest(rows: list[Row], grain: str) -> float:
    sums: dict[str, float] = {}
    for row in rows:
        sums[row[grain]] = sums.get(row[grain], 0) + (row["value"] or 0)
    return max(sums.values(), default=0)
