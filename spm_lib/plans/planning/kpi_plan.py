"""The KPIs of a plan: targets for counts and ratios, person by person, beside the plan's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model import Company, minor_text
from spm_lib.model.targets import BASIS_POINTS
from spm_lib.plans.planning.given import Given, over_time
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.scenarios.sections import Kpi
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.kpis.choosing import ASSOCIATIONS, choose_kpis
from spm_lib.targets.kpis.kpi_targets import (
    PEOPLE,
    TEAMS,
    KpiTargets,
    check_kind,
    count_targets,
    ratio_targets,
)
from spm_lib.targets.over_time import Season

PER_CENT = 2  # decimals of a ratio's target in per cent
_WHICH = {"kpi": pl.String, "kind": pl.String}
ROWS = {
    "rep_id": pl.String,
    "team": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric": pl.String,
    "value": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class KpiPlan:
    """Targets of all KPIs of a plan.

    Attributes
    ----------
    people
        ``kpi`` (metric id, perhaps with a part), ``kind`` (count or ratio), and the columns of
        ``KpiTargets.people``; in the order of the scenario.
    teams
        The same with the columns of ``KpiTargets.teams``: sums of counts, implied ratios.
    rows
        Rows of the table of targets: a count per person and period of the plan, a ratio (in
        hundredths of a per cent) per person and plan. People's alone.
    choice
        The table of ``KpiChoice``: which metrics go with won amount; empty where that cannot be
        told, or in a narrower scope.
    """

    people: pl.DataFrame
    teams: pl.DataFrame
    rows: pl.DataFrame
    choice: pl.DataFrame

    def written_rows(self) -> pl.DataFrame:
        """Return the rows with values as text: counts as they are, ratios in per cent."""
        ratios = set(self.people.filter(pl.col("kind") == "ratio")["kpi"])
        told = [
            minor_text(value, PER_CENT) if metric in ratios else str(value)
            for metric, value in self.rows.select("metric", "value").iter_rows()
        ]
        return self.rows.with_columns(value=pl.Series(told, dtype=pl.String))

    def within(self, rep_ids: frozenset[str], teams: list[str]) -> KpiPlan:
        """Return the part that is of these people and whole teams."""
        mine = pl.col("rep_id").is_in(list(rep_ids))
        return KpiPlan(
            self.people.filter(mine),
            self.teams.filter(pl.col("team").is_in(teams)),
            self.rows.filter(mine),
            self.choice.clear(),
        )


def check_kpis(scenario: TargetScenario) -> None:
    """Refuse a KPI whose metric is of another kind.

    Raises
    ------
    MetricError
        If a total is given for what is no count, or an improvement for what is no ratio.
    """
    for kpi in scenario.kpis:
        check_kind(kpi.metric, "ratio" if kpi.total is None else "count")


def kpi_plan(company: Company, scenario: TargetScenario, given: Given, year: Year) -> KpiPlan:
    """Return the targets of a scenario's KPIs, for those who have a target.

    Counts are shared by what people did, for as long as each is there, and split over the periods
    by working days and ramp: a season of wins is none of calls. Ratios hold for the whole plan.

    Raises
    ------
    MetricError
        If the company has no rows for a KPI.
    """
    months = replace(year, season=Season(per=scenario.over_time.per))
    time = over_time(company, given.people, scenario, months, given.away)
    there = dict(time.time_there.iter_rows())
    found = [(kpi, _targets(company, kpi, given.people, there)) for kpi in scenario.kpis]
    people = [_named(kpi, made, made.people, PEOPLE) for kpi, made in found]
    teams = [_named(kpi, made, made.teams, TEAMS) for kpi, made in found]
    rows = [pl.DataFrame(schema=ROWS)]
    for kpi, made in found:
        own = made.people.select("rep_id", pl.col("target").alias("value"))
        if made.kind == "count":
            whole = own.with_columns(pl.col("value").cast(pl.Int64))
            told = time.spread(whole, metric=kpi.name)
        else:
            points = (pl.col("value") * BASIS_POINTS).round().cast(pl.Int64)
            told = own.with_columns(
                points,
                metric=pl.lit(kpi.name),
                period_start=pl.lit(scenario.basis.start),
                period_end=pl.lit(scenario.basis.end),
            )
        rows.append(told.with_columns(team=pl.lit(None, pl.String)).select(list(ROWS)))
    return KpiPlan(
        people=pl.concat([pl.DataFrame(schema=_WHICH | PEOPLE), *people]),
        teams=pl.concat([pl.DataFrame(schema=_WHICH | TEAMS), *teams]),
        rows=pl.concat(rows),
        choice=_choice(company),
    )


def _targets(
    company: Company, kpi: Kpi, people: pl.DataFrame, there: dict[str, float]
) -> KpiTargets:
    teams = dict(people.select("rep_id", "team").iter_rows())
    if kpi.total is None:
        more = kpi.improvement or 0.0
        return ratio_targets(company, kpi.metric, teams=teams, improvement=more, part=kpi.part)
    days = max(company.default_window().days, 1)
    been = people.select("rep_id", (pl.col("days").fill_null(0) / days).clip(0, 1))
    return count_targets(
        company,
        kpi.metric,
        kpi.total,
        teams=teams,
        part=kpi.part,
        been=dict(been.iter_rows()),
        there=there,
    )


def _named(kpi: Kpi, made: KpiTargets, frame: pl.DataFrame, schema: dict) -> pl.DataFrame:
    told = frame.with_columns(kpi=pl.lit(kpi.name), kind=pl.lit(made.kind))
    return told.select(list(_WHICH | schema))


def _choice(company: Company) -> pl.DataFrame:
    """Return which metrics go with won amount; empty where there are no deals, or too few."""
    if not company.has("opportunities"):
        return pl.DataFrame(schema=ASSOCIATIONS)
    try:
        return choose_kpis(company).table
    except DataError:
        return pl.DataFrame(schema=ASSOCIATIONS)
