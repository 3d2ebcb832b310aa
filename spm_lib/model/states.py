"""The state that a history leaves, joined to the deals or made into them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.model.book import Book
from spm_lib.model.columns import TABLES


def with_states(deals: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """Join the state that the history leaves to each deal, under the prefix ``_h_``."""
    renamed = states.rename({c: f"_h_{c}" for c in states.columns if c != "_opp"})
    return deals.join(renamed, on="_opp", how="left", maintain_order="left")


def mended(deals: pl.DataFrame, *, book: Book) -> pl.DataFrame:
    """Take from the history what the deal's row lacks.

    These are the day it was created, the day it closed, the owner at the close (who gets the
    credit) and, of a deal without an amount, the last amount known.
    """
    agrees = (pl.col("outcome") == pl.col("_h_outcome")).fill_null(value=False)
    closed = agrees & (pl.col("outcome") != "open")
    zone = book.settings.calendar.timezone
    undated = closed & pl.col("closed_on").is_null()
    return deals.with_columns(
        *_filled(deals, "created", where=pl.col("created_on").is_null(), timezone=zone),
        *_filled(deals, "closed", where=undated, timezone=zone),
        rep_id=pl.when(closed).then(pl.coalesce("_h_rep_id", "rep_id")).otherwise("rep_id"),
        amount=pl.when(agrees).then(pl.coalesce("amount", "_h_amount")).otherwise("amount"),
    )


def _filled(frame: pl.DataFrame, name: str, *, where: pl.Expr, timezone: str) -> list[pl.Expr]:
    parts = {
        f"{name}_at": moment_from_history(frame, name, timezone=timezone),
        f"{name}_on": pl.col(f"_h_{name}_on"),
        f"{name}_day": pl.col(f"_h_{name}_day"),
    }
    return [pl.when(where).then(v).otherwise(pl.col(c)).alias(c) for c, v in parts.items()]


def moment_from_history(frame: pl.DataFrame, name: str, *, timezone: str) -> pl.Expr:
    """Return the history's moment in the type that the deal's own column has."""
    own, told = frame.schema[f"{name}_at"], frame.schema[f"_h_{name}_at"]
    if own == pl.Date:
        return pl.col(f"_h_{name}_on")
    if own == told:
        return pl.col(f"_h_{name}_at")
    midnight = pl.col(f"_h_{name}_on").cast(pl.Datetime("us"))
    placed = midnight.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC")


def states_as_deals(states: pl.DataFrame, *, keep: Sequence[str]) -> pl.DataFrame:
    """Return the opportunities that an event log makes: one row per deal, its last state."""
    names = TABLES["opportunities"].names()
    typed = {"recorded_at": pl.Date(), "discount": pl.Float64()}
    blank = {
        c: pl.lit(None, dtype=typed.get(c, pl.String())) for c in names if c not in states.columns
    }
    frame = states.with_columns(
        **blank,
        recorded_on=pl.lit(None, dtype=pl.Date),
        recorded_day=pl.lit(None, dtype=pl.Int64),
        set_aside=pl.lit(None, dtype=pl.String),
        _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    derived = [c for c in frame.columns if c not in names and c not in keep]
    return frame.select([*names, *keep, *derived])
