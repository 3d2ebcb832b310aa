"""Who sees which rows: deny by default, decided before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.errors import ScopeError
from spm_lib.model.columns import TABLES

if TYPE_CHECKING:
    from spm_lib.model.company import Company
    from spm_lib.workspace import Scope


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
    if kind in ("own", "team"):
        return _own(company, name, frame, reps)
    if kind == "account":
        return frame.filter(pl.col("account_id").is_in(_accounts(company)))
    return frame.clear()


def _own(company: Company, name: str, frame: pl.DataFrame, reps: frozenset[str]) -> pl.DataFrame:
    if name != "stage_events":
        return frame.filter(pl.col("rep_id").is_in(list(reps)))
    owners = _owners(company, frame)
    return frame.filter(owners.is_in(list(reps)).fill_null(value=False))


def _owners(company: Company, events: pl.DataFrame) -> pl.Series:
    """Return the owner of each event: as the history carries it, else the owner of the deal."""
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    since = pl.when(pl.col("rep_id").is_not_null()).then(row).forward_fill()
    first = pl.col("_opp").ne_missing(pl.col("_opp").shift(1)) | (row == 0)
    start = pl.when(first).then(row).forward_fill()
    carried = pl.col("rep_id").gather(pl.when(since >= start).then(since))
    deals = company._everyone("opportunities").filter(pl.col("set_aside").is_null())
    named = events.with_columns(_carried=carried).join(
        deals.select("_opp", _row_rep="rep_id"), on="_opp", how="left", maintain_order="left"
    )
    return named.select(pl.coalesce("_carried", "_row_rep"))["_carried"]


def _accounts(company: Company) -> list[str]:
    """Return the accounts that people in scope have dealings with."""
    found: set[str] = set()
    for name in ("opportunities", "activities", "orders", "payments"):
        frame = company.table(name)
        found |= set(frame["account_id"].drop_nulls().unique().to_list())
    return sorted(found)


def narrowed(held: Scope, asked: Scope) -> Scope:
    """Return the asked scope if the held one contains it.

    Raises
    ------
    ScopeError
        If it would show rows that the held scope does not.
    """
    if held.rep_ids is None:
        return asked
    if asked.rep_ids is None or not asked.rep_ids <= held.rep_ids:
        raise ScopeError(
            f"The view '{held.label}' cannot be widened to '{asked.label}'.",
            do="Open the company anew with the scope that is needed",
        )
    return asked
