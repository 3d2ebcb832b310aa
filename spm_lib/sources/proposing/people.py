"""People of one name: told apart by their number where the file proves it, asked about if not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from spm_lib.sources.person_numbers import is_person_number
from spm_lib.sources.proposing.findings import Finding
from spm_lib.sources.proposing.links import FACTS
from spm_lib.sources.proposing.queries import sql_name
from spm_lib.sources.proposing.roles import Role
from spm_lib.sources.proposing.toml_text import quoted
from spm_lib.sources.texts import parse_texts


@dataclass(frozen=True)
class Namesakes:
    """A column of names in which one name stands for several people.

    ``split`` are such names with their numbers; ``proof`` says why the number tells people, null
    where it does not.
    """

    table: str
    names: str
    numbers: str
    split: tuple[tuple[str, str], ...]
    proof: str | None

    @property
    def shown(self) -> str:
        """The first names, each with its numbers."""
        return ", ".join(f'"{name}" ({numbers})' for name, numbers in self.split[:3])


@dataclass(frozen=True)
class People:
    """Roles whose ``rep_id`` tells people apart, a table of their names, what was found."""

    roles: dict[str, Role]
    text: str = ""
    findings: list[Finding] = field(default_factory=list)


def told_apart(roles: dict[str, Role]) -> People:
    """Return the roles with the person's number as ``rep_id`` where names are shared.

    Where a name has several numbers and every number one name, people are their numbers, and their
    names a table of their own. Where a number has several names, or rows have a name and no
    number, nothing is proved: ``rep_id`` is asked.
    """
    made, text, findings = dict(roles), "", []
    for table in FACTS:
        found = namesakes(roles[table]) if table in roles else None
        if found is None:
            continue
        made[table] = _keyed(roles[table], found)
        findings.append(_finding(found))
        if found.proof and "reps" not in roles and not text:
            text = _names_table(found)
    return People(made, text, findings)


def _keyed(role: Role, found: Namesakes) -> Role:
    if found.proof:
        return replace(role, columns={**role.columns, "rep_id": found.numbers})
    others = {c: name for c, name in role.columns.items() if c != "rep_id"}
    return replace(role, columns=others, asked=(*role.asked, "rep_id"))


def namesakes(role: Role) -> Namesakes | None:
    """Return the names of a table that stand for several people, if any."""
    names = role.columns.get("rep_id")
    numbers = next((c.name for c in role.unused if is_person_number(c.name)), None)
    if names is None or numbers is None or is_person_number(names):
        return None
    frame = role.file.rows.frame.select(
        name=parse_texts(role.file.rows.frame[names]),
        number=parse_texts(role.file.rows.frame[numbers]),
    ).drop_nulls("name")
    pairs = frame.drop_nulls().unique().sort("name", "number")
    several = pairs.group_by("name", maintain_order=True).agg(pl.col("number"))
    split = several.filter(pl.col("number").list.len() > 1)
    if not split.height:
        return None
    listed = tuple((name, ", ".join(found)) for name, found in split.iter_rows())
    proved = pairs["number"].is_unique().all() and not frame["number"].null_count()
    proof = f'every "{numbers}" has one "{names}"' if proved else None
    return Namesakes(role.table, names, numbers, listed, proof)


def _finding(found: Namesakes) -> Finding:
    place = f"[tables.{found.table}] rep_id"
    several = f'one "{found.names}" has several "{found.numbers}": {found.shown}'
    if found.proof:
        return Finding("guess", place, f'"{found.numbers}", for {several}; {found.proof}')
    text = f"who is one person? {several}, and not every row tells which: name one of the columns"
    return Finding("question", place, text)


def _names_table(found: Namesakes) -> str:
    number, name = sql_name(found.numbers), sql_name(found.names)
    query = (
        f"select {number} as rep_id, min({name}) as name from {found.table} "
        f"where {number} is not null group by {number} order by {number}"
    )
    columns = 'columns.rep_id = "rep_id"\ncolumns.name = "name"'
    return f"[tables.reps]\nquery = {quoted(query)}  # the names of the numbers\n{columns}"
