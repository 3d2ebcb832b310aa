"""A part of the company: the deals that carry one value in a column, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import ScopeError
from spm_lib.model.columns import TABLES

if TYPE_CHECKING:
    from spm_lib.model.company import Company

OF_A_DEAL = ("stage_events", "activities", "splits")
OF_A_REP = ("reps", "memberships")


def part_of(company: Company, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a table that belong to the company's part, ``COLUMN=value``.

    Deals are told by the column; events, activities and splits by their deal; people and customers
    by their deals; other tables by the column where they have it. A table that cannot be told apart
    (targets and costs, say) shows nothing, unless its rows name no person.
    """
    part = company.scope.part
    if part is None:
        return frame
    column, value = part
    if name == "opportunities" or (name not in OF_A_DEAL and column in frame.columns):
        return frame.filter((pl.col(column).cast(pl.String) == value).fill_null(value=False))
    if TABLES[name].visibility == "all":
        return frame.filter(pl.col("set_aside").is_null())
    key = _key(name)
    if key is None:
        return frame.clear()
    there = company.values("opportunities", key).implode()
    return frame.filter(pl.col(key).is_in(there).fill_null(value=False))


def _key(name: str) -> str | None:
    if name in OF_A_DEAL:
        return "opportunity_id"
    if name in OF_A_REP:
        return "rep_id"
    return "account_id" if name == "accounts" else None


def part_named(company: Company, text: str) -> tuple[str, str]:
    """Return the column and the value of ``COLUMN=value``.

    Raises
    ------
    ScopeError
        If deals have no such column, or no deal has that value.
    """
    column, _, value = text.partition("=")
    values = part_values(company, column)
    if value not in values:
        raise ScopeError(
            f"No deal has '{value}' in the column {column}.",
            found=", ".join(values[:10]) or "no value at all",
            do=f"Write {column}=VALUE with one of them",
        )
    return column, value


def part_values(company: Company, column: str) -> list[str]:
    """Return the values that good deals have in a column, sorted, as texts.

    Raises
    ------
    ScopeError
        If deals have no such column of texts.
    """
    names, kept = company.columns("opportunities")
    there = company.rows("opportunities").collect_schema()
    texts = [c for c in (*names, *kept) if c in there and there[c] == nw.String]
    if column not in texts:
        raise ScopeError(
            f"Deals have no column '{column}' to tell parts by.",
            found=", ".join(c for c in texts if c != "opportunity_id"),
            do="Name one of them; `keep` in [tables.opportunities] carries others along",
        )
    return company.values("opportunities", column).to_list()
