"""What of a row is known from its creation on: declared by the client, never taken for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spm_lib.model.kept import kept_names

OF_A_DEAL = ("account_id", "product_id", "source", "campaign", "type", "discount")
FILLED_LATER = ("next_step", "forecast_category", "lost_reason")
DECLARABLE = {"opportunities": OF_A_DEAL, "leads": ("source", "rep_id")}
HIDDEN = {"opportunities": (*OF_A_DEAL, *FILLED_LATER), "leads": ("source",)}


def known_columns(
    declared: Mapping[str, Sequence[str]], kept: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """Return, per table, the columns whose values are known from a row's creation on.

    ``declared`` names canonical columns, and kept ones as the source calls them.

    Examples
    --------
    >>> known = known_columns({"leads": ["source", "month"]}, {"leads": ["month", "Status"]})
    >>> sorted(known["leads"])
    ['month_kept', 'source']
    """
    found: dict[str, frozenset[str]] = {}
    for table, columns in declared.items():
        names = kept_names(kept.get(table, ()), table=table)
        found[table] = frozenset(names.get(column, column) for column in columns)
    return found


def untold_columns(
    table: str, *, kept: Sequence[str], known: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """Return the columns of a table that an export tells only as they stand on its own day.

    Those are null on any day before, in rows that were still open then. Tables of events
    (activities, orders and the like) have none: their rows stand as written on their day.

    Examples
    --------
    >>> untold_columns("leads", kept=["Status", "Region"], known={"leads": frozenset({"Region"})})
    ('source', 'Status')
    """
    if table not in HIDDEN:
        return ()
    steady = known.get(table, frozenset())
    return tuple(c for c in (*HIDDEN[table], *kept) if c not in steady)
