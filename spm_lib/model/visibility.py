"""Who sees which rows: deny by default, decided before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.errors import ScopeError
from spm_lib.model.columns import TABLES
from spm_lib.model.members import holds_on
from spm_lib.model.parts import part_named

if TYPE_CHECKING:
    from spm_lib.model.company import Company
    from spm_lib.workspace import Scope

KINDS = ("rep", "team", "manager")


def visible(company: Company, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a table that the company's scope may see.

    Rows whose owner is unknown are seen in company scope only. A table whose visibility is not
    declared shows nothing.
    """
    reps = company.scope.rep_ids
    if reps is None:
        return frame
    kind = TABLES[name].visibility
    if kind == "all":
        return frame.filter(pl.col("set_aside").is_null())
    if kind == "own":
        return _own(company, name, frame, reps)
    if kind == "team":
        whole = pl.col("team").is_in(whole_teams(company)) & pl.col("rep_id").is_null()
        return frame.filter(of_people(pl.col("rep_id"), reps) | whole)
    if kind == "account":
        return frame.filter(pl.col("account_id").is_in(_accounts(company)))
    return frame.clear()


def _own(company: Company, name: str, frame: pl.DataFrame, reps: frozenset[str]) -> pl.DataFrame:
    if name != "stage_events":
        return frame.filter(of_people(pl.col("rep_id"), reps))
    whole = company.whole or company
    # the frame is the whole's, whoever asks first
    owners = whole.once("owners of known events", lambda: owners_of(whole, frame))
    return frame.filter(of_people(pl.lit(owners), reps))


def of_people(owner: pl.Expr, reps: frozenset[str]) -> pl.Expr:
    """Say which rows are of these people; those of one person are found sooner by comparing."""
    found = owner == next(iter(reps)) if len(reps) == 1 else owner.is_in(list(reps))
    return found.fill_null(value=False)


def owners_of(company: Company, events: pl.DataFrame) -> pl.Series:
    """Return the owner of each event: as the history carries it, else the owner of the deal."""
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    since = pl.when(pl.col("rep_id").is_not_null()).then(row).forward_fill()
    alone = pl.col("_opp").is_null()  # of no known deal: it carries nothing over
    first = pl.col("_opp").ne_missing(pl.col("_opp").shift(1)) | alone | (row == 0)
    start = pl.when(first).then(row).forward_fill()
    carried = pl.col("rep_id").gather(pl.when(since >= start).then(since))
    deals = company.everyone("opportunities").filter(pl.col("set_aside").is_null())
    named = events.with_columns(_carried=carried).join(
        deals.select("_opp", _row_rep="rep_id"), on="_opp", how="left", maintain_order="left"
    )
    return named.select(pl.coalesce("_carried", "_row_rep"))["_carried"]


def whole_teams(company: Company) -> list[str]:
    """Return the teams all of whose members (on ``as_of``) are in scope."""
    whole = company.whole or company
    members = whole.once("members of teams", lambda: _members(whole))
    reps = company.scope.rep_ids or frozenset()
    return sorted(team for team, ids in members.items() if ids <= reps)


def _members(whole: Company) -> dict[str, set[str | None]]:
    """Return who is in each team on ``as_of``; None stands for a place without a person."""
    members = _everyone_on(whole).group_by("team").agg(pl.col("rep_id"))
    return {team: set(ids) for team, ids in members.drop_nulls().iter_rows()}


def _everyone_on(company: Company) -> pl.DataFrame:
    """Return the memberships that hold on ``as_of``, of everybody."""
    good = pl.col("set_aside").is_null()
    return company.everyone("memberships").filter(good & holds_on(company.as_of))


def _accounts(company: Company) -> list[str]:
    """Return the accounts that people in scope have dealings with."""
    return company.once("accounts", lambda: _dealt_with(company))


def _dealt_with(company: Company) -> list[str]:
    found: set[str] = set()
    for name in ("opportunities", "activities", "orders", "payments"):
        found |= set(company.values(name, "account_id")) if company.has(name) else set()
    return sorted(found)


def narrowed(held: Scope, asked: Scope) -> Scope:
    """Return the asked scope if the held one contains it.

    Raises
    ------
    ScopeError
        If it would show rows that the held scope does not.
    """
    if not held.narrow or asked == held:
        return asked
    if held.rep_ids is None or asked.rep_ids is None or not asked.rep_ids <= held.rep_ids:
        raise ScopeError(
            f"The view '{held.label}' cannot be widened to '{asked.label}'.",
            do="Open the company anew with the scope that is needed",
        )
    return asked


def scope_named(company: Company, text: str) -> Scope:
    """Return the scope that a text names, as memberships say on ``as_of``.

    ``company``; ``rep:ID``; ``team:NAME`` (its members); ``manager:ID`` (everybody under the
    manager, at any depth, and the manager); ``COLUMN=value`` (the deals that have it).

    Raises
    ------
    ScopeError
        If nobody is found by that name; what there is is listed.
    """
    from spm_lib.workspace import Scope

    kind, _, name = text.partition(":")
    if text == "company":
        return Scope.company()
    if kind not in KINDS and "=" in text:
        return Scope.of_part(*part_named(company, text))
    if kind == "rep" and name in company.once("people", lambda: _people(company)):
        return Scope.rep(name)
    found: set[str] = set()
    if kind == "team":
        found = set(_everyone_on(company).filter(pl.col("team") == name)["rep_id"])
    if kind == "manager":
        found = _under(_everyone_on(company), name)
    if not found:
        raise _nobody(company, text)
    return Scope.reps(found, label=f"{kind}-{name}")


def _people(company: Company) -> set[str]:
    tables = ("reps", "memberships", "opportunities", "orders", "activities")
    whole = company.whole or company
    return {rep for name in tables for rep in whole.values(name, "rep_id", aside=True)}


def _under(members: pl.DataFrame, manager: str) -> set[str]:
    found: set[str] = set()
    layer = {manager}
    while layer:
        direct = set(members.filter(pl.col("manager_id").is_in(sorted(layer)))["rep_id"])
        layer = direct - found
        found |= layer
    return found | {manager} if found else found


def _nobody(company: Company, text: str) -> ScopeError:
    if company.scoped:  # who else there is, is nobody's business
        return ScopeError(f"The scope '{text}' names nobody in '{company.scope.label}'.")
    members = _everyone_on(company)
    teams = ", ".join(sorted(members["team"].drop_nulls().unique().to_list()))
    managers = ", ".join(sorted(members["manager_id"].drop_nulls().unique().to_list()))
    return ScopeError(
        f"The scope '{text}' names nobody.",
        found=f"teams: {teams or 'none'}; managers: {managers or 'none'}",
        do="Write company, rep:ID, team:NAME, manager:ID or COLUMN=value",
    )
