"""The company's target shared out among its people, with the rows of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from spm_lib.plans.planning.edits import NO_EDIT, Edit, limits
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.ratio import exact_ratio
from spm_lib.targets.sharing import HandDown, growth_limits, hand_down


@dataclass(frozen=True, eq=False)
class SharedOut:
    """What each person gets.

    Attributes
    ----------
    people
        ``rep_id``, ``shared`` (what the share-out gives without set and move), ``target``, both
        Int64.
    levels
        As ``HandDown.levels``; ``children`` and ``difference`` of the last level are of what
        people have in the end.
    """

    people: pl.DataFrame
    levels: pl.DataFrame


def shared_out(
    people: pl.DataFrame, scenario: TargetScenario, edits: Mapping[str, Edit]
) -> SharedOut:
    """Share the company's target out.

    Parameters
    ----------
    people
        ``rep_id``, ``team``, ``manager_id``, ``history_full``, ``pipeline``, ``there`` (share of a
        full year, above 0), and ``potential`` where it counts.

    Raises
    ------
    InfeasibleError
        If limits and locks leave no room: by how much, and who.
    """
    wanted = _limited(_weighed(people), scenario)
    free = limits(wanted, edits)
    first = _handed(free.with_columns(locked=pl.lit(None, pl.Int64)), scenario)
    shared = dict(first.people.iter_rows())
    ends = {rep: _moved(value, edits.get(rep, NO_EDIT)) for rep, value in shared.items()}
    locked = {rep: ends[rep] for rep in ends if edits.get(rep, NO_EDIT).locked}
    last = first
    if locked:
        held = [locked.get(rep) for rep in free["rep_id"]]
        last = _handed(free.with_columns(locked=pl.Series(held, dtype=pl.Int64)), scenario)
    given = dict(last.people.iter_rows())
    given |= {rep: ends[rep] for rep in ends if ends[rep] != shared[rep] and rep not in locked}
    reps = people["rep_id"]
    told = people.select(
        "rep_id",
        shared=pl.Series([shared[rep] for rep in reps], dtype=pl.Int64),
        target=pl.Series([given[rep] for rep in reps], dtype=pl.Int64),
    )
    return SharedOut(told, _added_up(last.levels, people, given, scenario))


def _weighed(people: pl.DataFrame) -> pl.DataFrame:
    """Return the bases as shares of a full year that is there; unknown ones as the mean of all."""
    there = pl.col("there")
    known = [name for name in ("pipeline", "potential") if name in people.columns]
    scaled = [pl.col(name).fill_null(pl.col(name).mean()) * there for name in known]
    history = pl.col("history_full").fill_null(pl.col("history_full").mean()) * there
    return people.with_columns(even=there, history=history.clip(lower_bound=0)).with_columns(
        *(part.clip(lower_bound=0) for part in scaled)
    )


def _limited(people: pl.DataFrame, scenario: TargetScenario) -> pl.DataFrame:
    """Return the people with floors and ceilings of growth on what they sell in such a time."""
    low, high = scenario.share.growth_low, scenario.share.growth_high
    if low is None or high is None:
        return people
    return growth_limits(people, low=low, high=high, base="pace")


def _handed(people: pl.DataFrame, scenario: TargetScenario) -> HandDown:
    share = scenario.share
    # "even" is the share of the year that is there, so it is a column like the others
    by = {("time" if name == "even" else name): weight for name, weight in share.weights.items()}
    return hand_down(
        people.rename({"even": "time"}),
        target=scenario.basis.target,
        by=by,
        levels=share.levels,
        over=share.over_assignment,
        step=scenario.basis.step,
        own_figures=share.own_figures,
        currency=scenario.currency if scenario.basis.metric.endswith("amount") else None,
    )


def _moved(value: int, edit: Edit) -> int:
    """Return what rows make of a target: set, then moved, rounded half up."""
    told = edit.last("set")
    exact = Fraction(value if told is None else told)
    for move in edit.moves:
        exact *= 1 + exact_ratio(move)
    return (exact + Fraction(1, 2)).__floor__()


def _added_up(
    levels: pl.DataFrame, people: pl.DataFrame, given: Mapping[str, int], scenario: TargetScenario
) -> pl.DataFrame:
    """Return the levels with what people have in the end."""
    above = scenario.share.levels[-1:]
    if above:
        owners = people.select(pl.col(above[0]).cast(pl.String)).to_series().to_list()
    else:
        owners = [None] * people.height
    sums: dict[str | None, int] = {}
    for rep, owner in zip(people["rep_id"], owners, strict=True):
        sums[owner] = sums.get(owner, 0) + given[rep]
    children = [
        sums.get(owner, 0) if level == "rep_id" else told
        for level, owner, told in levels.select("level", "id", "children").iter_rows()
    ]
    found = levels.with_columns(children=pl.Series(children, dtype=pl.Int64))
    return found.with_columns(difference=pl.col("children") - pl.col("target"))
