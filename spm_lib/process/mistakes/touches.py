"""What activities and leads tell of a deal: when each kind came first, how long it lay still."""

from __future__ import annotations

import polars as pl

from spm_lib.model import Company
from spm_lib.process.mistakes.needs import contact_column

FIRSTS = (
    "first_touch",
    "second_touch",
    "first_meeting",
    "first_demo",
    "first_proposal",
    "second_kind",
    "second_contact",
)


def deal_touches(company: Company) -> pl.DataFrame:
    """Return the activities on deals from their creation on, in order.

    Columns out: ``opportunity_id, day`` (epoch day), ``kind``, ``contact`` (null: not told),
    ``touch`` (1 for the deal's first, and so on), ``created_day``, ``before`` (day of the touch
    before it, else of the creation).
    """
    name = contact_column(company)
    contact = pl.col(name).cast(pl.String) if name else pl.lit(None, dtype=pl.String)
    deals = company.table("opportunities").select("opportunity_id", "created_day")
    acts = company.table("activities").select(
        "opportunity_id", "kind", "activity_id", day=pl.col("happened_day"), contact=contact
    )
    acts = acts.join(deals, on="opportunity_id").filter(pl.col("day") >= pl.col("created_day"))
    acts = acts.sort("opportunity_id", "day", "activity_id")
    place = pl.int_range(pl.len()).over("opportunity_id") + 1
    before = pl.col("day").shift(1).over("opportunity_id").fill_null(pl.col("created_day"))
    return acts.with_columns(touch=place, before=before).drop("activity_id")


def firsts(touches: pl.DataFrame) -> pl.DataFrame:
    """Return per deal the day, from its creation on, of the first of each kind of thing.

    Columns out: ``opportunity_id`` and those of ``FIRSTS``, null where there was none.
    """
    day = pl.col("day") - pl.col("created_day")

    def first(when: pl.Expr) -> pl.Expr:
        return day.filter(when.fill_null(value=False)).min()

    other = {
        name: pl.col(name) != pl.col(name).drop_nulls().first() for name in ("kind", "contact")
    }
    return touches.group_by("opportunity_id", maintain_order=True).agg(
        first_touch=first(pl.col("touch") == 1),
        second_touch=first(pl.col("touch") == 2),
        first_meeting=first(pl.col("kind") == "meeting"),
        first_demo=first(pl.col("kind") == "demo"),
        first_proposal=first(pl.col("kind") == "proposal"),
        second_kind=first(other["kind"]),
        second_contact=first(other["contact"]),
    )


def with_touches(cases: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Add to cases what was done by their day: firsts, ``touches``, ``quiet_days``.

    A deal that was never touched lies still since its creation.
    """
    told = cases.join(firsts(touches), on="opportunity_id", how="left", maintain_order="left")
    by_now = pl.col("mark") - pl.col("created_day")
    told = told.with_columns(pl.when(pl.col(c) <= by_now).then(pl.col(c)).alias(c) for c in FIRSTS)
    last = touches.select("opportunity_id", mark="day", last_touch="day", touches="touch")
    told = told.sort("mark", maintain_order=True).join_asof(
        last.sort("mark", maintain_order=True),
        on="mark",
        by="opportunity_id",
        check_sortedness=False,
    )
    since = pl.coalesce("last_touch", "created_day")
    return told.with_columns(pl.col("touches").fill_null(0), quiet_days=pl.col("mark") - since)


def lead_responses(company: Company) -> pl.DataFrame:
    """Return per deal that began as a lead the days until its lead was first answered.

    Columns out: ``opportunity_id, response_days, response_day`` (epoch day of the answer).
    """
    leads = company.table("leads").filter(pl.col("opportunity_id").is_not_null())
    wait = pl.col("first_response_day") - pl.col("created_day")
    return (
        leads.select("opportunity_id", response_days=wait, response_day="first_response_day")
        .drop_nulls()
        .sort("opportunity_id", "response_day")
        .unique("opportunity_id", keep="first", maintain_order=True)
    )
