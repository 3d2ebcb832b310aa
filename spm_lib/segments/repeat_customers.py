"""Customers by when, how often and for how much they bought (RFM), and who came back of such."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.metrics.definition import day_number
from spm_lib.model import Company, Figure
from spm_lib.segments.purchases import purchases
from spm_lib.stats import beta_binomial, heterogeneity

YEAR = 365
FEWEST = 40  # customers a year before as_of, of whom it is known whether they came back
OFTEN = (1, 2, 4)  # the first purchases of "once", "a few times", "often"
_GROUP = ("group", "recency", "frequency")
RECENT = (YEAR // 4, YEAR)  # days since the last purchase: "lately", "within a year", "long ago"


@dataclass(frozen=True, eq=False)
class RepeatCustomers:
    """Customers in groups of how lately and how often they bought.

    Attributes
    ----------
    customers
        One row per customer today: ``account_id, last`` (Date), ``days`` since, ``times, amount``
        (Int64 minor units), ``recency, frequency, money`` (1 low .. 3 high), ``group``.
    groups
        One row per group of today or a year ago: ``group, recency, frequency, customers`` (today),
        ``amount`` (median of a customer, Int64; null: nobody today), ``then`` (customers of such a
        year ago), ``came_back`` (of them, in that year), ``share, low, high`` (partially pooled).
    p
        Chance that luck alone spreads the groups so far.
    """

    company: Company = field(repr=False)
    customers: pl.DataFrame
    groups: pl.DataFrame
    p: float | None
    then: int
    came_back: int

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Who comes back, in words."""
        from spm_lib.segments.words import repeat_words

        return repeat_words(self)

    def figures(self) -> list[Figure]:
        """Return every number of it as a record of figures.json."""
        from spm_lib.segments.figures import repeat_figures

        return repeat_figures(self)


def repeat_customers(company: Company) -> RepeatCustomers:
    """Group customers by how lately and how often they bought, and tell who of such came back.

    The groups of a year ago are tried on what has happened since: a score that does not tell who
    comes back is no score. Without an order or a won deal nobody is a customer. Source: Hughes
    (1994), Strategic Database Marketing (RFM).

    Raises
    ------
    DataError
        If no customers are named, or fewer than 40 were there a year ago.
    """
    return company.once("repeat customers", lambda: _grouped(company))


def _grouped(company: Company) -> RepeatCustomers:
    bought, today = purchases(company), day_number(company.as_of)
    cut = today - YEAR
    earlier = customers_on(bought.filter(pl.col("day") <= cut), cut)
    if earlier.height < FEWEST:
        raise DataError(
            "Whether customers come back cannot be told: too few were there a year ago.",
            found=f"{earlier.height} customers",
            do=f"It needs {FEWEST} customers who bought more than a year before as_of",
        )
    again = bought.filter(pl.col("day") > cut, pl.col("day") <= today)["account_id"].unique()
    tried = earlier.group_by(_GROUP).agg(
        then=pl.len().cast(pl.Int64),
        came_back=pl.col("account_id").is_in(again.implode()).sum().cast(pl.Int64),
    )
    now = customers_on(bought.filter(pl.col("day") <= today), today)
    groups = now.group_by(_GROUP).agg(
        customers=pl.len().cast(pl.Int64), amount=pl.col("amount").median().round().cast(pl.Int64)
    )
    groups = groups.join(tried, on=_GROUP, how="full", coalesce=True).with_columns(
        pl.col("customers", "then", "came_back").fill_null(0)
    ).sort("recency", "frequency", descending=True)  # fmt: skip
    pooled = beta_binomial(groups["came_back"].to_numpy(), groups["then"].to_numpy())
    groups = groups.with_columns(share=pooled.shrunk, low=pooled.low, high=pooled.high)
    return RepeatCustomers(
        company,
        now,
        groups,
        heterogeneity(groups["came_back"].to_numpy(), groups["then"].to_numpy()).p,
        earlier.height,
        int(tried["came_back"].sum()),
    )


def customers_on(bought: pl.DataFrame, day: int) -> pl.DataFrame:
    """Return the customers as they stood at the end of a day (epoch day).

    Columns in: as ``purchases``. Columns out: see ``RepeatCustomers.customers``.
    """
    frame = (
        bought.group_by("account_id")
        .agg(
            _last=pl.col("day").max(),
            times=pl.col("purchase").n_unique().cast(pl.Int64),
            amount=pl.col("amount").sum(),
        )
        .sort("account_id")
        .with_columns(days=day - pl.col("_last"), last=pl.col("_last").cast(pl.Int32).cast(pl.Date))
    )
    days, times = pl.col("days"), pl.col("times")
    recency = 1 + (days <= RECENT[0]).cast(pl.Int64) + (days <= RECENT[1]).cast(pl.Int64)
    frequency = sum((times >= least).cast(pl.Int64) for least in OFTEN)
    third = pl.col("amount").rank("ordinal") * 3 / pl.len()
    return frame.with_columns(
        recency=recency, frequency=frequency, money=third.ceil().clip(1, 3).cast(pl.Int64)
    ).select(
        *("account_id", "last", "days", "times", "amount", "recency", "frequency", "money"),
        group=pl.format("{}{}", "recency", "frequency"),
    )
