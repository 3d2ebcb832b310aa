"""Odd histories: two rows called the latest, ties, deals that start past the first stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.notices import Notice, shown

if TYPE_CHECKING:
    from spm_lib.model.company import Company

LATEST = r"(?i)\b(latest|newest|current|is_?last)\b"
TRUE = ("true", "yes", "1", "t", "y")


def latest_flags(company: Company) -> Iterator[Notice]:
    """Tell of deals with several rows that a kept column calls the latest."""
    events = company.table("stage_events")
    for column in company.columns("stage_events")[1] if company.has("stage_events") else ():
        if not pl.Series([column]).str.contains(LATEST).item():
            continue
        flagged = events.filter(pl.col(column).cast(pl.String).str.to_lowercase().is_in(TRUE))
        twice = flagged.group_by("opportunity_id").len().filter(pl.col("len") > 1)
        if twice.height:
            ids = twice["opportunity_id"].sort().to_list()
            yield Notice(
                "latest_twice",
                "stage_events",
                column,
                tuple(ids[:10]),
                twice.height,
                "{n:1 deal has|{n:,} deals have} two or more rows that {column} calls the "
                "latest, such as {values}. The newest row by date counts.",
                details={"n": twice.height, "column": column, "values": shown(ids)},
            )


def ties(company: Company) -> Iterator[Notice]:
    """Tell of deals whose last two changes carry the same moment and no order of their own."""
    if not company.has("stage_events") or company.has("stage_events", "seq"):
        return
    events = company.full("stage_events").filter(
        pl.col("set_aside").is_null() & pl.col("_opp").is_not_null()
    )
    same = pl.col("_opp").eq_missing(pl.col("_opp").shift(1)) & (
        pl.col("entered_at") == pl.col("entered_at").shift(1)
    )
    last = pl.col("_opp").ne_missing(pl.col("_opp").shift(-1))
    differs = pl.col("stage").ne_missing(pl.col("stage").shift(1))
    tied = events.filter((same & last & differs).fill_null(value=False))
    if tied.height:
        ids = tied["opportunity_id"].sort().to_list()
        yield Notice(
            "tie",
            "stage_events",
            "entered_at",
            tuple(ids[:10]),
            tied.height,
            "{n:1 deal ends|{n:,} deals end} with two changes of the same moment; the later "
            "row of the file counts: {values}.",
            details={"n": tied.height, "values": shown(ids)},
        )


def late_starts(company: Company) -> Iterator[Notice]:
    """Tell of deals whose history starts past the first stage, or at a close."""
    first = company.stints.select("seq", "stage_rank", "outcome")
    past = first.filter((pl.col("seq") == 1) & (pl.col("stage_rank") != 0))
    if past.height:
        closed = past.filter(pl.col("outcome") != "open")
        yield Notice(
            "late_start",
            "stage_events",
            "stage",
            (),
            past.height,
            "{n:1 deal starts|{n:,} deals start} past the first stage, {closed:,} of them "
            "straight at a close.",
            details={"n": past.height, "closed": closed.height},
        )


def event_time(company: Company) -> Iterator[Notice]:
    """Tell that nothing says when rows were entered, so that as-of goes by event time."""
    if company.as_of < company.exported_on and not company.has("opportunities", "recorded_at"):
        yield Notice(
            "event_time",
            "opportunities",
            "recorded_at",
            (),
            0,
            "Nothing says when rows were entered: what was known on a day is told by event time.",
        )


def lent_currencies(company: Company) -> Iterator[Notice]:
    """Tell of changes whose amount is taken to be in the currency of their deal."""
    events = company.full("stage_events")
    if "_deal_currency" not in events.columns:
        return
    good = pl.col("set_aside").is_null() & pl.col("amount").is_not_null()
    foreign = pl.col("currency").str.to_uppercase() != company.currency
    lent = events.filter(good & pl.col("_deal_currency") & foreign)
    if lent.height:
        names = lent["currency"].unique().sort().to_list()
        yield Notice(
            "deal_currency",
            "stage_events",
            "currency",
            tuple(names[:10]),
            lent.height,
            "{n:1 change carries|{n:,} changes carry} an amount and no currency: it is read "
            "in the currency of their deal ({values}).",
            details={"n": lent.height, "values": shown(names)},
        )
