"""What the odds are asked: targets of the whole period, and the levers as the scenario has them."""

from __future__ import annotations

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.plans.planning.edits import Edit
from spm_lib.plans.planning.given import Given, team_targets
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.odds.levers import Hire, OddsLevers


def levers_of(scenario: TargetScenario, given: Given, year: Year) -> OddsLevers:
    """Return the levers of a scenario, for everybody and for single people."""
    turned, edits = scenario.odds, given.edits
    window = Window(scenario.basis.start, scenario.basis.end)
    return OddsLevers(
        hires=tuple(Hire(hire.starts, hire.count, hire.team) for hire in scenario.hires),
        ramp=year.ramp,
        **{name: getattr(turned, name) for name in type(turned).model_fields},
        people={
            rep: edits[rep].levers(there=_working(edits[rep], rep, window))
            for rep in given.people["rep_id"]
            if rep in edits
        },
    )


def _working(edit: Edit, rep: str, window: Window) -> float:
    """Return the share of the period's days that a person works of what is usual, leave counted."""
    part = edit.last("part_time")
    share = 1.0 if part is None else part
    for _, start, end, away in edit.absences(rep):
        first, last = max(start, window.start), min(end or window.end, window.end)
        share *= 1 - away * max((last - first).days, 0) / window.days
    return share


def goals_of(scenario: TargetScenario, given: Given) -> pl.DataFrame:
    """Return the targets of the whole period: people's, teams', the company's."""
    basis = scenario.basis
    rows: list[tuple[str | None, str | None, int]] = [
        (rep, None, value)
        for rep, value in given.shared.people.select("rep_id", "target").iter_rows()
    ]
    teams = team_targets(given.shared, scenario) or _sums_with_posts(given)
    rows += [(None, team, value) for team, value in teams.items()]
    rows.append((None, None, basis.target))
    frame = pl.DataFrame(
        rows, schema={"rep_id": pl.String, "team": pl.String, "value": pl.Int64}, orient="row"
    )
    return frame.with_columns(period_start=pl.lit(basis.start), period_end=pl.lit(basis.end))


def _sums_with_posts(given: Given) -> dict[str, int]:
    """Return the sum of each team's targets where posts are among them; else nothing.

    Of teams that are told nothing the odds add up the people they know, and posts are not.
    """
    if not given.people["post"].any():
        return {}
    joined = given.shared.people.join(given.people.select("rep_id", "team"), on="rep_id")
    sums = joined.drop_nulls("team").group_by("team").agg(pl.col("target").sum())
    return dict(sums.sort("team").iter_rows())
