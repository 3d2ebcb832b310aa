"""What the best closers do in numbers: shares, contacts, first touch and time in a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.special import stdtrit

from spm_lib.metrics.definition import day_number
from spm_lib.metrics.stages import pipeline_of
from spm_lib.model import Company
from spm_lib.process.playbook.best_closers import (
    FEWEST_DEALS,
    FEWEST_GROUP,
    BestClosers,
    own_shares,
)
from spm_lib.process.playbook.discounts import ended_visits
from spm_lib.process.playbook.stage_days import StageDays
from spm_lib.stats import kaplan_meier, km_quantile, km_quantile_interval, median_interval

SCHEMA = {
    "pipeline": pl.String,
    "stage": pl.String,
    "group": pl.String,
    "number": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int64,
    "people": pl.Int64,
}
Middle = tuple[float | None, float | None, float | None]
Told = tuple[str, float | None, float | None, float | None, int]


def stage_numbers(
    company: Company, stages: Sequence[StageDays], people: BestClosers
) -> pl.DataFrame:
    """Return how groups of people work at each stage, in stages entered since ``people.since``.

    Groups: "best" and "others"; "all" where nobody can be told apart. A group of fewer than five
    people is left out. Numbers: one per behaviour (mean of the people's own shares, t interval
    over people), ``contacts`` (median touches in the first days), ``first_touch`` (mean of the
    people's own mean days to the first touch; where there was none, all of the first days),
    ``stay`` (median days in the stage, deals still there allowed for by Kaplan and Meier); where
    amounts have a history, ``discounted`` (mean of the people's own shares of ended visits in
    which the amount was lowered) and ``discount_day`` (median days from entering to that).

    Columns out: ``pipeline, stage, group, number, value, low, high, n, people``.
    """
    rows = []
    for stage in stages:
        for group, ids in _groups(people):
            frame = stage.frame.filter(pl.col("created_day") >= people.since)
            frame = frame.filter(pl.col("rep_id").is_in(ids)) if ids is not None else frame
            count = frame["rep_id"].n_unique()
            if ids is not None and count < FEWEST_GROUP:
                continue
            told = [*_shares(stage, frame, people.since), *_times(frame)]
            told.append(_stay(company, stage, ids, people.since))
            told += _discounts(company, stage, ids, people.since)
            rows += [_row(stage, group, one, count) for one in told if one[-1]]
    return pl.DataFrame(rows, schema=SCHEMA)


def _row(stage: StageDays, group: str, told: Told, people: int) -> dict[str, Any]:
    number, value, low, high, n = told
    return {"pipeline": stage.pipeline, "stage": stage.stage, "group": group, "number": number,
            "value": value, "low": low, "high": high, "n": n, "people": people}  # fmt: skip


def _groups(people: BestClosers) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    if people.best:
        yield "best", people.best
        yield "others", people.others
    else:
        yield "all", None


def _shares(stage: StageDays, frame: pl.DataFrame, since: int) -> list[Told]:
    own = own_shares(frame, stage.told, since=since)
    plain = [b.name for b in stage.told if b.name != "touch.many"]
    n = int(own["n"].sum())
    return [(name, *_capped(_mean(own[name].to_numpy())), n) for name in plain]


def _capped(middle: Middle) -> Middle:
    """Return the mean of shares with an interval that ends at 1."""
    value, low, high = middle
    return value, low, None if high is None else min(high, 1.0)


def _mean(values: np.ndarray) -> Middle:
    if not values.size:
        return None, None, None
    mean = float(values.mean())
    if values.size < 2:
        return mean, None, None
    error = float(values.std(ddof=1)) / values.size**0.5
    half = float(stdtrit(values.size - 1, 0.975)) * error
    return mean, max(mean - half, 0.0), mean + half


def _times(frame: pl.DataFrame) -> list[Told]:
    """Return contacts and days to the first touch; who was not touched has waited all the days."""
    if not frame.height:
        return []
    contacts = median_interval(frame["contacts"].to_numpy())
    waited = pl.coalesce("first_touch", pl.col("mark") - pl.col("created_day")).mean()
    own = frame.group_by("rep_id").agg(waited=waited, n=pl.len())
    own = own.filter(pl.col("n") >= FEWEST_DEALS).sort("rep_id")
    return [
        ("contacts", *contacts, frame.height),
        ("first_touch", *_mean(own["waited"].to_numpy()), int(own["n"].sum())),
    ]


def _median(waited: np.ndarray, seen: np.ndarray) -> Middle:
    curve = kaplan_meier(waited, seen)
    return km_quantile(curve), *km_quantile_interval(curve)


def _stay(company: Company, stage: StageDays, ids: tuple[str, ...] | None, since: int) -> Told:
    today = day_number(company.as_of)
    visits = company.stints.filter(
        (pl.col("stage") == stage.stage)
        & (pl.col("outcome") == "open")
        & (pipeline_of(company) == stage.pipeline)
        & (pl.col("entered_day") >= since)
    )
    visits = visits.filter(pl.col("rep_id").is_in(ids)) if ids is not None else visits
    if not visits.height:
        return "stay", None, None, None, 0
    left = visits["left_day"]
    days = (left.fill_null(today) - visits["entered_day"]).to_numpy()
    return "stay", *_median(days, left.is_not_null().to_numpy()), visits.height


def _discounts(
    company: Company, stage: StageDays, ids: tuple[str, ...] | None, since: int
) -> list[Told]:
    if "amount" not in company.changes.told:
        return []
    visits = ended_visits(company, stage.pipeline, stage.stage, since=since)
    visits = visits.filter(pl.col("rep_id").is_in(ids)) if ids is not None else visits
    own = visits.group_by("rep_id").agg(pl.col("lowered").mean(), n=pl.len())
    own = own.filter(pl.col("n") >= FEWEST_DEALS).sort("rep_id")
    days = visits["waited"].drop_nulls()
    return [
        ("discounted", *_capped(_mean(own["lowered"].to_numpy())), int(own["n"].sum())),
        ("discount_day", *median_interval(days.to_numpy()), days.len()),
    ]
