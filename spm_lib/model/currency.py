"""Foreign money turned into the reporting currency, by the latest rate known by then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.model.columns import Table
from spm_lib.model.foreign import FOREIGN_SCALE
from spm_lib.model.kinds import RATE_SCALE, rescale

if TYPE_CHECKING:
    from spm_lib.model.book import Book

NO_RATE = "no exchange rate"
EVENT_DAY = {
    "opportunities": "closed_on",
    "stage_events": "entered_on",
    "orders": "date",
    "payments": "date",
    "costs": "period_start",
}


def convert(frame: pl.DataFrame, *, book: Book, table: Table, day: date) -> pl.DataFrame:
    """Fill money columns from their ``_foreign_*`` twins; without a rate the row is set aside.

    So is a row whose amount is too large in the reporting currency.

    The rate is the latest on or before the row's event (the close of a deal, the date of an order)
    and on or before ``day``; an open deal is worth what it is worth on ``day``.
    """
    foreign = [c for c in frame.columns if c.startswith("_foreign_")]
    if not foreign:
        return frame
    rates = _rates(book, day=day)
    dated = frame.with_row_index("_n").with_columns(
        _when=pl.min_horizontal(pl.col(EVENT_DAY[table.name]).fill_null(day), pl.lit(day))
    )
    joined = dated.sort("_when").join_asof(
        rates,
        left_on="_when",
        right_on="_rate_day",
        by="currency",
        strategy="backward",
        check_sortedness=False,
    )
    digits = exponent(book.settings.workspace.currency)
    minor = {c.removeprefix("_foreign_"): _minor(c, exponent=digits) for c in foreign}
    reasons = [
        _where(pl.col(f"_foreign_{c}").is_not_null() & pl.col("_rate").is_null(), NO_RATE)
        for c in minor
    ]
    reasons += [
        _where(pl.col(f"_foreign_{c}").is_not_null() & worth.is_null(), f"unreadable {c}")
        for c, worth in minor.items()
    ]
    done = joined.sort("_n").with_columns(
        *[pl.coalesce(worth, pl.col(c)).alias(c) for c, worth in minor.items()],
        set_aside=pl.coalesce("set_aside", *reasons),
    )
    return done.select([c for c in frame.columns if c not in foreign])


def _minor(name: str, *, exponent: int) -> pl.Expr:
    """Return a foreign amount in minor units; null where it is too large, or there is no rate."""
    wide = pl.col(name).cast(pl.Int128) * pl.col("_rate").cast(pl.Int128)
    return rescale(wide, scale=FOREIGN_SCALE + RATE_SCALE, exponent=exponent)


def _where(condition: pl.Expr, reason: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(reason))


def _rates(book: Book, *, day: date) -> pl.DataFrame:
    """Return the rates known on ``day``: ``currency, _rate_day, _rate`` (Int128, 10**-10)."""
    if "fx_rates" not in book.tables:
        schema = {"currency": pl.String, "_rate_day": pl.Date, "_rate": pl.Int128}
        return pl.DataFrame(schema=schema)
    good = book.tables["fx_rates"].filter(pl.col("set_aside").is_null() & (pl.col("date") <= day))
    return good.select(
        pl.col("currency").str.to_uppercase(),
        pl.col("date").alias("_rate_day"),
        pl.Series("_rate", good["rate"].to_physical()),
    ).sort("_rate_day")
