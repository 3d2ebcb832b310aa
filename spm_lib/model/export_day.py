"""The day of the export: the newest thing that happened; plans and slips of the pen do not tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.columns import on_column
from spm_lib.model.notices import Notice

if TYPE_CHECKING:
    from spm_lib.workspace.settings import WorkspaceSection

HAPPENED = {
    "opportunities": ("created_at", "closed_at", "recorded_at"),
    "stage_events": ("entered_at", "recorded_at"),
    "activities": ("recorded_at",),
    "leads": ("created_at", "converted_at", "recorded_at"),
    "orders": ("date", "invoiced_at", "recorded_at"),
    "payments": ("date", "recorded_at"),
    "forecast_calls": ("submitted_at",),
    "splits": ("recorded_at",),
}
PLANNED = {"activities": ("happened_at",), "leads": ("first_response_at",)}
_PLACES = [
    (name, c) for part in (HAPPENED, PLANNED) for name, listed in part.items() for c in listed
]
Days = Mapping[tuple[str, str], Mapping[date, int]]
STALE_DAYS = 31  # a month's export that is a month old
LONELY = 60  # days without anything, after 60 days with something, that nobody believes

NO_ID = (
    "Map the column that tells one deal from another. If the export has none, number its rows in "
    "a query: select *, row_number() over () as row_id from NAME; then columns.opportunity_id is "
    '"row_id"'
)

STALE = (
    "The newest entry is {days:,} days older than the day reported: what happened since is not in "
    "these figures."
)


@dataclass(frozen=True)
class DayCounts:
    """On which days the good rows of tables happened, and why the other rows are set aside.

    ``days`` counts rows by day, per table and dated column; ``aside`` counts rows by reason (None:
    good ones). Counts of parts of a company add up to those of the whole.
    """

    days: Mapping[tuple[str, str], Mapping[date, int]]
    aside: Mapping[str | None, int]

    def __add__(self, other: DayCounts) -> DayCounts:
        """Return the counts of both parts together."""
        places = dict.fromkeys([*self.days, *other.days])
        days = {p: _added(self.days.get(p, {}), other.days.get(p, {})) for p in places}
        return DayCounts(days, _added(self.aside, other.aside))

    def __sub__(self, other: DayCounts) -> DayCounts:
        """Return the counts without those of a part."""
        days = {p: _less(counts, other.days.get(p, {})) for p, counts in self.days.items()}
        return DayCounts(days, _less(self.aside, other.aside))


def _less(one: Mapping[Any, int], other: Mapping[Any, int]) -> dict[Any, int]:
    return dict(Counter(one) - Counter(other))


def _added(one: Mapping[Any, int], other: Mapping[Any, int]) -> dict[Any, int]:
    return dict(Counter(one) + Counter(other))


def day_counts(tables: Mapping[str, pl.DataFrame]) -> DayCounts:
    """Return on which days the good rows of tables happened, and were planned to."""
    days = {
        (name, column): _counted(_good_dates(tables[name], column))
        for name, column in _PLACES
        if name in tables
    }
    aside: Counter[str | None] = Counter()
    for rows in tables.values():
        aside.update(_counted(rows["set_aside"]))
    return DayCounts(days, dict(aside))


def _good_dates(rows: pl.DataFrame, column: str) -> pl.Series:
    good = rows[on_column(column)].filter(rows["set_aside"].is_null())
    return good.drop_nulls().cast(pl.Date)


def _counted(values: pl.Series) -> dict[Any, int]:
    return dict(values.value_counts(name="rows").iter_rows())


def export_day(counts: DayCounts, *, section: WorkspaceSection) -> tuple[date, list[Notice]]:
    """Return the day whose end the rows describe, and what is to be told of it.

    It is what the workspace file says, else the newest day on which something happened. A meeting
    may be planned and an answer promised, so that such dates tell only where nothing else does.

    Raises
    ------
    DataError
        If no row of any table is dated.
    """
    happened = _of(counts, HAPPENED)
    days = _distinct(happened) or _distinct(_of(counts, PLANNED))
    if section.exported_on:
        return section.exported_on, []
    if not days:
        raise _undated(counts)
    day = newest_believed(days)
    told = [*_slips(happened, days, day=day), *_plans(counts, day=day, known=section.as_of or day)]
    if section.as_of and section.as_of < day:
        told.append(_before(section.as_of, day=day))
    return day, told


def _undated(counts: DayCounts) -> DataError:
    """Return the fault of data without a day: rows that were all set aside are told as that."""
    if not counts.aside or None in counts.aside:
        return DataError(
            "No row is dated, so there is no day to report as of.",
            found=f"tables: {', '.join(dict.fromkeys(name for name, _ in counts.days))}",
            do="Map a date column, such as created_at or closed_at of opportunities",
        )
    told = sorted(counts.aside.items(), key=lambda part: (-part[1], part[0]))
    reasons = ", ".join(f"{reason} ({n:,} rows)" for reason, n in told)
    lacking = str(told[0][0]).removeprefix("no ")
    return DataError(
        "No row can be used: every one is set aside.",
        found=reasons,
        do=NO_ID
        if lacking == "opportunity_id"
        else f"Correct the mapping or the data of {lacking}",
    )


def first_day(counts: DayCounts) -> date | None:
    """Return the first day on which anything happened; None where no row is dated."""
    return min(_distinct(counts.days), default=None)


def is_stale(as_of: date, *, exported_on: date) -> bool:
    """Say whether a day lies so long after the newest entry that the data cannot speak of it.

    Examples
    --------
    >>> is_stale(date(2026, 3, 31), exported_on=date(2026, 2, 28))
    False
    >>> is_stale(date(2030, 1, 1), exported_on=date(2026, 2, 28))
    True
    """
    return (as_of - exported_on).days > STALE_DAYS


def newest_believed(days: Sequence[date]) -> date:
    """Return the newest of distinct days in order that is no slip of the pen.

    Days after a long gap are slips where they are few (one, or a twentieth of the days before).
    The fewer days are known before it, the longer a gap has to be: 60 days after 60 known ones,
    a year after ten.

    Examples
    --------
    >>> from datetime import timedelta
    >>> days = [date(2026, 1, 1) + timedelta(days=n) for n in range(70)]
    >>> newest_believed([*days, date(2062, 3, 1)])
    datetime.date(2026, 3, 11)
    >>> newest_believed([date(2026, 1, 1), date(2027, 6, 1)])
    datetime.date(2027, 6, 1)
    """
    believed = len(days)
    for before in range(len(days) - 1, 0, -1):
        if len(days) - before > max(1, before // 20):
            break
        gap = (days[before] - days[before - 1]).days
        if gap > max(LONELY, LONELY * LONELY // before):
            believed = before
    return days[believed - 1]


def _of(counts: DayCounts, columns: Mapping[str, Sequence[str]]) -> Days:
    """Return the days of some columns, in their order."""
    places = [(name, column) for name, listed in columns.items() for column in listed]
    return {place: counts.days[place] for place in places if place in counts.days}


def _distinct(dates: Days) -> list[date]:
    return sorted({day for days in dates.values() for day in days})


def _later(days: Mapping[date, int], than: date) -> int:
    return sum(rows for day, rows in days.items() if day > than)


def _slips(dates: Days, days: Sequence[date], *, day: date) -> Iterator[Notice]:
    """Tell of days that are not believed: a slip of a year would make all else the past."""
    if days[-1] == day:
        return
    later = {place: _later(values, day) for place, values in dates.items()}
    places = [f"{column} of {name}" for (name, column), rows in later.items() if rows]
    yield Notice(
        "lonely_newest_day",
        next(name for (name, _), rows in later.items() if rows),
        "",
        (str(days[-1]),),
        sum(later.values()),
        "The newest date, {newest} ({places}), lies {days:,} days after {next}, the newest one "
        "that is believed: it is taken for a slip, and rows stand as on {next}. Correct it in the "
        "source; if it is right, write exported_on under [workspace].",
        details={
            "newest": str(days[-1]),
            "places": ", ".join(places),
            "next": str(day),
            "days": (days[-1] - day).days,
        },
    )


def _plans(counts: DayCounts, *, day: date, known: date) -> Iterator[Notice]:
    """Tell of activities and answers dated after everything that happened, and after ``known``."""
    for (name, column), values in _of(counts, PLANNED).items():
        rows = _later(values, max(day, known))
        if rows:
            yield Notice(
                "planned",
                name,
                column,
                (),
                rows,
                "{n:1 row of {table} has|{n:,} rows of {table} have} a {column} after {day}, "
                "the newest day on which anything else happened: they may be plans, "
                "and count from their own day on.",
                details={"n": rows, "table": name, "column": column, "day": str(day)},
            )


def _before(as_of: date, *, day: date) -> Notice:
    return Notice(
        "as_of_before_export",
        "opportunities",
        "",
        (str(as_of), str(day)),
        0,
        "The file's as_of, {as_of}, lies before {day}, the newest day on which something happened: "
        "open deals are told by their history, and without one nobody knows their stage, amount "
        "and owner of that day. If later dates lie ahead of the export, write exported_on under "
        "[workspace].",
        details={"as_of": str(as_of), "day": str(day)},
    )
