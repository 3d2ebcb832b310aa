"""Target odds: in how many scenarios a target is reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.forecast.draws import Draws
from spm_lib.model import Company

SCHEMA = {
    "grain": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "rep_id": pl.String,
    "target": pl.Int64,
    "odds": pl.Float64,
    "mean": pl.Int64,
}


def target_odds(
    company: Company, draws: Sequence[Draws], *, reps: frozenset[str] | None = None
) -> pl.DataFrame:
    """Return the odds of every target for won value that covers a forecast period.

    Columns out: ``grain, period, period_start, period_end``; ``rep_id`` (null: the company, the
    sum of all targets in scope); ``target`` (Int64 minor units); ``odds`` (Float64: share of
    scenarios that reach it); ``mean`` (Int64: mean won value). Empty where there are no targets.
    Where people have targets, team targets are not added to them. ``reps`` looks at some people
    only; their sum is then the row without a ``rep_id``.
    """
    targets = _won_targets(company)
    if reps is not None:
        targets = targets.filter(pl.col("rep_id").is_in(list(reps)))
        draws = [part.of(set(reps)) for part in draws]
    rows: list[dict[str, object]] = []
    for part in draws:
        for index, period in enumerate(part.periods):
            rows += _odds(targets, part, index, period)
    return pl.DataFrame(rows, schema=SCHEMA)


def _won_targets(company: Company) -> pl.DataFrame:
    targets = company.table("targets").filter(
        pl.col("metric").fill_null("won.amount") == "won.amount", pl.col("value").is_not_null()
    )
    people = targets.filter(pl.col("rep_id").is_not_null())
    return people if people.height else targets


def _odds(
    targets: pl.DataFrame, draws: Draws, index: int, period: Period
) -> list[dict[str, object]]:
    due = _due(targets, period)
    if due is None:
        return []
    head = {
        "grain": period.grain,
        "period": period.label,
        "period_start": period.start,
        "period_end": period.end,
    }
    rows = [{**head, **_one(draws.company()[index], int(due["value"].sum())), "rep_id": None}]
    for rep, value in due.group_by("rep_id").agg(pl.col("value").sum()).sort("rep_id").iter_rows():
        if rep is not None:
            own = draws.of({rep}).company()[index]
            rows.append({**head, **_one(own, value), "rep_id": rep})
    return rows


def target_of(company: Company, period: Period) -> int | None:
    """Return the target for won value of a period, all in scope together (minor units).

    None where targets do not cover the whole period.
    """
    due = _due(_won_targets(company), period)
    return None if due is None else int(due["value"].sum())


def _due(targets: pl.DataFrame, period: Period) -> pl.DataFrame | None:
    """Return the targets that lie in a period; None where they do not cover all of it."""
    inside = (pl.col("period_start") >= period.start) & (pl.col("period_end") <= period.end)
    due = targets.filter(inside)
    return due if _covers(due, period) else None


def _covers(due: pl.DataFrame, period: Period) -> bool:
    """Say whether the targets cover every day of the period (a missing month is no target)."""
    spans = due.select("period_start", "period_end").unique().sort("period_start")
    day = period.start
    for start, end in spans.iter_rows():
        if start > day:
            return False
        day = max(day, end)
    return day >= period.end


def _one(scenarios: np.ndarray, target: int) -> dict[str, object]:
    odds = float((scenarios >= target).mean())
    return {"target": target, "odds": odds, "mean": round(float(scenarios.mean()))}
