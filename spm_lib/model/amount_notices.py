"""Odd amounts and rows that add up others: open deals without a sum, negative sums, totals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.key_notices import money_of
from spm_lib.model.notices import Notice, shown
from spm_lib.sources import RawFrame

if TYPE_CHECKING:
    from spm_lib.model.book import Book
    from spm_lib.model.company import Company

TOTALS = r"""^(?:(?:grand |sub-?)?totals?|sum|סה["״']{0,2}כ(?: כללי)?|סהכ|סך ?-?הכו?ל)\s*:?$"""


def open_without_amount(company: Company) -> Iterator[Notice]:
    """Tell of open deals without an amount, where amounts are kept at all."""
    if not company.has("opportunities", "amount") or company.as_of < company.exported_on:
        return
    open_ = company.table("opportunities").filter(pl.col("outcome") == "open")
    bare = open_.filter(pl.col("amount").is_null())
    if bare.height:
        yield Notice(
            "open_without_amount",
            "opportunities",
            "amount",
            (),
            bare.height,
            "{n:,} of {all:1 open deal|{all:,} open deals} {n:has|have} no amount: they are "
            "counted, and add nothing to the money in the pipeline.",
            details={"n": bare.height, "all": open_.height},
        )


def amounts_from_history(company: Company) -> Iterator[Notice]:
    """Tell of deals whose row has no amount, and for which the last one in their history stands."""
    if not company.has("stage_events", "amount") or company.as_of < company.exported_on:
        return
    if "opportunities" not in company.book.tables:
        return
    whole = company.whole or company
    bare = whole.once("deals without an amount", lambda: _bare(company.book))
    told = pl.col("amount").is_not_null() & pl.col("opportunity_id").is_in(bare.implode())
    lent = company.table("opportunities").filter(told).sort("opportunity_id")
    if lent.height:
        ids = lent["opportunity_id"].to_list()
        yield Notice(
            "amount_from_history",
            "opportunities",
            "amount",
            tuple(ids[:10]),
            lent.height,
            "{n:1 deal has|{n:,} deals have} no amount in {n:its|their} row: the last one in "
            "{n:its|their} history counts ({values}).",
            amount=money_of(lent),
            details={"n": lent.height, "values": shown(ids)},
        )


def _bare(book: Book) -> pl.Series:
    """Return the deals whose row has no amount, in whatever currency."""
    rows = book.tables["opportunities"]
    own = [c for c in rows.columns if c in ("amount", "_foreign_amount")]
    return rows.filter(pl.all_horizontal(pl.col(own).is_null()))["opportunity_id"]


def negative_amounts(company: Company) -> Iterator[Notice]:
    """Tell of deals of less than nothing: they are taken off every total."""
    rows = company.table("opportunities").filter(pl.col("amount") < 0).sort("opportunity_id")
    if rows.height:
        ids = rows["opportunity_id"].to_list()
        won = int((rows["outcome"] == "won").sum())
        yield Notice(
            "negative_amount",
            "opportunities",
            "amount",
            tuple(ids[:10]),
            rows.height,
            "{n:1 deal has|{n:,} deals have} a negative amount ({won:,} of them won): "
            "{values}. Totals are less by it. If they are credits, say so to your readers; if "
            "not, correct the source.",
            amount=money_of(rows),
            details={"n": rows.height, "won": won, "values": shown(ids)},
        )


def total_rows(raw: RawFrame) -> Iterator[Notice]:
    """Tell of rows of a source that look like its totals: they count as any other row."""
    own = [c for c in raw.columns if raw.frame.schema.get(c) == pl.String]
    marks = [pl.col(c).str.strip_chars().str.to_lowercase().str.contains(TOTALS) for c in own]
    if not marks:
        return
    found = raw.frame.filter(pl.any_horizontal(marks))
    if 0 < found.height <= max(3, raw.frame.height // 20):
        lines = [str(row) for row in found["_row"]]
        yield Notice(
            "total_row",
            raw.name,
            "",
            tuple(lines[:10]),
            found.height,
            "{raw}: {n:1 row looks|{n:,} rows look} like a total of the others (line "
            "{values}). Totals are not told apart from other rows: remove them from the source.",
            details={"raw": raw.name, "n": found.height, "values": shown(lines)},
        )
