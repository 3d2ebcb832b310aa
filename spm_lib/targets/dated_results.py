"""What was sold when and by whom, event by event, for the metrics targets are set on."""

from __future__ import annotations

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.model import Company

_COLUMNS = {"id": pl.String, "rep_id": pl.String, "day": pl.Date, "value": pl.Int64}
METRICS: tuple[str, ...] = (
    "won.amount",
    "won.count",
    "created.count",
    "orders.amount",
    "orders.count",
)


def dated_results(company: Company, metric: str) -> pl.DataFrame:
    """Return the events behind a metric, as known at the company's ``as_of``.

    Columns out: ``id`` (the deal or order), ``rep_id``, ``day``, ``value`` (minor units, or 1 per
    event of a metric that counts). Events without a day, a person or a value are not there.
    Sorted by day and id; the sum of a window is what ``measure`` says of it.

    Raises
    ------
    MetricError
        If the metric is none of won.amount, won.count, created.count, orders.amount, orders.count.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> dated_results(example_company(), "won.amount")["value"].to_list()
    [120000, 80000, 150000]
    """
    if metric not in METRICS:
        raise MetricError(
            f"Results of '{metric}' are not known day by day.",
            found=metric,
            do=f"Use one of: {', '.join(METRICS)}",
        )
    money = metric.endswith(".amount")
    if metric.startswith("orders."):
        rows = company.table("orders").select(
            pl.col("order_id").alias("id"), "rep_id", pl.col("date").alias("day"), "amount"
        )
        rows = rows.group_by("id", "rep_id", "day").agg(pl.col("amount").sum())
    else:
        day = "created_on" if metric == "created.count" else "closed_on"
        deals = company.table("opportunities")
        won = deals if metric == "created.count" else deals.filter(pl.col("outcome") == "won")
        rows = won.select(
            pl.col("opportunity_id").alias("id"), "rep_id", pl.col(day).alias("day"), "amount"
        )
    value = pl.col("amount") if money else pl.lit(1)
    known = rows.select("id", "rep_id", "day", value.cast(pl.Int64).alias("value")).drop_nulls()
    return known.cast(_COLUMNS).sort("day", "id", "rep_id")  # type: ignore[arg-type]
