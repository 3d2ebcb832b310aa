"""Whom reports are for: one company, or one report for each person, manager, team or part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model import members_on, part_values

if TYPE_CHECKING:
    from spm_lib.model import Company

COMPANY = "company"
MONTHS_SEEN = 12


@dataclass(frozen=True)
class Audience:
    """Whom one report is for: the scope as it is asked for, and the name to print."""

    scope: str
    who: str = ""


def audience_of(company: Company, scope: str) -> Audience:
    """Return the audience of one scope: ``company``, ``rep:ID``, ``team:NAME`` and so on."""
    kind, _, name = scope.partition(":")
    if kind in ("rep", "manager"):
        return Audience(scope, _names(company).get(name, name))
    return Audience(scope, "" if scope == COMPANY else name or scope.partition("=")[2])


def each(company: Company, what: str) -> list[Audience]:
    """Return one audience for each person, manager, team, or value of a column of deals.

    ``rep``: who had not left by as_of and has a team, a deal or a target; without a table of
    people, whoever owned a deal of the last twelve months. ``manager`` and ``team``: those of the
    memberships that hold on as_of.

    Raises
    ------
    ScopeError
        If ``what`` is no column of deals.
    """
    if what == "rep":
        names = _names(company)
        return [Audience(f"rep:{rep}", names.get(rep, rep)) for rep in people(company)]
    if what in ("manager", "team"):
        column = "manager_id" if what == "manager" else "team"
        names = _names(company) if what == "manager" else {}
        found = members_on(company)[column].drop_nulls().unique().sort().to_list()
        return [Audience(f"{what}:{one}", names.get(str(one), str(one))) for one in found]
    return [Audience(f"{what}={value}", value) for value in part_values(company, what)]


def alike(company: Company, scope: str) -> bool:
    """Say whether another scope of its kind differs from it in capitals only.

    Ids of some CRMs do; file systems of Windows and macOS do not tell them apart.
    """
    kind, _, name = scope.partition(":")
    if kind in _COLUMNS:
        known = company.once(f"spellings {kind}", lambda: _spellings(company, _COLUMNS[kind]))
    elif "=" in scope:
        column, _, name = scope.partition("=")
        known = company.once(f"spellings ={column}", lambda: _folded(part_values(company, column)))
    else:
        return False
    return known[name.casefold()] > 1


_COLUMNS = {"rep": "rep_id", "manager": "manager_id", "team": "team"}


def _spellings(company: Company, column: str) -> Counter[str]:
    tables = [company.table(t) for t in ("reps", "memberships", "opportunities", "orders")]
    values = [set(t[column].drop_nulls()) for t in tables if column in t.columns]
    return _folded(set().union(*values))


def _folded(values: Iterable[str]) -> Counter[str]:
    return Counter(str(value).casefold() for value in values)


def people(company: Company) -> list[str]:
    """Return the ids of those who sell as of the company's day, sorted."""
    reps = company.table("reps")
    owners = _recent_owners(company)
    if not reps.height:
        return sorted(owners)
    here = reps.filter((pl.col("left_on") > company.as_of).fill_null(value=True))["rep_id"]
    left = set(reps["rep_id"]) - set(here)
    members = set(members_on(company)["rep_id"].drop_nulls())
    targets = set(company.table("targets")["rep_id"].drop_nulls())
    sells = owners | members | targets
    return sorted((set(here) & sells) | (owners - left - set(here)))


def _recent_owners(company: Company) -> set[str]:
    deals = company.table("opportunities")
    if not deals.height:
        orders = company.table("orders")
        return set(orders["rep_id"].drop_nulls())
    start = company.default_window().start
    recent = (pl.col("outcome") == "open") | (pl.col("closed_on") >= start)
    return set(deals.filter(recent)["rep_id"].drop_nulls())


def _names(company: Company) -> dict[str, str]:
    named = company.table("reps").select("rep_id", "name").drop_nulls()
    return {str(rep): str(name) for rep, name in named.iter_rows()}
