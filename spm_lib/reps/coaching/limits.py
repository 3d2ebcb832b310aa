"""Who must not mentor whom: chain of command as dated, rivals for a territory, new people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.metrics.mix import one_value_each
from spm_lib.model import Company, members_on
from spm_lib.reps.coaching.pairs import MOST_MENTEES, Limits
from spm_lib.reps.comparison.tenure import RAMP_DAYS

CHAIN, RIVALS, LEFT, NEW, UNWILLING = "chain", "rivals", "left", "new", "unwilling"
REASONS = {
    CHAIN: Phrase("in the same chain of command"),
    RIVALS: Phrase("rivals for the same territory"),
    LEFT: Phrase("no longer there"),
    NEW: Phrase("less than six months on board"),
    UNWILLING: Phrase("not among those who mentor"),
}
TERRITORY = re.compile(r"region|territor|district|אזור|מחוז", re.IGNORECASE)


def limits_of(
    company: Company,
    people: Iterable[str],
    *,
    mentors: Iterable[str] | None = None,
    most_mentees: int = MOST_MENTEES,
) -> Limits:
    """Return what pairs must keep to on this day.

    A manager and those below him (however far, as dated by the memberships) are no pair: a mentor
    is not whoever decides on pay. People who each own one territory of the same name compete. Who
    has left or is on board for less than six months mentors nobody; with ``mentors`` only those
    who are willing and trained do.
    """
    reps = sorted(people)
    chain = _managers(company)
    above = {rep: _above(rep, chain) for rep in reps}
    home = _territories(company)
    barred: dict[tuple[str, str], str] = {}
    for coach in reps:
        for rep in reps:
            if coach in above[rep] or rep in above[coach]:
                barred[coach, rep] = CHAIN
            elif coach != rep and coach in home and home[coach] == home.get(rep):
                barred[coach, rep] = RIVALS
    return Limits(most_mentees, no_mentors=_no_mentors(company, reps, mentors), barred=barred)


def _managers(company: Company) -> dict[str, set[str]]:
    """Return the managers of each person at as_of: who is in two teams has two."""
    members = members_on(company).drop_nulls("manager_id")
    found: dict[str, set[str]] = {}
    for rep, boss in members.select("rep_id", "manager_id").iter_rows():
        found.setdefault(rep, set()).add(boss)
    return found


def _above(rep: str, managers: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [rep]
    while ahead:
        new = managers.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def _territories(company: Company) -> dict[str, str]:
    """Return each person's one territory; empty where people do not own one each."""
    deals = company.table("opportunities").drop_nulls("rep_id")
    for column in company.columns("opportunities")[1]:
        if TERRITORY.search(column) and deals[column].dtype == pl.String:
            if not one_value_each(deals, column):
                continue
            common = deals.drop_nulls(column).group_by("rep_id", column).len()
            first = common.sort("rep_id", "len", column, descending=[False, True, False])
            return dict(first.unique("rep_id", keep="first").select("rep_id", column).iter_rows())
    return {}


def _no_mentors(
    company: Company, reps: Iterable[str], mentors: Iterable[str] | None
) -> dict[str, str]:
    willing = None if mentors is None else set(mentors)
    table = company.table("reps").unique("rep_id", keep="first", maintain_order=True)
    dates = {r["rep_id"]: (r["hired_on"], r["left_on"]) for r in table.iter_rows(named=True)}
    found: dict[str, str] = {}
    for rep in reps:
        hired, left = dates.get(rep, (None, None))
        if left is not None and left <= company.as_of:
            found[rep] = LEFT
        elif hired is not None and (company.as_of - hired).days < RAMP_DAYS:
            found[rep] = NEW
        elif willing is not None and rep not in willing:
            found[rep] = UNWILLING
    return found
