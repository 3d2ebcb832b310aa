"""A scenario's year as tables of pay: its people and targets, and what happened up to today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.incentives import PayData, pay_data_of
from spm_lib.model import Company


def paying_data(
    company: Company, people: pl.DataFrame, targets: pl.DataFrame, window: Window
) -> PayData:
    """Return the tables of pay of a scenario.

    Parameters
    ----------
    company
        At the scenario's day.
    people
        ``rep_id, hired_on, left_on`` of those with a target, as the scenario has the dates.
    targets
        As ``TargetPlan.targets``; they are the quotas of their metric, a person's part of a period
        being that of the days on board. Quotas of other metrics are the company's.
    """
    source = "opportunities" if company.has("opportunities") else "orders"
    data = pay_data_of(company, source)
    ends = pl.col("left_on").dt.offset_by("1d")
    days = people.select("rep_id", from_="hired_on", to=ends, planned=pl.lit(value=True))
    joined = data.people.join(days, on="rep_id", how="left", maintain_order="left")
    planned = pl.col("planned").fill_null(value=False)
    staying = joined.with_columns(
        valid_from=pl.when(planned).then("from_").otherwise("valid_from"),
        valid_to=pl.when(planned).then("to").otherwise("valid_to"),
    ).select(data.people.columns)
    own = targets.filter(pl.col("rep_id").is_not_null())
    metrics = own["metric"].unique().to_list()
    rest = data.quotas.filter(~pl.col("quota").is_in(metrics))
    quotas = pl.concat([rest, _quotas(own, staying, window).select(rest.columns)])
    return replace(data, people=staying, quotas=quotas)


def _quotas(targets: pl.DataFrame, people: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Return targets as quotas of the days on board, which they are of already.

    Days of the plan without a target (a newcomer's first ones, by the ramp) are of the next row's,
    last ones of the last row's: a person's rows tile the days on board.
    """
    days = {rep: (a, b) for rep, a, b in people.select("rep_id", "valid_from", "valid_to").rows()}
    rows: list[tuple[str, str, date, date, int]] = []
    asked = targets.filter(pl.col("value") > 0).sort("rep_id", "metric", "period_start")
    for (rep, metric), own in asked.group_by("rep_id", "metric", maintain_order=True):
        came, leaves = days.get(str(rep), (None, None))
        reached, last = max(came or window.start, window.start), leaves or window.end
        ends = [*own["period_end"].to_list()[:-1], window.end]
        for end, value in zip(ends, own["value"], strict=True):
            stop = min(end, last)
            if reached < stop:
                rows.append((str(rep), str(metric), reached, stop, value))
            reached = stop
    schema = {"rep_id": pl.String, "quota": pl.String, "period_start": pl.Date,
              "period_end": pl.Date, "value": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(kind=pl.lit(None, pl.String))


def months_between(start: date, end: date) -> list[tuple[date, date]]:
    """Return the stretches of ``[start, end)``, cut where months begin.

    Examples
    --------
    >>> [day.isoformat() for day, _ in months_between(date(2026, 9, 20), date(2026, 12, 1))]
    ['2026-09-20', '2026-10-01', '2026-11-01']
    """
    found, day = [], start
    while day < end:
        found.append((day, min(months_before(day, -1), end)))
        day = found[-1][1]
    return found
