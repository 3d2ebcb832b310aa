"""Small files that say what a column of a table stands for: campaigns, territories, industries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spm_lib.sources.proposing.profile import ColumnProfile
from spm_lib.sources.proposing.queries import MATCHES, TableQuery, share_of, sql_name
from spm_lib.sources.proposing.reading import reading_lines
from spm_lib.sources.proposing.roles import Role
from spm_lib.sources.proposing.slugs import slug_of
from spm_lib.sources.proposing.survey import FoundFile
from spm_lib.sources.proposing.toml_text import quoted
from spm_lib.sources.proposing.words import plain_name
from spm_lib.sources.texts import parse_texts

TELLING = ("opportunities", "leads", "orders", "accounts", "reps")  # tables whose rows it tells of
LONGEST = 500  # rows: what is longer is a table of its own
MOST = 60  # values by which anybody would break down


@dataclass(frozen=True, eq=False)
class Lookup:
    """A file that no table takes, the key that it shares with a table, and what it tells."""

    file: FoundFile
    key: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its raw frame."""
        return slug_of(self.file.name.rpartition(".")[0]).replace("-", "_")

    def section(self, path: str) -> str:
        """Return the section that reads the file."""
        lines, _ = reading_lines(self.file, used=self.columns, place=f"[raw.{self.name}]")
        read = [f"{key} = {value}" for key, value, _ in lines]
        return "\n".join([f"[raw.{self.name}]", f"path = {quoted(path)}", *read])


def lookups_of(files: Iterable[FoundFile], roles: dict[str, Role]) -> dict[str, list[Lookup]]:
    """Return, per table, the files that tell more of its rows; a file tells of one table.

    Its key has the same name as a column of the table, every row another value, and most values of
    the table are in it.
    """
    found: dict[str, list[Lookup]] = {}
    taken = {id(role.file) for role in roles.values()}
    tables = [table for table in TELLING if table in roles]
    for file in files:
        if id(file) in taken or file.height > LONGEST or not file.header:
            continue
        made = ((table, lookup) for table in tables if (lookup := _lookup(file, roles[table])))
        table, lookup = next(made, ("", None))
        if lookup is not None:
            found.setdefault(table, []).append(lookup)
    return found


def looked_up(query: TableQuery, lookups: Iterable[Lookup]) -> TableQuery:
    """Return the query with what lookups tell joined to it."""
    for one in lookups:
        key, told = sql_name(one.key), ", ".join(one.columns)
        query = replace(
            query,
            made=(*query.made, *(f"{one.name}.{sql_name(c)}" for c in one.columns)),
            joins=(*query.joins, f"left join {one.name} on {query.name}.{key} = {one.name}.{key}"),
            why=(*query.why, f'"{one.key}" is looked up in {one.file.name}: {told}'),
            brought=(*query.brought, *one.columns),
        )
    return query


def _lookup(file: FoundFile, role: Role) -> Lookup | None:
    own = {plain_name(c.name): c.name for c in role.file.columns}
    keys = [c.name for c in file.columns if c.unique and own.get(plain_name(c.name)) == c.name]
    key = next((name for name in keys if _points(role, file, name)), None)
    columns = tuple(c.name for c in file.columns if _tells(c) and plain_name(c.name) not in own)
    return Lookup(file, key, columns) if key and columns else None


def _points(role: Role, file: FoundFile, name: str) -> bool:
    values = parse_texts(role.file.rows.frame[name]).drop_nulls()
    return len(values) > 0 and share_of(values, parse_texts(file.rows.frame[name])) >= MATCHES


def _tells(column: ColumnProfile) -> bool:
    return column.kind == "text" and 1 < column.distinct <= MOST
