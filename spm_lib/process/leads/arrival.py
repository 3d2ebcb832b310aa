"""What is known of a lead when it comes in, and what may not be used to foretell its way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.metrics.filled_at_close import filled_at_close
from spm_lib.metrics.mix import few_values
from spm_lib.model import Company

OWN = "known_at_creation does not name it: it may have been filled in later"
AT_CLOSE = "filled in mostly once a lead has become a deal"
FEW = "one value, or too many, or mostly not filled"
LATER = "told after the lead came in"
NEVER = {"first_response_at": LATER, "converted_at": LATER, "opportunity_id": LATER}
MADE = ("weekday", "part_of_day", "load")
WEEK, BEFORE = 7, 28  # days whose leads are the load, and those it is held against
HOURS = 4
QUIET, BUSY = 0.75, 1.25


@dataclass(frozen=True)
class ArrivalColumn:
    """A column of leads: ``refused`` says why it is not looked at; null where it is."""

    column: str
    refused: Phrase | None = None


def arrivals(company: Company) -> tuple[pl.DataFrame, tuple[ArrivalColumn, ...]]:
    """Return leads with what was known when they came in, and the columns looked at or refused.

    The source counts unless it is filled in mostly once a lead is converted; columns kept along
    and the owner count where ``known_at_creation`` names them. Made from the day and the hour:
    ``weekday``, ``part_of_day`` (four hours) and ``load``: leads of the week before (of the same
    owner, where the owner counts) against the four weeks before that: quiet, usual or busy; null
    where none came in those.

    Returns
    -------
    tuple
        ``lead_id, created_day, converted_day, rep_id, created_on``, one String column per column
        looked at; rows in order of coming in. Null is a value of its own.
    """
    leads = company.table("leads").sort("created_day", "lead_id")
    known = company.book.known.get("leads", frozenset())
    kept = company.columns("leads")[1]
    judged = [_judged(leads, name, known=name in known) for name in ("source", "rep_id", *kept)]
    owner = None in [c.refused for c in judged if c.column == "rep_id"]
    made = leads.with_columns(
        weekday=pl.col("created_on").dt.weekday().cast(pl.String),
        part_of_day=_part_of_day(leads, company.settings.workspace.timezone),
        load=_load(leads, ["rep_id"] if owner else []),
    )
    judged += [ArrivalColumn(c, None if few_values(made[c]) else Phrase(FEW)) for c in MADE]
    judged += [
        ArrivalColumn(c, Phrase(why))
        for c, why in NEVER.items()
        if leads[c].null_count() < leads.height
    ]
    fixed = ["lead_id", "created_day", "converted_day", "rep_id", "created_on", "source"]
    used = [c.column for c in judged if c.refused is None and c.column not in fixed]
    return made.select(*fixed, pl.col(used).cast(pl.String)), tuple(judged)


def _judged(leads: pl.DataFrame, name: str, *, known: bool) -> ArrivalColumn:
    ended = pl.when(pl.col("converted_day").is_null()).then(pl.lit("open")).otherwise(pl.lit("won"))
    if not known and name != "source":
        return ArrivalColumn(name, Phrase(OWN))
    if not few_values(leads[name]):
        return ArrivalColumn(name, Phrase(FEW))
    late = filled_at_close(leads.with_columns(outcome=ended), name)
    return ArrivalColumn(name, Phrase(AT_CLOSE) if late else None)


def _part_of_day(leads: pl.DataFrame, timezone: str) -> pl.Expr:
    """Return the hour at which each part of the day begins, such as 08; null without a clock."""
    if not isinstance(leads.schema["created_at"], pl.Datetime):
        return pl.lit(None, dtype=pl.String)
    hour = pl.col("created_at").dt.convert_time_zone(timezone).dt.hour()
    return (hour // HOURS * HOURS).cast(pl.String).str.zfill(2)


def _load(leads: pl.DataFrame, groups: list[str]) -> pl.Series:
    """Return whether more leads than usual came in the week before each one."""
    told = pl.Series("load", [None] * leads.height, dtype=pl.String)
    parts = leads.with_row_index("_at").select("_at", "created_day", *groups)
    for _, part in parts.group_by(*groups, maintain_order=True) if groups else [((), parts)]:
        days, at = part["created_day"].to_numpy(), part["_at"]
        week, before = (
            np.searchsorted(days, days - near) - np.searchsorted(days, days - far)
            for near, far in ((0, WEEK), (WEEK, WEEK + BEFORE))
        )
        usual = before * (WEEK / BEFORE)
        words = np.where(week < QUIET * usual, "quiet", "usual")
        words = np.where(week > BUSY * usual, "busy", words)
        spoken = pl.DataFrame({"words": words, "usual": usual}).select(
            pl.when(pl.col("usual") > 0).then("words")
        )
        told = told.scatter(at, spoken.to_series())
    return told
