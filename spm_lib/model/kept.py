"""Kept columns: how a client's own columns are called where their name means something already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spm_lib.model.columns import TABLES, day_column, on_column
from spm_lib.model.notices import Notice, shown

SUFFIX = "_kept"
MODEL = ("set_aside", "stage_rank", "lost", "still_open", "skipped", "re_entered")
DIMENSIONS = ("team", "manager_id", "day", "week", "month", "quarter", "year")
RESULTS = (
    *("metric", "window_start", "window_end", "as_of", "value", "n", "low", "high", "used"),
    *("date", "lost_stage_unknown", "entered", "advanced", "open_due", "won", "target"),
    *("remaining", "actual", "mature", "deals", "ended", "time", "at_risk", "events"),
    *("censored", "survival", "q1", "q3", "age", "count", "heads"),
)


def taken_names(table: str) -> set[str]:
    """Return the names, in small letters, that a kept column of the table cannot have.

    Those of the canonical and derived columns, and of dated dimensions, in whatever letters: an
    engine may not tell them apart.
    """
    tables = (table, "opportunities") if table == "stage_events" else (table,)
    own = {name for t in tables for name in TABLES[t].names()}
    dated = {name for t in tables for name in TABLES[t].names("moment", "day")}
    derived = {made(name) for name in dated for made in (on_column, day_column)}
    return own | derived | {*MODEL, *DIMENSIONS}


def kept_names(keep: Sequence[str], *, table: str) -> dict[str, str]:
    """Return the name under which each kept column is carried along: its own where it is free.

    Examples
    --------
    >>> kept_names(["Segment", "Stage", "value", "segment"], table="opportunities")
    {'Segment': 'Segment', 'Stage': 'Stage_kept', 'value': 'value_kept', 'segment': 'segment_kept'}
    """
    taken = taken_names(table)
    names: dict[str, str] = {}
    for given in keep:
        name = given.lstrip("_") or "column"
        while name.lower() in taken or name in RESULTS:
            name += SUFFIX
        taken.add(name.lower())
        names[given] = name
    return names


def renamed_columns(kept: Mapping[str, Sequence[str]]) -> Iterator[Notice]:
    """Tell of kept columns that are carried under another name."""
    for table, keep in kept.items():
        moved = {a: b for a, b in kept_names(keep, table=table).items() if a != b}
        if moved:
            yield Notice(
                "renamed_column",
                table,
                next(iter(moved)),
                tuple(moved.values()),
                0,
                "{table}: kept columns whose names mean something else here are called: {values}.",
                details={"table": table, "values": shown([f"{a} > {b}" for a, b in moved.items()])},
            )
