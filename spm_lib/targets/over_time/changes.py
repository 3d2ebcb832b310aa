"""Targets changed in mid-year: a new dated row with approval and reason; the old one is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.over_time.day_weights import DayWeights
from spm_lib.targets.ratio import half_up

_KEY = ("rep_id", "period_start", "period_end", "metric")
BOOK = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric": pl.String,
    "value": pl.Int64,
    "effective_from": pl.Date,
    "approved_on": pl.Date,
    "approved_by": pl.String,
    "reason": pl.String,
}


def target_book(
    targets: pl.DataFrame, *, approved_by: str, approved_on: date, reason: str = "plan of the year"
) -> pl.DataFrame:
    """Return targets as a book: each in force from the first day of its period.

    Parameters
    ----------
    targets
        ``rep_id, period_start, period_end, metric, value``, as ``TimePlan.spread`` gives them.

    Columns out
    -----------
    Those of ``targets``, and ``effective_from``, ``approved_on`` (Date), ``approved_by``,
    ``reason``.

    Raises
    ------
    DataError
        If a target stands there twice.
    ParameterError
        If nobody approved, or no reason is given.
    """
    _check_approval(approved_by, reason)
    if targets.select(_KEY).is_duplicated().any():
        raise DataError(
            "A target stands there twice.",
            found=f"{targets.height} rows, {targets.select(_KEY).n_unique()} targets",
            do="Leave one row per person, period and metric",
        )
    return targets.select(
        *_KEY,
        "value",
        pl.col("period_start").alias("effective_from"),
        pl.lit(approved_on).alias("approved_on"),
        pl.lit(approved_by).alias("approved_by"),
        pl.lit(reason).alias("reason"),
    ).cast(BOOK)  # type: ignore[arg-type]


def change_target(
    book: pl.DataFrame,
    *,
    rep_id: str,
    period_start: date,
    value: int,
    effective_from: date,
    approved_by: str,
    approved_on: date,
    reason: str,
    metric: str = "won.amount",
) -> pl.DataFrame:
    """Return the book with one more row: from a day on, another target is in force.

    ``value`` is of the whole period, as the old one is; what each counts for is worked out by the
    time it is in force (``in_force``). The book itself is left as it is.

    Raises
    ------
    DataError
        If the book has no such target.
    ParameterError
        If the day is not in the period, the value is negative, nobody approved, or no reason is
        given.

    Examples
    --------
    >>> year = {"rep_id": "a", "period_start": date(2026, 1, 1), "period_end": date(2027, 1, 1)}
    >>> plan = pl.DataFrame([{**year, "metric": "won.amount", "value": 1200}])
    >>> book = target_book(plan, approved_by="Dana", approved_on=date(2025, 12, 1))
    >>> book = change_target(
    ...     book,
    ...     rep_id="a",
    ...     period_start=date(2026, 1, 1),
    ...     value=1000,
    ...     effective_from=date(2026, 7, 1),
    ...     approved_by="Dana",
    ...     approved_on=date(2026, 6, 20),
    ...     reason="gave two accounts to b",
    ... )
    >>> book["value"].to_list()
    [1200, 1000]
    """
    _check_approval(approved_by, reason)
    same = (pl.col("rep_id") == rep_id) & (pl.col("metric") == metric)
    known = book.filter(same & (pl.col("period_start") == period_start))
    if known.is_empty():
        raise DataError(
            "The target to change is not in the book.",
            found=f"{rep_id}, {metric}, from {period_start}",
            do="Name rep_id, metric and first day as they stand in the book",
        )
    end = known["period_end"][0]
    if not period_start <= effective_from < end or value < 0:
        raise ParameterError(
            "A change takes effect inside its period, with a target from 0 up.",
            found=f"{value} from {effective_from}, period {period_start} to {end}",
            do="Give a day of the period, or change the targets of the next one",
        )
    row = (rep_id, period_start, end, metric, value, effective_from, approved_on)
    added = pl.DataFrame([(*row, approved_by, reason)], schema=BOOK, orient="row")
    return pl.concat([book, added])


def in_force(book: pl.DataFrame, *, days: DayWeights) -> pl.DataFrame:
    """Return what is in force when: a row per stretch of a period, with its part of the target.

    Of several rows that take effect on the same day the one approved last counts. Parts are by the
    weight of the days; parts of a target that never changes add up to it exactly.

    Parameters
    ----------
    book
        As ``target_book`` and ``change_target`` return it.
    days
        What the days weigh (season, working days).

    Returns
    -------
    DataFrame
        ``rep_id, period_start, period_end, metric, value``, sorted.

    Raises
    ------
    DataError
        If the days do not reach over a period, or none of it weighs anything.
    """
    order = [*_KEY, "effective_from", "approved_on"]
    ordered = book.with_row_index("_row").sort(*order, "_row")
    last = ordered.unique([*_KEY, "effective_from"], keep="last", maintain_order=True)
    rows = [
        row
        for _, group in last.group_by(_KEY, maintain_order=True)
        for row in _stretches(group, days)
    ]
    return pl.DataFrame(rows, schema={name: BOOK[name] for name in (*_KEY, "value")}, orient="row")


def due_by(book: pl.DataFrame, *, day: date, days: DayWeights) -> pl.DataFrame:
    """Return the part of the targets that is due by the end of a day: ``rep_id, metric, value``.

    Results so far / this is attainment to date, whatever was changed on the way. Changes approved
    after ``day`` are not known yet.
    """
    known = book.filter(pl.col("approved_on") <= day)
    tomorrow = day + timedelta(days=1)
    rows = []
    for who, start, end, metric, value in in_force(known, days=days).iter_rows():
        whole = days.between(start, end)
        share = days.between(start, min(end, tomorrow)) / whole if whole else Fraction(1)
        if start < tomorrow:
            rows.append((who, metric, half_up(value * share)))
    schema = {"rep_id": pl.String, "metric": pl.String, "value": pl.Int64}
    sums = pl.DataFrame(rows, schema=schema, orient="row").group_by("rep_id", "metric")
    return sums.agg(pl.col("value").sum()).sort("rep_id", "metric")


def _stretches(group: pl.DataFrame, days: DayWeights) -> Iterator[tuple]:
    rows = group.rows(named=True)
    start, end = rows[0]["period_start"], rows[0]["period_end"]
    whole = days.between(start, end)
    if not whole or start < days.window.start or end > days.window.end:
        raise DataError(
            "The days that are weighed do not reach over a target's period.",
            found=f"{start} to {end}, days weighed: {days.window.label}",
            do="Weigh the days of all periods (DayWeights.of)",
        )
    ends = [*(row["effective_from"] for row in rows[1:]), end]
    for row, until in zip(rows, ends, strict=True):
        begun = row["effective_from"]
        before, after = (
            half_up(row["value"] * days.between(start, edge) / whole) for edge in (begun, until)
        )
        yield row["rep_id"], begun, until, row["metric"], after - before


def _check_approval(approved_by: str, reason: str) -> None:
    if not approved_by.strip() or not reason.strip():
        raise ParameterError(
            "A target is set with a name and a reason.",
            found=f"approved by {approved_by!r}, reason {reason!r}",
            do="Say who approved it and why",
        )
