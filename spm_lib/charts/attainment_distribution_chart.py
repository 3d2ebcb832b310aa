"""How likely each level of target attainment is."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import share_x, share_y
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import INK, OPEN, TARGET, WON, Look
from spm_lib.core.language import Language

_BESIDE: dict[str, Any] = {"fontSize": 10, "baseline": "top", "dx": 4, "align": "left"}
_BELOW = "3 + 12 * (datum.place - 1)"  # one line of words for each: near ones stay apart


def attainment_distribution_chart(
    frame: Any,
    quantiles: Any,
    *,
    language: Language,
    title: str,
    width: int | None = None,
) -> alt.LayerChart:
    """Draw the share of scenarios at each attainment; those that reach the target stand out.

    The bars are named "rows" and the quantiles "quantiles", for a live view to replace; the axis
    reaches as far as they do, and to the target.

    Parameters
    ----------
    frame
        One row per bar: low, high (edges, attainment as a ratio), value (share of scenarios).
    quantiles
        One row per marked quantile: label (P10), value (attainment as a ratio).
    language
        Language of the labels.
    title
        The finding.
    width
        Width of the plot in pixels, if it is not for a page.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> bars = pl.DataFrame({"low": [0.8, 1.0], "high": [1.0, 1.2], "value": [0.7, 0.3]})
    >>> marks = pl.DataFrame({"label": ["P50"], "value": [0.93]})
    >>> attainment_distribution_chart(
    ...     bars, marks, language=language("en"), title="Three in ten reach it"
    ... ).height
    230
    """
    look = Look(language, width) if width else Look(language)
    rows = rows_of(frame, "low", "high", "value", chart="attainment_distribution_chart")
    marks = rows_of(quantiles, "label", "value", chart="attainment_distribution_chart")
    text = language.text
    reached = alt.ColorValue(OPEN, condition={"test": "datum.low >= 0.999", "value": WON})
    reach = {"zero": False, "nice": False} if rows else {"domain": [0, 2]}
    x = share_x("low", text("Attainment of the target"), look, moves=True, **reach)
    bars = (
        plot(rows)
        .mark_rect(stroke="white")
        .encode(
            x=x,
            x2=alt.X2("high:Q"),
            color=reached,
            y=share_y("value", text("Share of scenarios"), look),
            y2=alt.Y2Datum(0),
        )
    )
    goal = plot([{"value": 1.0}], name="goal").mark_rule(color=TARGET, strokeWidth=2)
    keys: list[Key] = [
        (text("Reaches the target"), WON, "square"),
        (text("Falls short"), OPEN, "square"),
        (text("Target"), TARGET, "stroke"),
    ]
    layers = [bars, goal.encode(x=alt.X("value:Q")), *_quantile_marks(marks)]
    return finish(layers, look, title=title, keys=keys)


def _quantile_marks(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    base = plot(rows, name="quantiles").encode(x=alt.X("value:Q"))
    words = base.transform_window(place="row_number()").encode(
        y=alt.YValue(0), text=alt.Text("label:N")
    )
    halo = words.mark_text(**_BESIDE, dy=alt.ExprRef(_BELOW), stroke="white", strokeWidth=4)
    return [
        base.mark_rule(color=INK, strokeDash=[3, 3]),
        halo,
        words.mark_text(**_BESIDE, dy=alt.ExprRef(_BELOW), color=INK),
    ]
