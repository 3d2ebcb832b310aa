"""The columns that may tell segments apart, and why others may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from spm_lib.metrics.filled_at_close import filled_at_close
from spm_lib.model import Company

Use = Literal["segment", "filled at close", "tells the outcome", "same as another", "values"]
FEWEST_VALUES, MOST_VALUES = 2, 30
FEW = 20  # decided deals below which a value is put together with other rare ones
RARE = "…"
EMPTY = ""
GIVEN = ("type", "source", "campaign", "product_id")
NOT_A_SEGMENT = ("lost_reason", "next_step", "forecast_category", "stage", "outcome", "currency")
POINTED_TO = {"accounts": "account_id", "products": "product_id"}
SURE = 0.02
MOST_SURE = 0.95


@dataclass(frozen=True)
class SegmentColumn:
    """A column and what may be done with it.

    ``use``: "segment" (it may tell segments apart), "filled at close" or "tells the outcome" (it is
    known only afterwards), "same as another" (it parts the deals as an earlier column does), or
    "values" (too few values, or too many).
    """

    column: str
    use: Use


def decided_deals(company: Company) -> pl.DataFrame:
    """Return the good deals that were won or lost, with the columns of segments as text.

    Columns out: ``opportunity_id, rep_id, account_id, won`` (Int64), ``amount`` (minor units, null:
    none), ``cycle_days`` (won deals with both dates, else null), ``closed_day`` (null: unknown),
    and one text column per candidate: "" where it is not filled. Sorted by close and key.
    """
    deals = _with_columns(company)
    won = pl.col("outcome") == "won"
    cycle = pl.col("closed_day") - pl.col("created_day")
    return (
        deals.filter(pl.col("outcome").is_in(["won", "lost"]))
        .with_columns(won=won.cast(pl.Int64), cycle_days=pl.when(won & (cycle >= 0)).then(cycle))
        .sort("closed_day", "opportunity_id", nulls_last=True)
    )


def _with_columns(company: Company) -> pl.DataFrame:
    deals = company.table("opportunities")
    for table, key in POINTED_TO.items():
        if not company.has(table):
            continue
        there = company.table(table).unique(key, keep="first", maintain_order=True)
        more = {
            name: name if name not in deals.columns else f"{table}.{name}"
            for name in company.columns(table)[1]
            if there.schema[name] in (pl.String, pl.Boolean)
        }
        deals = deals.join(there.select(key, *more).rename(more), on=key, how="left")
    names = _candidates(company, deals)
    bands = [_discount_bands(deals)] if "discount" in names else []
    texts = [pl.col(c).cast(pl.String).fill_null(EMPTY) for c in names if c != "discount"]
    return deals.with_columns(*texts, *bands)


def _candidates(company: Company, deals: pl.DataFrame) -> list[str]:
    canonical, kept = company.columns("opportunities")
    looked_up = [
        name if name in deals.columns and name not in kept else f"{table}.{name}"
        for table in POINTED_TO
        if company.has(table)
        for name in company.columns(table)[1]
    ]
    given = [c for c in (*GIVEN, "discount") if c in canonical and company.has("opportunities", c)]
    wanted = [*given, *kept, *looked_up]
    fit = (pl.String, pl.Boolean)
    return [
        name
        for name in dict.fromkeys(wanted)
        if name in deals.columns
        and name not in NOT_A_SEGMENT
        and (name == "discount" or deals.schema[name] in fit)
    ]


def _discount_bands(deals: pl.DataFrame) -> pl.Expr:
    """Return discounts in bands: none, and thirds of the others by the deals that had one."""
    given = deals["discount"].drop_nulls()
    given = given.filter(given > 0)
    edges = sorted({round(float(given.quantile(q, "higher") or 0), 4) for q in (1 / 3, 2 / 3, 1.0)})
    share, low, band = pl.col("discount"), 0.0, pl.when(pl.col("discount") <= 0).then(pl.lit("0%"))
    for edge in edges if given.len() else []:
        text = pl.lit(f"{100 * low:g}–{100 * edge:g}%")
        band = band.when(share <= edge + 1e-9).then(text)
        low = edge
    return band.otherwise(pl.lit(EMPTY)).fill_null(EMPTY).alias("discount")


def segment_columns(company: Company) -> tuple[SegmentColumn, ...]:
    """Return every column that was looked at, with what may be done with it.

    Candidates are type, source, campaign, product and discount of the deals where the data holds
    them, the columns kept with deals, and the texts kept with customers and products. Empty where
    there are no deals.
    """
    if not company.has("opportunities"):
        return ()
    return company.once("segment columns", lambda: _judged(company))


def _judged(company: Company) -> tuple[SegmentColumn, ...]:
    decided, everything = decided_deals(company), company.table("opportunities")
    found: list[SegmentColumn] = []
    for name in _candidates(company, decided):
        used = [c.column for c in found if c.use == "segment"]
        found.append(SegmentColumn(name, _use(name, decided, everything, used)))
    return tuple(found)


def _use(name: str, decided: pl.DataFrame, everything: pl.DataFrame, used: list[str]) -> Use:
    if name in everything.columns and filled_at_close(everything, name):
        return "filled at close"
    if _tells_the_outcome(decided, name):
        return "tells the outcome"
    frequent = merged(decided[name])
    if not FEWEST_VALUES <= frequent.n_unique() <= MOST_VALUES:
        return "values"
    twin = any(_same_parts(decided[name], decided[other]) for other in used)
    return "same as another" if twin else "segment"


def _tells_the_outcome(decided: pl.DataFrame, name: str) -> bool:
    """Say whether nearly all deals lie in values that are nearly all won or nearly all lost."""
    values = decided.group_by(name).agg(n=pl.len(), rate=pl.col("won").mean())
    sure = values.filter((pl.col("rate") <= SURE) | (pl.col("rate") >= 1 - SURE), pl.col("n") > 1)
    both = sure["rate"].n_unique() > 1
    return bool(both and sure["n"].sum() >= MOST_SURE * max(decided.height, 1))


def _same_parts(one: pl.Series, other: pl.Series) -> bool:
    pairs = pl.DataFrame({"a": one, "b": other}).unique()
    return pairs.height == pairs["a"].n_unique() == pairs["b"].n_unique()


def merged(values: pl.Series) -> pl.Series:
    """Return the values, those of fewer than twenty deals put together.

    Examples
    --------
    >>> merged(pl.Series(["a"] * 20 + ["b", "c"])).unique().sort().to_list()
    ['a', '…']
    """
    frame = pl.DataFrame({"v": values}).with_columns(n=pl.len().over("v"))
    return frame.select(pl.when(pl.col("n") < FEW).then(pl.lit(RARE)).otherwise("v"))["literal"]
