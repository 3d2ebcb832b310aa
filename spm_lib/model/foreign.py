"""Money as given in several currencies: which one each row is in, and foreign amounts kept fine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from spm_lib.model.columns import Table
from spm_lib.model.kinds import Reading, read_values
from spm_lib.sources import currency_of, signs_of, written_signs

FOREIGN_SCALE = 4
_BETWEEN = "\x1f"
Odd = list[tuple[str, pl.Series]]


def lends(deals: pl.DataFrame | None, *, table: Table) -> bool:
    """Say whether rows of the table that name no currency have that of their deal."""
    return table.name == "stage_events" and deals is not None and deals["currency"].count() > 0


def settled_currencies(
    frame: pl.DataFrame,
    money: Mapping[str, pl.Series],
    *,
    deals: pl.DataFrame | None,
    reading: Reading,
    own: str,
) -> tuple[pl.DataFrame, Odd]:
    """Return the rows with the currency each is in (null: ``own``), and which amounts deny it.

    It is the one that the column names. Else it is that of the deal where that is a foreign one
    (``_deal_currency`` says so) or the reporting currency, unless a sign beside the amount tells
    another one. An amount whose sign does not fit is of no known currency. A deal that names the
    reporting currency lends nothing, so that its history reads the same whenever that is told.

    Parameters
    ----------
    money
        The money columns as they stand in the source.
    deals
        The canonical opportunities, where they lend their currency to the rows.
    """
    named = frame["currency"].str.to_uppercase()
    lent = _lent(frame, deals, own=own)
    odd = []
    for name, values in money.items():
        signs = written_signs(
            values, decimal=reading.decimal, thousands=reading.thousands, missing=reading.missing
        )
        if signs["before"].count() + signs["after"].count() == 0:
            continue
        strange = ~_fit(signs, _first(named, lent, own=own))
        named = _first(named, _told(signs).set(~strange, None))
        odd.append((name, ~_fit(signs, _first(named, lent, own=own))))
    marks = {"_deal_currency": named.is_null() & lent.is_not_null()} if lent.count() else {}
    return frame.with_columns(currency=_first(named, lent), **marks), odd


def _lent(frame: pl.DataFrame, deals: pl.DataFrame | None, *, own: str) -> pl.Series:
    """Return the foreign currency of each row's deal."""
    if deals is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    told = deals.select("opportunity_id", _theirs=pl.col("currency").str.to_uppercase())
    one = told.drop_nulls().unique("opportunity_id", keep="first", maintain_order=True)
    keys = frame.select("opportunity_id")
    theirs = keys.join(one, on="opportunity_id", how="left", maintain_order="left")["_theirs"]
    return theirs.set((theirs == own.upper()).fill_null(value=False), None)


def _first(*series: pl.Series, own: str | None = None) -> pl.Series:
    frame = pl.DataFrame([s.alias(str(n)) for n, s in enumerate(series)])
    return frame.select(pl.coalesce(pl.all(), pl.lit(own, dtype=pl.String)).alias("currency"))[
        "currency"
    ]


def _fit(signs: pl.DataFrame, currencies: pl.Series) -> pl.Series:
    """Say whether the signs of each row may stand beside an amount of its currency."""
    codes = currencies.unique().drop_nulls()
    known = [f"{code}{_BETWEEN}{sign}" for code in codes for sign in signs_of(code)]
    rows = signs.with_columns(currencies.alias("currency"))
    return rows.select(
        pl.all_horizontal(
            pl.col(c).is_null()
            | pl.concat_str("currency", c, separator=_BETWEEN).is_in(known).fill_null(value=False)
            for c in signs.columns
        ).alias("fit")
    )["fit"]


def _told(signs: pl.DataFrame) -> pl.Series:
    """Return the currency that the signs of each row tell by themselves."""
    found = {s for c in signs.columns for s in signs[c].drop_nulls().unique()}
    of = {sign: currency_of(sign) for sign in sorted(found)}
    each = [
        pl.col(c).replace_strict(of, default=None, return_dtype=pl.String)
        for c in ("after", "before")
    ]
    return signs.select(pl.coalesce(each).alias("told"))["told"]


def with_foreign(
    frame: pl.DataFrame,
    money: Mapping[str, pl.Series],
    *,
    zero_is_missing: Sequence[str],
    reading: Reading,
    own: str,
) -> tuple[pl.DataFrame, Odd]:
    """Move foreign amounts to ``_foreign_*`` (Int64, 10**-4 units), to be converted.

    Returned as well are the amounts that are too large for it.
    """
    foreign = (frame["currency"] != own.upper()).fill_null(value=False)
    if not bool(foreign.any()):
        return frame, []
    fine = replace(reading, exponent=FOREIGN_SCALE)
    columns: list[pl.Expr] = []
    odd: Odd = []
    for name, values in money.items():
        parsed = read_values(values, kind="money", reading=fine)
        read = zero_to_null(parsed.values) if name in zero_is_missing else parsed.values
        columns.append(pl.when(pl.lit(foreign)).then(pl.lit(read)).alias(f"_foreign_{name}"))
        columns.append(pl.when(~pl.lit(foreign)).then(pl.col(name)).alias(name))
        odd.append((name, parsed.unreadable & foreign))
    return frame.with_columns(columns), odd


def without(frame: pl.DataFrame, odd: Odd) -> pl.DataFrame:
    """Return the rows without the amounts that cannot be read."""
    for name, where in odd:
        names = [c for c in (name, f"_foreign_{name}") if c in frame.columns]
        frame = frame.with_columns(pl.when(~pl.lit(where)).then(pl.col(c)).alias(c) for c in names)
    return frame


def zero_to_null(values: pl.Series) -> pl.Series:
    """Return the values with null in place of 0.

    Examples
    --------
    >>> zero_to_null(pl.Series([0, 5, None])).to_list()
    [None, 5, None]
    """
    name = values.name
    return values.to_frame().select(pl.when(pl.col(name) != 0).then(pl.col(name)).alias(name))[name]
