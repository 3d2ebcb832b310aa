"""What each person is asked for, beside what the person sold."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import amount_unit, amount_x, category_y, largest
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import rows_of
from spm_lib.charts.theme import OPEN, TARGET, Look
from spm_lib.core.language import Language


def targets_chart(
    frame: Any, *, language: Language, title: str, currency: str | None = None
) -> alt.LayerChart:
    """Draw a bar of each person's past result, and the target as a line across it.

    Parameters
    ----------
    frame
        One row per person, in order: label, target, last_year (deals, or minor units with
        `currency`; null: nothing is known).
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
    >>> frame = pl.DataFrame({"label": ["Noa"], "target": [12], "last_year": [10]})
    >>> targets_chart(frame, language=language("en"), title="Two more").height
    22
    """
    look = Look(language)
    rows = rows_of(frame, "label", "target", "last_year", chart="targets_chart")
    names = labels_for([row["label"] for row in rows], look, letters=40)
    drawn = [{**row, "label": name} for row, name in zip(rows, names, strict=True)]
    unit = amount_unit(look, currency=currency, largest=largest(rows, "target", "last_year"))
    base = plot(drawn).encode(y=category_y("label", names, look))
    tall = alt.RelativeBandSize(band=0.85)
    layers = [
        base.mark_bar(size=12, color=OPEN).encode(x=amount_x("last_year", unit, look)),
        base.mark_tick(color=TARGET, thickness=2.5, orient="vertical", height=tall).encode(
            x=alt.X("target:Q")
        ),
    ]
    keys: list[Key] = [
        (language.text("Result of the past year"), OPEN, "square"),
        (language.text("Target"), TARGET, "stroke"),
    ]
    return finish(layers, look, title=title, keys=keys, height=22 * len(rows))
