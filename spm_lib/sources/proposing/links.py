"""How files hang together: which column of a list of people, customers or products is the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from spm_lib.sources.proposing.profile import by_frequency
from spm_lib.sources.proposing.roles import Role
from spm_lib.sources.texts import parse_texts

FACTS = ("opportunities", "stage_events", "orders", "activities", "targets", "leads")
LISTS = {"reps": "rep_id", "accounts": "account_id", "products": "product_id"}
CLEAR = 0.5


@dataclass(frozen=True)
class Mismatch:
    """Values of a table's key column that the list it points to does not have."""

    table: str
    column: str
    listed_in: str
    rows: int
    values: tuple[tuple[str, int], ...]
    matched: float


def _texts(role: Role, source: str) -> pl.Series:
    return parse_texts(role.file.rows.frame[source]).drop_nulls()


def with_keys(roles: dict[str, Role]) -> dict[str, Role]:
    """Return the roles, with the key of every list set to the column that most rows point to."""
    made = dict(roles)
    for table, key in LISTS.items():
        if table not in made:
            continue
        pointing = [r for t in FACTS if (r := made.get(t)) and key in r.columns]
        if pointing:
            made[table] = _keyed(made[table], key, _texts(pointing[0], pointing[0].columns[key]))
    return made


def _keyed(role: Role, key: str, pointing: pl.Series) -> Role:
    def share(source: str) -> float:
        known = _texts(role, source).unique()
        return float(pointing.is_in(known.implode()).mean() or 0.0)  # type: ignore[arg-type]

    shares = {c.name: share(c.name) for c in role.file.columns if c.distinct == c.filled > 0}
    best = max(shares, key=lambda c: (shares[c], c == role.columns.get(key)), default=None)
    if best is None or shares[best] < CLEAR or best == role.columns.get(key):
        return role
    others = {k: v for k, v in role.columns.items() if v != best and k != key}
    if "name" not in others and role.columns.get(key) != best and role.columns.get("name") != best:
        others = {"name": role.columns[key], **others} if key in role.columns else others
    return replace(role, columns={key: best, **others})


def mismatches(roles: dict[str, Role]) -> Iterator[Mismatch]:
    """Yield, per table and key, what the list it points to does not have."""
    for table, key in LISTS.items():
        if table not in roles or key not in roles[table].columns:
            continue
        known = _texts(roles[table], roles[table].columns[key]).unique()
        for fact in FACTS:
            role = roles.get(fact)
            if role is None or key not in role.columns:
                continue
            values = _texts(role, role.columns[key])
            lost = values.filter(~values.is_in(known.implode()))
            if len(lost):
                counted = by_frequency(lost).head(3)
                yield Mismatch(
                    fact, key, roles[table].file.name, len(lost),
                    tuple(counted.iter_rows()), 1 - len(lost) / len(values),
                )  # fmt: skip
