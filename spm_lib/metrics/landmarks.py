"""Landmarks: how deals stood on given days, and how long a deal needs to be won after one.

What is done is read up to the landmark, the outcome after it, so that a deal that lasts longer
does not collect more. Source: Anderson, Cain & Gelber (1983), Journal of Clinical Oncology 1:710.
"""

from __future__ import annotations

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model import Company, Receipt, SetAside

ENOUGH_TIME = 0.9  # quantile of won cycles after which a deal has had its time
KEY = ("opportunity_id", "mark")


def time_to_win(deals: pl.DataFrame) -> int:
    """Return the days from creation within which nine of ten won deals had closed.

    Parameters
    ----------
    deals
        With ``outcome``, ``created_day`` and ``closed_day``; deals without both days do not count.

    Raises
    ------
    DataError
        If no won deal has both its dates.

    Examples
    --------
    >>> days = {"outcome": ["won"] * 3, "created_day": [0, 0, 5], "closed_day": [9, 20, 35]}
    >>> time_to_win(pl.DataFrame(days))
    30
    """
    won = deals.filter(pl.col("outcome") == "won")
    cycle = (won["closed_day"] - won["created_day"]).drop_nulls()
    if not cycle.len():
        raise DataError(
            "What goes with winning cannot be told: no won deal has both its dates.",
            found=f"{deals.height} deals with a date of creation, {won.height} of them won",
            do="Map created_at and closed_at of opportunities",
        )
    return int(cycle.quantile(ENOUGH_TIME, "higher") or 0)


def standing_at(company: Company, marks: pl.DataFrame) -> pl.DataFrame:
    """Return how each deal stood at the end of each of its landmarks.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    marks
        ``opportunity_id, mark`` (epoch day), any number of landmarks per deal.

    Returns
    -------
    polars.DataFrame
        One row per deal and landmark that knew of it: ``opportunity_id, mark, then`` (open, won,
        lost, gone), ``rep_id, amount_then, planned_first, planned_then`` (epoch days; null: none
        told), ``pushes`` (moves of the planned close to a later day) and ``handovers`` (changes of
        owner).
    """
    previous = pl.col("opportunity_id") == pl.col("opportunity_id").shift(1)
    later = (pl.col("expected_day") > pl.col("expected_day").shift(1)) & previous
    other = pl.col("rep_id").ne_missing(pl.col("rep_id").shift(1)) & previous
    changes = company.changes.frame.with_columns(
        _push=later.fill_null(value=False), _hand=other.fill_null(value=False)
    )
    seen = changes.join(marks.select(KEY), on="opportunity_id", maintain_order="left_right").filter(
        pl.col("day") <= pl.col("mark")
    )
    return seen.group_by(KEY, maintain_order=True).agg(
        then=pl.col("outcome").last(),
        rep_id=pl.col("rep_id").last(),
        amount_then=pl.col("amount").last(),
        planned_first=pl.col("expected_day").drop_nulls().first(),
        planned_then=pl.col("expected_day").last(),
        pushes=pl.col("_push").sum().cast(pl.Int64),
        handovers=pl.col("_hand").sum().cast(pl.Int64),
    )


def stage_at(company: Company, marks: pl.DataFrame) -> pl.DataFrame:
    """Return the stage in which each deal was at the end of each of its landmarks.

    Columns out: ``opportunity_id, mark, stage_then, stage_since`` (epoch day of entering it) and
    ``stage_amount`` (minor units on entering it); no row where no history of stages tells it.
    """
    seen = company.stints.join(marks.select(KEY), on="opportunity_id").filter(
        pl.col("entered_day") <= pl.col("mark")
    )
    order = ("entered_day", "seq")
    return seen.group_by(KEY, maintain_order=True).agg(
        stage_then=pl.col("stage").sort_by(*order).last(),
        stage_since=pl.col("entered_day").sort_by(*order).last(),
        stage_amount=pl.col("amount").sort_by(*order).last(),
    )


def left_out(company: Company, aside: pl.DataFrame) -> Receipt:
    """Return the receipt of the deals when some are left out.

    Those are the rows of ``aside`` (opportunity_id, reason). The reasons of the intake stay as they
    are; money is null where no amount is known.
    """
    base = company.receipt("opportunities")
    amounts = company.table("opportunities").select("opportunity_id", "amount")
    told = aside.join(amounts, on="opportunity_id", how="left")
    parts = dict(base.set_aside)
    grouped = told.group_by("reason").agg(
        rows=pl.len(), amount=pl.col("amount").sum(), known=pl.col("amount").count()
    )
    for reason, rows, amount, known in grouped.sort("reason").iter_rows():
        parts[reason] = SetAside(rows, amount if known else None)
    return Receipt(base.used - aside.height, parts, scoped=base.scoped)
