"""The record of calls: how far people called too much or too little, by weeks before the close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.core.statement import Statement
from spm_lib.forecast.calls.kept_mix import kept_mix
from spm_lib.forecast.calls.mix import CallMix
from spm_lib.forecast.calls.roll_up import (
    before_close,
    call_category,
    call_grain,
    people_below,
    roll_up,
)
from spm_lib.forecast.track_record.backtest import Backtest
from spm_lib.model import Company, Figure
from spm_lib.stats import benjamini_hochberg, ratio_of_sums
from spm_lib.stats.steady import steady

WEEKS = {"month": (3, 2, 1), "quarter": (12, 8, 4, 2, 1), "year": (40, 26, 13, 4)}
FALSE_SHARE = 0.10  # of those told apart, at most this share by luck
LOW, HIGH, UNTOLD = "low", "high", "untold"
SCORED = {
    "level": pl.String,
    "id": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "weeks": pl.Int64,
    "on": pl.Date,
    "call": pl.Int64,
    "actual": pl.Int64,
}
BIAS = {
    "level": pl.String,
    "id": pl.String,
    "weeks": pl.Int64,
    "periods": pl.Int64,
    "bias": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class CallRecord:
    """What people called, what came, and how far the one was from the other.

    Attributes
    ----------
    grain, category
        For what periods people call, and which category counts as the call.
    scored
        Calls that stood some weeks before the close of closed periods: ``level`` ("rep", "manager":
        his own call for all his people, "people" and "managers": their calls
        summed, of managers where no one is over another), ``id``, ``period``,
        ``weeks``, ``on`` (the day), ``call``, ``actual`` (won by the same people; minor units).
    bias
        Per level, person and weeks: ``periods``, ``bias`` (sum of call - actual over sum of actual;
        below 0: called too little), ``low, high`` (95 %, null with fewer than 4 periods), ``p``,
        ``q`` (adjusted over all people and weeks), ``verdict`` ("low": sandbagging, "high": happy
        ears, "untold": cannot be told from luck).
    ahead, standing
        The period that is called for now, and the calls for it rolled up (see ``roll_up``).
    mix
        What a mix of calls and model would have been worth (see ``kept_mix``); None where no
        period has calls and a model.
    """

    company: Company = field(repr=False)
    grain: str
    category: str
    scored: pl.DataFrame
    bias: pl.DataFrame
    ahead: Period
    standing: pl.DataFrame
    mix: CallMix | None

    @property
    def periods(self) -> int:
        """How many closed periods have calls."""
        return self.scored["period"].n_unique()

    def people(self, verdict: str) -> list[str]:
        """Return who is found to call too little ("low") or too much ("high") at some week."""
        found = self.bias.filter(pl.col("id").is_not_null() & (pl.col("verdict") == verdict))
        return sorted(found["id"].unique().drop_nulls().to_list())

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the record says, in words."""
        from spm_lib.forecast.calls.words import call_findings

        return call_findings(self)

    def figures(self) -> list[Figure]:
        """Return every number of the record as a record of figures.json."""
        from spm_lib.forecast.calls.figures import call_figures

        return call_figures(self)


@steady
def call_record(
    company: Company,
    *,
    category: str | None = None,
    method: str | None = None,
    tested: Mapping[str, Backtest] | None = None,
) -> CallRecord:
    """Return how good the calls of people and managers were, and those that stand now.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; calls submitted and deals won by its date count.
    category
        The category that counts as the call; default: commit, else the most frequent one.
    method
        The forecasting method that calls are mixed with; default: conversion of past pipelines.
    tested
        The track records of a forecast (``ForecastResult.tested``): calls of each day are mixed
        with the method that the past had chosen by that day, in place of ``method``'s default.

    Raises
    ------
    DataError
        If there are no calls, or they are for periods that are no months, quarters or years.
    """
    grain = call_grain(company)
    wanted = call_category(company, category)
    closed = _closed_periods(company, grain)
    rows = [row for period in closed for row in _scored(company, period, grain, wanted)]
    scored = pl.DataFrame(rows, schema=SCORED, orient="row")
    ahead = company.calendar.period_of(company.as_of + timedelta(days=1), grain)
    return CallRecord(
        company=company,
        grain=grain,
        category=wanted,
        scored=scored,
        bias=_bias(scored),
        ahead=ahead,
        standing=roll_up(company, ahead, on=company.as_of, category=wanted),
        mix=kept_mix(company, closed, ahead, category=wanted, method=method, tested=tested),
    )


def _closed_periods(company: Company, grain: str) -> list[Period]:
    """Return the periods that were called for and are over, in which something was won."""
    starts = sorted(set(company.table("forecast_calls")["period_start"].to_list()))
    periods = [company.calendar.period_of(day, grain) for day in starts]
    over = [p for p in periods if p.end <= company.as_of + timedelta(days=1)]
    return [p for p in over if won_by_rep(company, p)]


def won_by_rep(company: Company, period: Period) -> dict[str, int]:
    """Return what each person won in a period, credited to the owner at the close."""
    won = company.table("opportunities").filter(
        (pl.col("outcome") == "won")
        & (pl.col("closed_on") >= period.start)
        & (pl.col("closed_on") < period.end)
    )
    summed = won.group_by("rep_id").agg(pl.col("amount").sum())
    return {rep or "": amount for rep, amount in summed.iter_rows()}


Scored = tuple[str, str | None, str, date, date, int, date, int, int]


def _scored(company: Company, period: Period, grain: str, category: str) -> Iterator[Scored]:
    won = won_by_rep(company, period)
    for weeks in WEEKS[grain]:
        day = before_close(period, weeks)
        calls = roll_up(company, period, on=day, category=category)
        below = people_below(company, day)
        head = (period.label, period.start, period.end, weeks, day)
        said = calls.filter((pl.col("level") == "rep") & pl.col("call").is_not_null())
        for rep, call in said.select("id", "call").iter_rows():
            yield ("rep", rep, *head, call, won.get(rep, 0))
        if said.height:
            came = sum(won.get(rep, 0) for rep in said["id"])
            yield ("people", None, *head, int(said["call"].sum()), came)
        own = calls.filter((pl.col("level") == "manager") & pl.col("own_call").is_not_null())
        teams = {m: below[m] | {m} for m in own["id"]}
        for manager, call in own.select("id", "own_call").iter_rows():
            yield ("manager", manager, *head, call, sum(won.get(r, 0) for r in teams[manager]))
        if own.height and not any(a & b for a, b in combinations(teams.values(), 2)):
            came = sum(won.get(rep, 0) for team in teams.values() for rep in team)
            yield ("managers", None, *head, int(own["own_call"].sum()), came)


def _bias(scored: pl.DataFrame) -> pl.DataFrame:
    """Return the signed bias per level, person and weeks, with who can be told from luck."""
    rows = []
    parts = scored.partition_by("level", "id", "weeks", maintain_order=True, as_dict=True)
    for (level, who, weeks), part in parts.items():
        error = (part["call"] - part["actual"]).to_numpy()
        made = ratio_of_sums(error, part["actual"].to_numpy())
        rows.append((level, who, weeks, made.n, made.value, made.low, made.high, made.p))
    frame = pl.DataFrame(rows, schema=BIAS, orient="row")
    person = pl.col("level").is_in(["rep", "manager"])
    told = frame.filter(person)["p"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    adjusted = frame.with_columns(q=pl.lit(None, dtype=pl.Float64))
    if told.size:
        q = pl.Series(benjamini_hochberg(told)).fill_nan(None)
        adjusted = pl.concat([frame.filter(person).with_columns(q=q),
                              frame.filter(~person).with_columns(q=pl.col("p"))])  # fmt: skip
    found = (pl.col("q") <= FALSE_SHARE).fill_null(value=False)
    verdict = (
        pl.when(found & (pl.col("bias") < 0)).then(pl.lit(LOW))
        .when(found & (pl.col("bias") > 0)).then(pl.lit(HIGH)).otherwise(pl.lit(UNTOLD))
    )  # fmt: skip
    order = ["level", "id", "weeks"]
    return adjusted.with_columns(verdict=verdict).sort(order, descending=[False, False, True])
