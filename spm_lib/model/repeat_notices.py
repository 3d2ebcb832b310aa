"""Rows that may be told twice and count all the same: like costs, targets that add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.key_notices import money_of
from spm_lib.model.keys import content_of
from spm_lib.model.notices import Notice, shown

if TYPE_CHECKING:
    from spm_lib.model.company import Company


def like_costs(company: Company) -> Iterator[Notice]:
    """Tell of costs that say the same as another row of their file: each of them counts."""
    costs = company.table("costs")
    alike = costs.filter(costs.select(content_of(costs)).is_duplicated()) if costs.height else costs
    if alike.height:
        months = alike["period_start"].unique().sort().cast(pl.String).to_list()
        yield Notice(
            "like_costs",
            "costs",
            "amount",
            tuple(months[:10]),
            alike.height,
            "{n:1 row of costs says|{n:,} rows of costs say} the same as another one "
            "({values}): each of them counts. If they are repeats, remove them from the "
            "source.",
            amount=money_of(alike),
            details={"n": alike.height, "values": shown(months)},
        )


def targets_that_add_up(company: Company) -> Iterator[Notice]:
    """Tell of several targets of one owner, metric and period that nothing tells apart."""
    targets = company.table("targets")
    owner = ["rep_id", "team", "metric", "period_start", "period_end"]
    key = [*owner, *company.columns("targets")[1]]
    several = targets.filter(targets.select(key).is_duplicated()) if targets.height else targets
    if several.height:
        names = several.select(pl.coalesce("rep_id", "team").alias("name"))["name"]
        owners = names.drop_nulls().unique().sort().to_list()
        yield Notice(
            "targets_add_up",
            "targets",
            "value",
            tuple(owners[:10]),
            several.height,
            "{n:1 target shares|{n:,} targets share} owner, metric and period with another "
            "one ({values}): they add up. If one replaces the other, keep the one that holds.",
            details={"n": several.height, "values": shown(owners)},
        )
