"""SQL over raw frames."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl
from polars.exceptions import PolarsError

from spm_lib.core.errors import SourceError

_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_INNERMOST = re.compile(r"\([^()]*\)")
_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)


def run_query(
    query: str, frames: Mapping[str, pl.DataFrame], *, place: str = "query"
) -> pl.DataFrame:
    """Return the result of a query over frames by their names.

    Joins, CASE, UNION, CTEs and ``date + interval '7 days'`` work; ``_file`` and ``_row`` of raw
    frames may be selected. Joins and unions give their rows in any order, another one each time:
    without an ``order by`` of the whole they are sorted by their columns, so that the same files
    give the same rows.

    Raises
    ------
    SourceError
        If the query cannot be run; its place, the words of the engine and the names there are.

    Examples
    --------
    >>> quota = pl.DataFrame({"rep": ["7"], "day": ["2010-12-29 00:00:00"]})
    >>> run_query(
    ...     "select rep, cast(day as timestamp) + interval '2376 days' as day from quota",
    ...     {"quota": quota},
    ... ).rows()
    [('7', datetime.datetime(2017, 7, 1, 0, 0))]
    """
    try:
        with pl.SQLContext(frames=dict(frames), eager=True) as context:
            found = context.execute(query)
        return found if is_ordered(query) else found.sort(found.columns)
    except (PolarsError, pl.exceptions.SQLInterfaceError) as error:
        raise SourceError(
            f"The query of {place} cannot be run.",
            found=str(error).splitlines()[0],
            do=f"Correct it; it may use {_described(frames)}",
        ) from None


def is_ordered(query: str) -> bool:
    """Say whether a query orders its result as a whole, and not a part of it only.

    Examples
    --------
    >>> is_ordered("select a from t order by a")
    True
    >>> is_ordered("(select a from t order by a) limit 2")
    True
    >>> is_ordered("select 'order by', row_number() over (order by a) from t")
    False
    """
    outer = _QUOTED.sub(" ", query).lstrip(" (\t\n\r")  # a whole in brackets is the whole
    while (shorter := _INNERMOST.sub(" ", outer)) != outer:
        outer = shorter
    return _ORDERED.search(outer) is not None


def _described(frames: Mapping[str, pl.DataFrame]) -> str:
    if not frames:
        return "no raw frame: none is defined"
    return "; ".join(f"{name} ({', '.join(frame.columns)})" for name, frame in frames.items())
