"""Track record of odds: of past targets that were given 60 %, how many were met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model import Company
from spm_lib.stats import wilson
from spm_lib.targets.odds.odds import DRAWS, Odds

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
RECORD = {
    "period_start": pl.Date,
    "period_end": pl.Date,
    "of": pl.String,
    "id": pl.String,
    "said": pl.Float64,
    "target": pl.Int64,
    "actual": pl.Int64,
    "met": pl.Boolean,
}
RELIABILITY = {
    "of": pl.String,
    "said": pl.Float64,
    "targets": pl.Int64,
    "met": pl.Int64,
    "came": pl.Float64,
    "came_low": pl.Float64,
    "came_high": pl.Float64,
}


def odds_record(
    company: Company,
    periods: Iterable[tuple[date, date]],
    *,
    levels: Sequence[float] = LEVELS,
    draws: int = DRAWS,
) -> pl.DataFrame:
    """Return what came of targets set at given odds at the start of past periods.

    For every period ``[start, end)`` that is over, the odds are learnt from what was known on the
    day before; each person (and the company) gets the targets that have just these odds, and the
    won amount of the period says which were met. People who left before its end are left out: odds
    are those of a person who stays.

    Columns out: ``period_start, period_end``; ``of`` ("person" or "company"), ``id`` (``rep_id``;
    null: the company); ``said`` (odds given), ``target``, ``actual`` (Int64 minor units), ``met``.
    Periods before which nothing could be learnt are left out.
    """
    parts = [_period(company, *period, levels=levels, draws=draws) for period in periods]
    return pl.concat([pl.DataFrame(schema=RECORD), *parts])


def reliability(record: pl.DataFrame) -> pl.DataFrame:
    """Return, per odds given, how often the targets were met.

    Columns out: ``of, said, targets, met, came`` = met / targets, ``came_low, came_high`` (95 %
    interval by Wilson, as if targets were met independently).
    """
    counted = record.group_by("of", "said").agg(
        targets=pl.len().cast(pl.Int64), met=pl.col("met").sum().cast(pl.Int64)
    )
    counted = counted.sort("of", "said", descending=[True, False])
    low, high = wilson(counted["met"].to_numpy(), counted["targets"].to_numpy())
    return counted.with_columns(
        came=pl.col("met") / pl.col("targets"),
        came_low=pl.Series(np.asarray(low), dtype=pl.Float64),
        came_high=pl.Series(np.asarray(high), dtype=pl.Float64),
    ).select(pl.col(name).cast(dtype) for name, dtype in RELIABILITY.items())


def _period(
    company: Company, start: date, end: date, *, levels: Sequence[float], draws: int
) -> pl.DataFrame:
    try:
        odds = Odds.of(company.at(start - timedelta(days=1)), start=start, end=end)
    except DataError:
        return pl.DataFrame(schema=RECORD)
    dates = {"period_start": [start], "period_end": [end]}
    asked = pl.DataFrame({"rep_id": [None], **dates, "value": [0]}, schema_overrides=_ASKED)
    answer = odds.answer(asked, draws=draws)
    actual = _actual(company, start, end)
    stayed = set(odds.reps) - _left(company, end)
    rows = [
        row
        for rep, scenarios in zip(odds.reps, answer.bookings[:, 0], strict=True)
        if rep in stayed
        for row in _met(scenarios, actual.get(rep, 0), levels, ("person", rep))
    ]
    rows += _met(answer.company_bookings[0], sum(actual.values()), levels, ("company", None))
    spans = [(start, end, *row) for row in rows]
    return pl.DataFrame(spans, schema=RECORD, orient="row")


_ASKED = {"rep_id": pl.String, "value": pl.Int64}


def _met(
    scenarios: np.ndarray, actual: int, levels: Sequence[float], who: tuple[str, str | None]
) -> list[tuple]:
    """Return the targets of one person that have these odds, and whether they were met.

    Where winning nothing is too likely for a level there is no target that has these odds.
    """
    ranked = np.sort(scenarios)[::-1]
    rows = []
    for level in levels:
        target = round(float(ranked[round(level * len(ranked)) - 1]))
        if target > 0:
            rows.append((*who, level, target, actual, actual >= target))
    return rows


def _actual(company: Company, start: date, end: date) -> dict[str | None, int]:
    inside = pl.col("closed_on").is_between(start, end, closed="left")
    won = company.table("opportunities").filter((pl.col("outcome") == "won") & inside)
    return dict(won.group_by("rep_id").agg(pl.col("amount").sum()).iter_rows())


def _left(company: Company, end: date) -> set[str]:
    gone = company.table("reps").filter(pl.col("left_on") < end)
    return set(gone["rep_id"].to_list())
