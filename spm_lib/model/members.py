"""Who is in which team under whom on a day: all memberships, or one place for each person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from spm_lib.model.company import Company


def holds_on(day: date) -> pl.Expr:
    """Say which memberships hold on a day: ``[valid_from, valid_to)``, open where null."""
    begun = (pl.col("valid_from") <= day).fill_null(value=True)
    return begun & (pl.col("valid_to") > day).fill_null(value=True)


def members_on(company: Company, day: date | None = None) -> pl.DataFrame:
    """Return the memberships in scope that hold on a day (``as_of`` if not given)."""
    return company.table("memberships").filter(holds_on(day or company.as_of))


def places_on(company: Company, day: date | None = None) -> pl.DataFrame:
    """Return one place for each person on a day: ``rep_id, team, manager_id``.

    Of several memberships at once the one begun last counts.
    """
    order = members_on(company, day).sort(
        "rep_id", "valid_from", nulls_last=False, maintain_order=True
    )
    return order.unique("rep_id", keep="last", maintain_order=True).select(
        "rep_id", "team", "manager_id"
    )
