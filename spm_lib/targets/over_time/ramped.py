"""Who was ramped when: those longer on board than a ramp lasts."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company


def ramped_spans(
    company: Company, results: pl.DataFrame, *, window: Window, months: int
) -> pl.DataFrame:
    """Return the stretch of a window in which each person who sold in it was ramped.

    Parameters
    ----------
    results
        ``rep_id, day``, as ``dated_results`` gives them.
    months
        Months after the hire date from which on a person is ramped; an unknown hire date is long
        ago.

    Columns out
    -----------
    rep_id, since, until : Date, ``[since, until)``, ended by the leave date and ``as_of``; sorted
    """
    inside = results.filter(pl.col("day").is_between(window.start, window.end, closed="left"))
    dates = company.table("reps").select("rep_id", "hired_on", "left_on")
    end = min(window.end, company.as_of + timedelta(days=1))
    known = inside.select("rep_id").unique().join(dates, on="rep_id", how="left")
    since = pl.col("hired_on").dt.offset_by(f"{months}mo").fill_null(window.start)
    spans = known.select(
        "rep_id",
        since=pl.max_horizontal(since, pl.lit(window.start)),
        until=pl.min_horizontal(pl.col("left_on").fill_null(end), pl.lit(end)),
    )
    return spans.filter(pl.col("since") < pl.col("until")).sort("rep_id")


def sold_ramped(results: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the results of people while they were ramped (``spans`` of ``ramped_spans``)."""
    return results.join(spans, on="rep_id").filter(
        pl.col("day").is_between(pl.col("since"), pl.col("until"), closed="left")
    )
