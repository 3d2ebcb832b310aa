"""Dimensions: what a metric can be broken down by, and how a row finds its group.

Plain columns are grouped by the engine. Teams and managers (as dated by memberships on the day of
the metric's event), periods, and columns of the tables a row points to (accounts, products, reps)
are looked up afterwards, on the small counted frame.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.metrics.definition import EPOCH
from spm_lib.metrics.windows import GRAINS
from spm_lib.model import Company

DATED = ("team", "manager_id")
LOOKUPS = {"accounts": "account_id", "products": "product_id", "reps": "rep_id"}
_FIRST_DAY = -(10**7)


@dataclass(frozen=True)
class Dimensions:
    """The columns a result is broken down by, sorted by where they come from.

    ``names`` keeps the order asked for. ``plain`` are columns of the rows themselves, ``dated``
    are team and manager_id, ``looked_up`` maps a column to the table that has it, ``period`` is
    week, month, quarter, year or None.
    """

    names: tuple[str, ...]
    plain: tuple[str, ...]
    dated: tuple[str, ...]
    looked_up: dict[str, str]
    period: str | None

    @property
    def groups(self) -> list[str]:
        """The dimensions but for the period."""
        return [name for name in self.names if name != self.period]

    @property
    def engine_keys(self) -> list[str]:
        """The columns the engine must group by."""
        keys = [*self.plain, *(LOOKUPS[table] for table in self.looked_up.values())]
        return list(dict.fromkeys([*keys, *(["rep_id"] if self.dated else [])]))


def read_dimensions(
    by: str | Sequence[str] | None,
    *,
    company: Company,
    columns: Sequence[str],
    always: Sequence[str],
) -> Dimensions:
    """Sort the dimensions asked for by where they come from.

    Raises
    ------
    MetricError
        If a name is no column of the rows or of a table they point to, or if there are two
        periods.
    """
    asked = [by] if isinstance(by, str) else list(by or [])
    names = tuple(dict.fromkeys([*asked, *always]))
    plain = tuple(n for n in names if n in columns and n not in GRAINS and n not in DATED)
    others = [n for n in names if n not in plain and n not in GRAINS and n not in DATED]
    periods = [n for n in names if n in GRAINS]
    if len(periods) > 1:
        raise MetricError(
            "A result has one period only.", found=", ".join(periods), do="Keep the finest of them"
        )
    looked_up = {name: _table_with(name, company=company, columns=columns) for name in others}
    dated = tuple(n for n in names if n in DATED)
    return Dimensions(names, plain, dated, looked_up, periods[0] if periods else None)


def _table_with(name: str, *, company: Company, columns: Sequence[str]) -> str:
    """Return the table, among those the rows point to, which has the column."""
    known = set(columns) | {*GRAINS, *DATED}
    for table, key in LOOKUPS.items():
        if key in columns and company.has(table):
            there = company.table(table).columns
            if name in there:
                return table
            known |= set(there)
    near = difflib.get_close_matches(name, known, n=3)
    raise MetricError(
        f"There is no column '{name}' to break this metric down by.",
        found=f"columns: {', '.join(sorted(k for k in known if not k.startswith('_')))}",
        do=f"Write {' or '.join(repr(n) for n in near)}" if near else "Use one of these columns",
    )


def look_up(cells: pl.DataFrame, dimensions: Dimensions, company: Company) -> pl.DataFrame:
    """Add the dated and the looked-up dimensions to counted cells.

    Columns in: ``rep_id`` and ``_day`` (epoch day of the event; null: as_of) for teams, keys
    of the tables looked into. Columns out: the same and one per dimension, null where unknown.
    """
    for name, table in dimensions.looked_up.items():
        key = LOOKUPS[table]
        there = company.table(table).unique(key, keep="first", maintain_order=True)
        cells = cells.join(there.select(key, name), on=key, how="left", nulls_equal=False)
    if dimensions.dated:
        teams = teams_on(cells.select("rep_id", "_day").unique(), company)
        cells = cells.join(teams, on=["rep_id", "_day"], how="left", nulls_equal=True)
    return cells


def teams_on(days: pl.DataFrame, company: Company) -> pl.DataFrame:
    """Return team and manager of each rep on each day, as dated by the memberships.

    Columns in: rep_id, _day (epoch day; null = as_of). Columns out: these, team and manager_id,
    null where the rep had no membership on that day. Of two valid memberships the later one counts.
    """
    empty = days.with_columns(
        team=pl.lit(None, dtype=pl.String), manager_id=pl.lit(None, dtype=pl.String)
    )
    if not company.has("memberships"):
        return empty
    day = pl.col("_day").fill_null((company.as_of - EPOCH).days)
    starts = pl.col("valid_from").cast(pl.Int32).fill_null(_FIRST_DAY)
    ends = pl.col("valid_to").cast(pl.Int32).fill_null(-_FIRST_DAY)
    members = company.table("memberships").select("rep_id", *DATED, _start=starts, _end=ends)
    found = (
        days.join(members, on="rep_id", how="inner")
        .filter((pl.col("_start") <= day) & (day < pl.col("_end")))
        .sort("_start", "team", nulls_last=True)
        .unique(["rep_id", "_day"], keep="last", maintain_order=True)
        .select("rep_id", "_day", *DATED)
    )
    return days.join(found, on=["rep_id", "_day"], how="left", nulls_equal=True)
