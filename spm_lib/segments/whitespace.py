"""Whitespace: customers without a product that customers like them buy."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.model import Company, Figure
from spm_lib.segments.columns import FEWEST_VALUES, MOST_VALUES
from spm_lib.segments.purchases import purchases
from spm_lib.stats import beta_binomial

FEWEST = 20  # customers of a segment of whom a share is told
EVERYBODY = ""
_CELLS = ("segment", "product")


@dataclass(frozen=True, eq=False)
class Whitespace:
    """Which products customers lack that many of their kind buy.

    Attributes
    ----------
    alike
        The column of customers that says who is alike; null: all customers are one kind.
    grouped
        The column of products that was looked at.
    table
        One row per segment and product: ``segment, product, customers, buyers, share, low, high``
        (partially pooled over the segments of a product), ``without`` (customers who do not buy
        it), ``typical`` (median a buyer spent, Int64 minor units, null: unknown), ``expected``
        (without x low x typical: were they to buy as cautiously read). The largest first.
    """

    company: Company = field(repr=False)
    alike: str | None
    grouped: str
    table: pl.DataFrame

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is missing where, in words."""
        from spm_lib.segments.words import whitespace_words

        return whitespace_words(self)

    def figures(self) -> list[Figure]:
        """Return every number of it as a record of figures.json."""
        from spm_lib.segments.figures import whitespace_figures

        return whitespace_figures(self)


def whitespace(company: Company, *, alike: str | None = None) -> Whitespace:
    """Return the products that customers lack and alike customers buy.

    Parameters
    ----------
    alike
        A column of customers; default: the first of 2 to 30 values that is half filled.

    Raises
    ------
    DataError
        If customers or products are not named, or fewer than 20 customers are alike.
    """
    return company.once(f"whitespace {alike}", lambda: _found(company, alike))


def _found(company: Company, alike: str | None) -> Whitespace:
    bought = purchases(company).drop_nulls("product_id")
    grouped, bought = _with_products(company, bought)
    name, segments = _segments(company, bought, alike)
    known = bought.join(segments, on="account_id", how="inner")
    sizes = segments.group_by("segment").agg(customers=pl.len().cast(pl.Int64))
    sizes = sizes.filter(pl.col("customers") >= FEWEST)
    if not sizes.height or known["product"].n_unique() < FEWEST_VALUES:
        raise DataError(
            "What customers lack cannot be told: too few alike, or one product only.",
            found=f"{segments.height} customers, {known['product'].n_unique()} products",
            do=f"It needs {FEWEST} customers of a kind and two products or groups of products",
        )
    spent = known.group_by("account_id", *_CELLS).agg(amount=pl.col("amount").sum())
    cells = spent.group_by(_CELLS).agg(
        buyers=pl.len().cast(pl.Int64), typical=pl.col("amount").median().round().cast(pl.Int64)
    )
    grid = sizes.join(known.select("product").unique(), how="cross")
    grid = grid.join(cells, on=_CELLS, how="left").with_columns(pl.col("buyers").fill_null(0))
    table = pl.concat([_shares(part) for _, part in grid.sort(_CELLS).group_by(
        "product", maintain_order=True)])  # fmt: skip
    table = table.with_columns(without=pl.col("customers") - pl.col("buyers"))
    worth = (pl.col("without") * pl.col("low") * pl.col("typical")).round().cast(pl.Int64)
    table = table.with_columns(expected=worth)
    return Whitespace(
        company, name, grouped,
        table.sort("expected", *_CELLS, descending=[True, False, False], nulls_last=True),
    )  # fmt: skip


def _shares(part: pl.DataFrame) -> pl.DataFrame:
    pooled = beta_binomial(part["buyers"].to_numpy(), part["customers"].to_numpy())
    return part.with_columns(share=pooled.shrunk, low=pooled.low, high=pooled.high)


def _with_products(company: Company, bought: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Return the rows with ``product``: a group of products where one is kept, else the product."""
    if company.has("products"):
        products = company.table("products").unique("product_id", keep="first")
        for name in company.columns("products")[1]:
            if _fits(products[name]):
                there = products.select("product_id", product=pl.col(name).cast(pl.String))
                return name, bought.join(there, on="product_id").drop_nulls("product")
    return "product_id", bought.with_columns(product="product_id")


def _segments(
    company: Company, bought: pl.DataFrame, alike: str | None
) -> tuple[str | None, pl.DataFrame]:
    """Return the kind of each customer who bought anything: account_id, segment."""
    buyers = bought.select("account_id").unique()
    if company.has("accounts"):
        accounts = company.table("accounts").unique("account_id", keep="first")
        for name in [alike] if alike else company.columns("accounts")[1]:
            if name in accounts.columns and (alike or _fits(accounts[name])):
                kind = pl.col(name).cast(pl.String).alias("segment")
                found = buyers.join(accounts.select("account_id", kind), on="account_id")
                return name, found.drop_nulls("segment").sort("account_id")
    everybody = pl.lit(EVERYBODY).alias("segment")
    return None, buyers.with_columns(everybody).sort("account_id")


def _fits(values: pl.Series) -> bool:
    if values.dtype != pl.String or values.null_count() > values.len() / 2:
        return False
    return FEWEST_VALUES <= values.drop_nulls().n_unique() <= MOST_VALUES
