"""What a target is shared out by, taken from a company: past results, open pipeline, potential."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import Company, places_on

_FEWEST_DAYS = 90  # on board, under which a pace of results is not known
_WHO = ("rep_id", "name", "hired_on", "left_on")


def bases(
    company: Company,
    *,
    window: Window | None = None,
    metric: str = "won.amount",
    pipeline: str = "open.amount",
    potential: str | None = None,
) -> pl.DataFrame:
    """Return those who sell, with what a target can be shared out by.

    Nothing after the company's ``as_of`` is used; for another day give ``company.at(day)``.

    Parameters
    ----------
    company
        As known at ``as_of``, in its scope.
    window
        Of the past results; None: the last twelve whole months.
    metric
        The metric that is added up as history: won.amount, orders.amount, won.count, ...
    pipeline
        The metric that tells what is open at ``as_of``.
    potential
        A column kept along with reps or accounts; an account's counts for whom its last deal or
        order is of. None: no such column.

    Columns out
    -----------
    rep_id, name, team, manager_id, hired_on, left_on : of those employed at as_of who sold in the
        window, hold an open deal, or were hired since the window began; sorted by rep_id
    days : Int64, days of the window on which the person was there (unknown hire date: all)
    history : Int64, the metric in the window, 0 where there was nothing
    history_full : Int64, the same as if there all of the window; null under 90 days
    pipeline : Int64, 0 where nothing is open; null where the company has no deals
    potential : Float64, null where unknown (no number, or no account); only if asked for

    Raises
    ------
    MetricError
        If the company has no rows for the metric.
    DataError
        If ``potential`` is no kept column, or holds no number.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> bases(example_company()).select("rep_id", "history", "pipeline").rows()
    [('ann', 200000, 200000), ('ben', 150000, 170000)]
    """
    months = window or company.default_window()
    sold = _per_rep(company, metric, months, "history")
    opened = _per_rep(company, pipeline, None, "pipeline") if company.has("opportunities") else None
    people = _people(company, [part for part in (sold, opened) if part is not None])
    open_now = pl.lit(None, dtype=pl.Int64) if opened is None else pl.col("pipeline").fill_null(0)
    known = people.with_columns(
        history=pl.col("history").fill_null(0), pipeline=open_now, days=_days(months, company)
    )
    active = (
        (pl.col("history") != 0)
        | (pl.col("pipeline").fill_null(0) != 0)
        | (pl.col("hired_on") >= months.start).fill_null(value=False)
    )
    full = (pl.col("history") * _span(months, company) / pl.col("days")).round().cast(pl.Int64)
    found = known.filter(active).with_columns(
        history_full=pl.when(pl.col("days") >= _FEWEST_DAYS).then(full)
    )
    if potential is not None:
        found = found.join(_potential(company, potential), on="rep_id", how="left")
    order = ["rep_id", "name", "team", "manager_id", "hired_on", "left_on", "days", "history"]
    rest = ["history_full", "pipeline", *(["potential"] if potential else [])]
    return found.select(*order, *rest).sort("rep_id")


def _people(company: Company, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return all people with their parts joined, but those known not to be employed at as_of."""
    reps = company.table("reps").select(_WHO)
    employed = (pl.col("left_on").is_null() | (pl.col("left_on") > company.as_of)) & (
        pl.col("hired_on").is_null() | (pl.col("hired_on") <= company.as_of)
    )
    people = reps
    for part in parts:
        people = people.join(part, on="rep_id", how="full", coalesce=True)
    places = places_on(company)
    return people.filter(employed).join(places, on="rep_id", how="left")


def _per_rep(company: Company, metric: str, window: Window | None, name: str) -> pl.DataFrame:
    frame = measure(company, metric, by="rep_id", window=window).frame
    known = frame.filter(pl.col("rep_id").is_not_null())
    return known.select("rep_id", pl.col("value").cast(pl.Int64).alias(name))


def _last_day(months: Window, company: Company) -> pl.Expr:
    return pl.lit(min(months.end, company.as_of + timedelta(days=1)))


def _span(months: Window, company: Company) -> int:
    return max((min(months.end, company.as_of + timedelta(days=1)) - months.start).days, 1)


def _days(months: Window, company: Company) -> pl.Expr:
    start = pl.max_horizontal(pl.col("hired_on"), pl.lit(months.start))
    return (_last_day(months, company) - start).dt.total_days().clip(lower_bound=0)


def _potential(company: Company, column: str) -> pl.DataFrame:
    table = next((t for t in ("reps", "accounts") if column in company.columns(t)[1]), None)
    if table is None:
        kept = [*company.columns("reps")[1], *company.columns("accounts")[1]]
        raise DataError(
            f"There is no column '{column}' with a potential.",
            found=f"kept along with reps and accounts: {', '.join(kept) or 'nothing'}",
            do='Add keep = ["..."] to the table in the workspace file',
        )
    number = pl.col(column).cast(pl.String).str.replace_all(",", "").str.strip_chars()
    key = "rep_id" if table == "reps" else "account_id"
    rows = company.table(table).select(
        key, number.cast(pl.Float64, strict=False).alias("potential")
    )
    if rows["potential"].null_count() == rows.height:
        raise DataError(
            f"The column '{column}' holds no number.",
            found=", ".join(str(x) for x in company.table(table)[column].head(3)),
            do="Keep a column of plain numbers, such as 120000 or 120,000.50",
        )
    if table == "reps":
        return rows
    held = rows.drop_nulls().join(_holders(company), on="account_id")
    return held.group_by("rep_id").agg(pl.col("potential").sum()).sort("rep_id")


def _holders(company: Company) -> pl.DataFrame:
    """Return for each account the person whose deal or order is the last one known."""
    dated = (("opportunities", "created_on"), ("orders", "date"))
    parts = [
        company.table(name).select("account_id", "rep_id", pl.col(day).cast(pl.Date).alias("day"))
        for name, day in dated
        if company.has(name)
    ]
    rows = pl.concat(parts).drop_nulls().sort("day", "rep_id", maintain_order=True)
    return rows.unique("account_id", keep="last", maintain_order=True).drop("day")
