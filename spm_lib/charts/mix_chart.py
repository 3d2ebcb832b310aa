"""What each person's deals are made of."""

from __future__ import annotations

from typing import Any

import altair as alt

from spm_lib.charts.axes import category_y, share_x
from spm_lib.charts.drawing import finish, plot
from spm_lib.charts.labels import labels_for
from spm_lib.charts.legend import Key
from spm_lib.charts.rows import Row, distinct, rows_of
from spm_lib.charts.theme import SEQUENCE, Look
from spm_lib.core.language import Language


def mix_chart(
    frame: Any, *, language: Language, title: str, axis: str | None = None
) -> alt.LayerChart:
    """Draw one bar of 100 % per person or team, split into its parts.

    Parameters
    ----------
    frame
        One row per bar and part, in order: label (person or team), part (segment, source),
        value (share, ratio), id (optional: tells people of one name apart).
    language
        Language of the labels.
    title
        The finding.
    axis
        What the share is of; "Share of deals" if not given.

    Returns
    -------
    alt.LayerChart

    Examples
    --------
    >>> import polars as pl
    >>> from spm_lib.core.language import language
    >>> frame = pl.DataFrame(
    ...     {"label": ["Noa", "Noa"], "part": ["Small", "Large"], "value": [0.7, 0.3]}
    ... )
    >>> mix_chart(frame, language=language("en"), title="Mostly small").height
    20
    """
    look = Look(language)
    rows = rows_of(frame, "label", "part", "value", chart="mix_chart")
    people = {_key(row): row["label"] for row in rows}
    parts = distinct(row["part"] for row in rows)
    names = dict(zip(people, labels_for(list(people.values()), look), strict=True))
    told = dict(zip(parts, labels_for(parts, look), strict=True))
    colours = [SEQUENCE[i % len(SEQUENCE)] for i in range(len(parts))]
    drawn = [_placed(row, names, told, parts) for row in rows]
    bars = (
        plot(drawn)
        .mark_bar(size=15)
        .encode(
            y=category_y("label", list(names.values()), look),
            x=share_x(
                "value",
                axis or language.text("Share of deals"),
                look,
                reverse=look.right_to_left,
                domain=[0, 1],
            ),
            order=alt.Order("order:Q"),
            color=alt.Color(
                "part:N", legend=None, scale=alt.Scale(domain=list(told.values()), range=colours)
            ),
        )
    )
    keys: list[Key] = [(n, c, "square") for n, c in zip(told.values(), colours, strict=True)]
    return finish([bars], look, title=title, keys=keys, height=20 * len(people))


def _key(row: Row) -> Any:
    return row.get("id", row["label"])


def _placed(row: Row, names: dict[Any, str], told: dict[Any, str], parts: list[Any]) -> Row:
    return {
        "label": names[_key(row)],
        "part": told[row["part"]],
        "value": row["value"],
        "order": parts.index(row["part"]),
    }
