"""Who bought what when: by orders where they name customers, else by won deals."""

from __future__ import annotations

from typing import Literal

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model import Company

Source = Literal["orders", "opportunities"]


def source_of(company: Company) -> Source:
    """Return the table that tells who bought: orders that name customers, else the deals.

    Raises
    ------
    DataError
        If neither names customers.
    """
    for table in ("orders", "opportunities"):
        if company.has(table, "account_id"):
            return table
    raise DataError(
        "Nobody knows who bought: neither orders nor deals name customers.",
        found="no account_id",
        do="Map account_id of [tables.orders] or [tables.opportunities]",
    )


def purchases(company: Company) -> pl.DataFrame:
    """Return what customers bought: one row per order line, or per won deal.

    Columns out: ``account_id, purchase`` (order or deal), ``day`` (epoch day), ``amount`` (minor
    units, null: unknown), ``product_id`` (null: unknown). Rows without a customer or a day are left
    out.

    Raises
    ------
    DataError
        As ``source_of``.
    """
    source = source_of(company)
    rows = company.table(source)
    if source == "opportunities":
        rows = rows.filter(pl.col("outcome") == "won").rename({"closed_day": "day"})
    key = "order_id" if source == "orders" else "opportunity_id"
    known = pl.col("account_id").is_not_null() & pl.col("day").is_not_null()
    return rows.filter(known).select(
        "account_id", pl.col(key).alias("purchase"), "day", "amount", "product_id"
    )
