"""Dimensions: what a metric can be broken down by, and how a row finds its group.

Plain columns are grouped by the engine; rows that belong to a deal take its columns too. Teams and
managers (as dated by memberships on the day of the metric's event), periods, and columns of the
tables a row points to (accounts, products, reps) are looked up afterwards, on the small counted
frame.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.definition import EPOCH
from spm_lib.metrics.windows import GRAINS
from spm_lib.model import Company
from spm_lib.model.columns import TABLES, day_column, on_column

DATED = ("team", "manager_id")
LOOKUPS = {"accounts": "account_id", "products": "product_id", "reps": "rep_id"}
DEALS, DEAL = "opportunities", "opportunity_id"
OWN_TEAM = "_own_team"
_FIRST_DAY = -(10**7)


@dataclass(frozen=True)
class Dimensions:
    """The columns a result is broken down by, sorted by where they come from.

    ``names`` keeps the order asked for. ``plain`` are columns that the engine groups by, ``dated``
    are team and manager_id, ``looked_up`` maps a column to the table that has it (named with its
    table, such as ``reps.name``, where several tables have one of that name), ``period`` is
    week, month, quarter, year or None. ``of_deal`` are columns that the rows take from the deal
    they belong to: some of ``plain``, and keys that are looked up by. ``own_team`` says that rows
    may name their team themselves (``_own_team``, such as a team's costs) where they name nobody.
    """

    names: tuple[str, ...]
    plain: tuple[str, ...]
    dated: tuple[str, ...]
    looked_up: dict[str, str]
    period: str | None
    of_deal: tuple[str, ...] = ()
    own_team: bool = False

    @property
    def groups(self) -> list[str]:
        """The dimensions but for the period."""
        return [name for name in self.names if name != self.period]

    @property
    def engine_keys(self) -> list[str]:
        """The columns the engine must group by."""
        keys = [*self.plain, *(LOOKUPS[table] for table in self.looked_up.values())]
        dated = ["rep_id", *([OWN_TEAM] if self.own_team else [])] if self.dated else []
        return list(dict.fromkeys([*keys, *dated]))


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
        If a name is no column of the rows, of their deals, or of a table they point to; if several
        such tables have it; or if there are two periods.
    """
    asked = [by] if isinstance(by, str) else list(by or [])
    names = tuple(dict.fromkeys([*asked, *always]))
    own = [c for c in columns if c not in internal_columns()]
    deals = _deal_columns(company, own)
    of_rows = tuple(n for n in names if n not in GRAINS and n not in DATED)
    plain = tuple(n for n in of_rows if n in own or n in deals)
    periods = [n for n in names if n in GRAINS]
    if len(periods) > 1:
        raise MetricError(
            "A result has one period only.", found=", ".join(periods), do="Keep the finest of them"
        )
    known = [*own, *deals]
    looked_up = {
        name: _table_with(name, company=company, columns=known)
        for name in of_rows
        if name not in plain
    }
    dated = tuple(n for n in names if n in DATED)
    period, own_team = periods[0] if periods else None, OWN_TEAM in own
    made = Dimensions(names, plain, dated, looked_up, period, own_team=own_team)
    return replace(made, of_deal=tuple(k for k in made.engine_keys if k in deals))


def _deal_columns(company: Company, columns: Sequence[str]) -> list[str]:
    """Return the columns that rows take from the deals they belong to; none where they have none.

    A column of the rows themselves is theirs, also where the deal has one of that name.
    """
    if DEAL not in columns or not company.has(DEALS):
        return []
    canonical, kept = company.columns(DEALS)
    return [c for c in (*canonical, *kept) if c not in columns and c not in internal_columns()]


def with_deal_columns(rows: nw.LazyFrame, dimensions: Dimensions, company: Company) -> nw.LazyFrame:
    """Join the columns asked for from the deal that each row belongs to; null where it has none."""
    if not dimensions.of_deal:
        return rows
    deals = company.rows(DEALS).filter(nw.col("set_aside").is_null())
    return rows.join(deals.select(DEAL, *dimensions.of_deal), on=DEAL, how="left")


@cache
def internal_columns() -> frozenset[str]:
    """Return the columns that are made for computing and mean nothing to a reader."""
    dated = {name for table in TABLES.values() for name in table.names("moment", "day")}
    canonical = {name for table in TABLES.values() for name in table.names()}
    made = {make(name) for name in dated for make in (on_column, day_column)}
    return frozenset((made - canonical) | {"set_aside", "stage_rank"} | _OF_STINTS)


_OF_STINTS = {"visit", "seq", "is_last", "next_stage", "next_rank", "next_outcome"}


def _table_with(name: str, *, company: Company, columns: Sequence[str]) -> str:
    """Return the table, among those the rows point to, which has the column."""
    there = {
        table: [c for part in company.columns(table) for c in part]
        for table, key in LOOKUPS.items()
        if key in columns and company.has(table)
    }
    table, _, column = name.partition(".")
    if column in there.get(table, ()):
        return table
    having = [table for table, names in there.items() if name in names]
    if len(having) > 1:
        raise MetricError(
            f"Several tables have a column '{name}'.",
            found=", ".join(having),
            do=f"Write {' or '.join(f'{table}.{name}' for table in having)}",
        )
    if having:
        return having[0]
    raise _unknown(name, [*columns, *GRAINS, *DATED, *_named_apart(there, columns)])


def _named_apart(there: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Iterator[str]:
    """Return the columns of tables as they are asked for: with the table where several have it."""
    times = Counter(name for names in there.values() for name in set(names))
    for table, names in there.items():
        for name in names:
            if name not in columns and name not in _NOT_GROUPED:
                yield f"{table}.{name}" if times[name] > 1 else name


def _unknown(name: str, known: Sequence[str]) -> MetricError:
    """Return the refusal of a column, with the nearest name in whatever letters."""
    shown = sorted(
        {k for k in known if not k.startswith("_") and k not in _NOT_GROUPED}, key=_small
    )
    letters = {k.casefold(): k for k in reversed(shown)}
    near = difflib.get_close_matches(name.casefold(), letters, n=3)
    nearest = [letters[n] for n in near]
    exact = letters.get(name.casefold())
    nearest = [exact] if exact else nearest
    return MetricError(
        f"There is no column '{name}' to break this metric down by.",
        found=f"columns: {', '.join(shown)}",
        do=f"Write {' or '.join(repr(n) for n in nearest)}"
        if nearest
        else "Use one of these columns",
    )


def _small(name: str) -> str:
    return name.casefold()


_NOT_GROUPED = {
    column.name
    for table in TABLES.values()
    for column in table.columns
    if column.kind not in ("id", "text")
}


def look_up(cells: pl.DataFrame, dimensions: Dimensions, company: Company) -> pl.DataFrame:
    """Add the dated and the looked-up dimensions to counted cells.

    Columns in: ``rep_id`` and ``_day`` (epoch day of the event; null: as_of) for teams, keys
    of the tables looked into. Columns out: the same and one per dimension, null where unknown.
    """
    for name, table in dimensions.looked_up.items():
        key = LOOKUPS[table]
        there = company.table(table).unique(key, keep="first", maintain_order=True)
        column = pl.col(name.removeprefix(f"{table}.")).alias(name)
        cells = cells.join(there.select(key, column), on=key, how="left", nulls_equal=False)
    if dimensions.dated:
        cells = teams_on(cells, company)
        if dimensions.own_team:
            own = pl.when(pl.col("rep_id").is_null()).then(pl.col(OWN_TEAM))
            cells = cells.with_columns(pl.coalesce("team", own))
    return cells


def teams_on(rows: pl.DataFrame, company: Company) -> pl.DataFrame:
    """Add team and manager of each rep on each day, as dated by the memberships.

    Columns in: rep_id, _day (epoch day; null = as_of). Columns out: the same, team and manager_id,
    null where the rep had no membership on that day. Of two valid memberships the later one counts.
    """
    if not company.has("memberships"):
        nothing = pl.lit(None, dtype=pl.String)
        return rows.with_columns(team=nothing, manager_id=nothing)
    day = pl.col("_day").fill_null((company.as_of - EPOCH).days)
    starts = pl.col("valid_from").cast(pl.Int32).fill_null(_FIRST_DAY)
    ends = pl.col("valid_to").cast(pl.Int32).fill_null(-_FIRST_DAY)
    members = company.table("memberships").lazy().select("rep_id", *DATED, _start=starts, _end=ends)
    asked = ["rep_id", "_day"]
    found = (
        rows.lazy()
        .select(asked)
        .unique()
        .join(members, on="rep_id", how="inner")
        .filter((pl.col("_start") <= day) & (day < pl.col("_end")))
        .sort("_start", "team", nulls_last=True)
        .unique(asked, keep="last", maintain_order=True)
        .select(*asked, *DATED)
    )
    return in_one_go(rows.lazy().join(found, on=asked, how="left", nulls_equal=True))
