"""The query a table needs where its file alone does not say it: joins, month columns, histories."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from spm_lib.sources.proposing.links import LISTS
from spm_lib.sources.proposing.roles import Role, month_columns
from spm_lib.sources.proposing.toml_text import array, table
from spm_lib.sources.proposing.words import plain_name
from spm_lib.sources.texts import parse_texts

MATCHES = 0.5


@dataclass(frozen=True)
class TableQuery:
    """Parts of a query over the raw frame ``name``, the columns it gives, and why it is needed.

    ``joined`` are canonical keys taken from a list, ``brought`` columns that lookups tell.
    """

    name: str
    columns: dict[str, str]
    made: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    only: tuple[str, str] | None = None
    raw_lines: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether the file alone does not do."""
        return bool(self.made or self.joins or self.only)

    @property
    def sql(self) -> str:
        """The query's text."""
        chosen = ", ".join((f"{self.name}.*", *self.made))
        parts = [f"select {chosen} from {self.name}", *self.joins]
        if self.only:
            column, value = self.only
            parts.append(f"where {sql_name(column)} = '{value}'")
        return " ".join(parts)


def query_of(role: Role, roles: dict[str, Role]) -> TableQuery:
    """Return the query of a table; it is ``needed`` only where the file alone does not do."""
    names = {plain_name(c.name): c.name for c in role.file.columns}
    query = TableQuery(role.table, dict(role.columns))
    if role.table == "targets":
        query = _wide_months(query, role, names)
    elif role.table == "stage_events":
        query = _stage_rows(query, role, names)
    elif role.table == "opportunities":
        query = _keyed_and_closed(query, names)
    return _joined(query, role, roles)


def sql_name(name: str) -> str:
    """Return a column name as SQL writes it.

    Examples
    --------
    >>> sql_name("Deal - ID")
    '"Deal - ID"'
    """
    return '"' + name.replace('"', '""') + '"'


def _wide_months(query: TableQuery, role: Role, names: dict[str, str]) -> TableQuery:
    months = month_columns(role.file)
    if len(months) < 6 or "year" not in names:
        return query
    unpivot = (
        f'unpivot = {{ columns = {array(months)}, into = "month", value = "target",'
        f" names = {table(months)} }}"
    )
    year = f"{query.name}.{sql_name(names['year'])}"
    return replace(
        query,
        columns={**query.columns, "period_start": "period_start", "value": "target"},
        made=(f"{year} || '-' || month || '-01' as period_start",),
        raw_lines=(unpivot,),
        why=("months stand side by side: each becomes a row",),
    )


def _stage_rows(query: TableQuery, role: Role, names: dict[str, str]) -> TableQuery:
    """Take the stage rows of a history that keeps the changes of every field."""
    told = {"field": "StageName", "name": "dealstage", "property": "dealstage"}
    if not {"value", "new value"} & set(names):
        return query
    key = next((f for f in told if f in names), None)
    if key is None:
        return query
    values = role.file.profile(names[key]).values
    wanted = next((v for v in values if "stage" in plain_name(v)), told[key])
    return replace(
        query,
        only=(names[key], wanted),
        why=(f'a history of every field: "{names[key]}" = {wanted} are the stages',),
    )


def _keyed_and_closed(query: TableQuery, names: dict[str, str]) -> TableQuery:
    if "opportunity_id" not in query.columns:
        query = replace(
            query,
            columns={"opportunity_id": "row_id", **query.columns},
            made=("_row as row_id",),
            why=("no column names a deal for itself: its row number does",),
        )
    won = names.get("deal won time") or names.get("won time")
    lost = names.get("deal lost time") or names.get("lost time")
    if not won or not lost:
        return query
    return replace(
        query,
        columns={**query.columns, "closed_at": "close_time"},
        made=(*query.made, f"coalesce({sql_name(won)}, {sql_name(lost)}) as close_time"),
        why=(*query.why, "won and lost deals have a close time each"),
    )


def _joined(query: TableQuery, role: Role, roles: dict[str, Role]) -> TableQuery:
    """Join a list whose key is another column than the one this table points to."""
    for listed, key in LISTS.items():
        source, target = role.columns.get(key), roles.get(listed)
        if not source or target is None or target is role:
            continue
        own = target.columns[key]
        other = _matching(role, source, target)
        if other is None or other == own:
            continue
        made = f"{listed}.{sql_name(own)} as {listed}_key"
        on = f"{query.name}.{sql_name(source)} = {listed}.{sql_name(other)}"
        query = replace(
            query,
            columns={**query.columns, key: f"{listed}_key"},
            made=(*query.made, made),
            joined=(*query.joined, key),
            joins=(*query.joins, f"left join {listed} on {on}"),
            why=(*query.why, f'"{source}" is "{other}" of {target.file.name}, not "{own}"'),
        )
    return query


def _matching(role: Role, source: str, target: Role) -> str | None:
    """Return the one-to-one column of a list that most values of a column stand in."""
    values = parse_texts(role.file.rows.frame[source]).drop_nulls()
    shares = {
        c.name: share_of(values, parse_texts(target.file.rows.frame[c.name]))
        for c in target.file.columns
        if c.distinct == c.filled > 0
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= MATCHES else None


def share_of(values: pl.Series, known: pl.Series) -> float:
    """Return the share of values that are known."""
    return int(values.is_in(known.drop_nulls().implode()).sum()) / max(len(values), 1)
