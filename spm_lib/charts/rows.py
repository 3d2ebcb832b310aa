"""The border of the room: a frame of any kind becomes plain rows that a chart can carry."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw

from spm_lib.core.errors import DataError

Row = dict[str, Any]
GRAINS = ("day", "week", "month", "quarter", "year")


def rows_of(frame: Any, *needed: str, chart: str) -> list[Row]:
    """Turn a polars or pandas frame into rows of JSON values, after checking its columns.

    Parameters
    ----------
    frame
        Any eager frame; never changed.
    *needed
        Columns the chart cannot do without.
    chart
        The chart's name, for the message.

    Returns
    -------
    list[Row]
        Dates as ISO text, not-a-number as null.

    Raises
    ------
    DataError
        If a needed column is missing.

    Examples
    --------
    >>> import polars as pl
    >>> rows_of(pl.DataFrame({"n": [1, None]}), "n", chart="demo_chart")
    [{'n': 1}, {'n': None}]
    """
    table = nw.from_native(frame, eager_only=True)
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise DataError(
            f"{chart} needs the columns {', '.join(needed)}; missing: {', '.join(missing)}.",
            found=", ".join(table.columns),
            do="Pass the frame of the metric, or rename its columns",
        )
    return [{k: _plain(v) for k, v in row.items()} for row in table.iter_rows(named=True)]


def time_column(rows: list[Row], *, chart: str) -> str:
    """Find the column that holds the start of each row's period.

    Raises
    ------
    DataError
        If there is none of day, week, month, quarter, year.

    Examples
    --------
    >>> time_column([{"month": "2026-01-01", "value": 3}], chart="demo_chart")
    'month'
    """
    columns = rows[0].keys() if rows else GRAINS[2:3]
    for grain in GRAINS:
        if grain in columns:
            return grain
    raise DataError(
        f"{chart} needs a column of period starts ({', '.join(GRAINS)}).",
        found=", ".join(columns),
        do="Ask the metric by month, or name the column so",
    )


def distinct(values: Iterable[Any]) -> list[Any]:
    """Return values once each, in the order in which they first appear.

    Examples
    --------
    >>> distinct("abca")
    ['a', 'b', 'c']
    """
    return list(dict.fromkeys(values))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    item = getattr(value, "item", None)  # a NumPy scalar, from a pandas frame
    return item() if item else value
