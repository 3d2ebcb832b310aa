"""Odds of a plan whose data has orders and no deals: own past months, drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.core.statement import Statement
from spm_lib.metrics import measure
from spm_lib.model import Company
from spm_lib.plans.planning.given import Given, team_targets
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.fairness import own_odds

METRIC = "orders.amount"
SAID = Statement(
    "Odds are of own past months, drawn again, since the data has orders and no deals: they know "
    "no open deals, no season and no growth to come."
)
_MONTHS = 24
_TOLD = ("odds", "error", "mean", "p10", "p50", "p90")
_ALL = ""
_ASKED = {"rep_id": pl.String, "value": pl.Int64}


@dataclass(frozen=True, eq=False)
class Resampled:
    """Odds of everybody, of teams and of the company.

    Attributes
    ----------
    people, teams
        ``rep_id`` or ``team``, ``odds, error`` (null with fewer than four past months),
        ``mean, p10, p50, p90`` (Int64).
    company
        The same as one row.
    draws
        Periods drawn for each.
    """

    people: pl.DataFrame
    teams: pl.DataFrame
    company: dict[str, Any]
    draws: int


def resampled(company: Company, scenario: TargetScenario, given: Given, *, draws: int) -> Resampled:
    """Return the odds of a plan of orders.

    Months of the last two years are drawn again, a person's own since the first with a result, a
    team's and the company's as they added up, so that what moves everybody at once stays together.
    """
    end = company.default_window().end
    window = Window(months_before(end, _MONTHS), end)
    sold = _by_month(company, window)
    people = given.people.select("rep_id", "team", "there")
    own = sold.join(people, on="rep_id").with_columns(pl.col("value") * pl.col("there"))
    targets = given.shared.people.select("rep_id", value="target")
    teams = team_targets(given.shared, scenario)
    of_teams = _summed(sold.join(people, on="rep_id").drop_nulls("team"), "team", window)
    whole = _summed(sold.with_columns(all=pl.lit(_ALL)), "all", window)
    asked = pl.DataFrame({"rep_id": list(teams), "value": list(teams.values())}, schema=_ASKED)
    goal = pl.DataFrame({"rep_id": [_ALL], "value": [scenario.basis.target]}, schema=_ASKED)

    def drawn(results: pl.DataFrame, aims: pl.DataFrame) -> pl.DataFrame:
        found = own_odds(
            results.select("rep_id", "value"),
            aims,
            periods=_months_of(scenario),
            draws=draws,
            seed=scenario.basis.seed,
        )
        chance = pl.col("odds")
        error = (chance * (1 - chance) / draws).sqrt()
        return found.with_columns(error=error).select("rep_id", *_TOLD)

    return Resampled(
        people=drawn(own, targets),
        teams=drawn(of_teams, asked).rename({"rep_id": "team"}),
        company=drawn(whole, goal).drop("rep_id").row(0, named=True),
        draws=draws,
    )


def _months_of(scenario: TargetScenario) -> int:
    start, end = scenario.basis.start, scenario.basis.end
    return 12 * (end.year - start.year) + end.month - start.month


def _by_month(company: Company, window: Window) -> pl.DataFrame:
    """Return ``rep_id, month, value`` of each person's months since the first with a result."""
    found = measure(company, METRIC, by=["rep_id", "month"], window=window).frame
    sold = found.drop_nulls(["rep_id", "month"]).filter(pl.col("value") != 0)
    first = sold.group_by("rep_id").agg(first=pl.col("month").min())
    grid = first.join(_calendar(window), how="cross").filter(pl.col("month") >= pl.col("first"))
    known = grid.join(sold.select("rep_id", "month", "value"), on=["rep_id", "month"], how="left")
    return known.select("rep_id", "month", pl.col("value").fill_null(0).cast(pl.Int64))


def _calendar(window: Window) -> pl.DataFrame:
    months = pl.date_range(window.start, window.end, "1mo", closed="left", eager=True)
    return months.alias("month").to_frame()


def _summed(sold: pl.DataFrame, by: str, window: Window) -> pl.DataFrame:
    """Return the sum of each group and month as ``rep_id, value``; months without any are 0."""
    sums = sold.group_by(by, "month").agg(pl.col("value").sum())
    groups = sums.select(by).unique().sort(by).join(_calendar(window), how="cross")
    found = groups.join(sums, on=[by, "month"], how="left").sort(by, "month")
    return found.select(pl.col(by).alias("rep_id"), pl.col("value").fill_null(0))
