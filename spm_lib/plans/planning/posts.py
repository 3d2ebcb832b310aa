"""People to be hired as open posts: each has a line, and a target, before it has a name."""

from __future__ import annotations

from datetime import date

import polars as pl

from spm_lib.plans.scenarios.target_scenario import TargetScenario

NAME = "New hire"


def with_posts(people: pl.DataFrame, scenario: TargetScenario) -> pl.DataFrame:
    """Return the people and the open posts of a scenario, told apart by Boolean ``post``.

    A post is called "New hire 1" and so on, in the order of the file; it has no past of its own, so
    it is shared out to as an average person, and no open deals. Its manager is the team's, where
    the team has one.

    Parameters
    ----------
    people
        The columns of ``bases``.
    """
    known = people.with_columns(post=pl.lit(value=False))
    posts = _posts(scenario, taken=set(people["rep_id"]))
    if not posts:
        return known
    rows = pl.DataFrame(
        posts,
        schema={"rep_id": pl.String, "team": people.schema["team"], "hired_on": pl.Date},
        orient="row",
    )
    managers = people.drop_nulls("team").group_by("team").agg(pl.col("manager_id").unique())
    alone = managers.filter(pl.col("manager_id").list.len() == 1)
    first = alone.select("team", pl.col("manager_id").list.first())
    open_deals = 0 if people["pipeline"].null_count() < people.height else None
    more = rows.join(first, on="team", how="left").with_columns(
        name=pl.col("rep_id"),
        days=pl.lit(0, dtype=pl.Int64),
        pipeline=pl.lit(open_deals, dtype=pl.Int64),
        post=pl.lit(value=True),
    )
    return pl.concat([known, more], how="diagonal")


def _posts(scenario: TargetScenario, *, taken: set[str]) -> list[tuple[str, str | None, date]]:
    """Return id, team and first day of each post; no number that somebody has as an id."""
    found: list[tuple[str, str | None, date]] = []
    number = 0
    for hire in scenario.hires:
        for _ in range(hire.count):
            number += 1
            while f"{NAME} {number}" in taken:
                number += 1
            found.append((f"{NAME} {number}", hire.team, hire.starts))
    return found
