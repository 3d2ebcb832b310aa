"""Back-solve: targets that are reached with given odds, and what people need for theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.plans.planning.planner import Planner
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.targets.odds.back_solve import BackSolved


@dataclass(frozen=True, eq=False)
class Solution:
    """What would be reached with given odds, everything else as in the plan.

    Attributes
    ----------
    odds
        As asked for.
    company_target
        The largest target of the company, in the plan's steps, that has at least these odds.
    people
        The same per person: ``rep_id, name, target, odds`` (of the plan), ``with_odds`` (the
        largest target with the odds asked for; null: the person sells nothing today),
        ``difference`` (with_odds - target).
    needs
        Activity, new deals and pipeline that each needs to reach the plan's target with these
        odds, and who cannot by any allowed activity (see ``BackSolved``); null: not asked for.
    """

    odds: float
    company_target: int
    people: pl.DataFrame
    needs: BackSolved | None = None

    @property
    def needed(self) -> pl.DataFrame:
        """The people with what each needs, a row each.

        Beside the columns of ``people``: ``reachable``, ``multiple`` (of today's activity),
        ``new_deals`` (per week), ``pipeline``, and per kind of activity, such as ``calls``, what
        is needed per week; null where no allowed activity is enough, or nothing is sold today.
        """
        if self.needs is None:
            return self.people
        names = {"new_deals_needed": "new_deals", "pipeline_needed": "pipeline"}
        told = self.needs.people.select("rep_id", "reachable", "multiple", *names).rename(names)
        found = self.people.join(told, on="rep_id", how="left")
        kinds = sorted(self.needs.activities["kind"].unique())
        for kind in kinds:
            one = self.needs.activities.filter(pl.col("kind") == kind)
            found = found.join(
                one.select("rep_id", needed=pl.col("needed")), on="rep_id", how="left"
            ).rename({"needed": f"{kind}s"})
        return found.sort("rep_id")


def solve(plan: TargetPlan, *, odds: float, planner: Planner | None = None) -> Solution:
    """Find the largest targets that have at least the odds asked for.

    Parameters
    ----------
    odds
        Between 0 and 1: 0.8 is 80 %.
    planner
        The one that built the plan; with it what each person needs to reach the target that the
        plan gives is told too.

    Raises
    ------
    ParameterError
        If the odds are not between 0 and 1, or the plan has none.
    """
    if isinstance(odds, bool) or not 0 < odds < 1:
        raise ParameterError("Odds lie between 0 and 1.", found=repr(odds), do="Write 80 % as 0.8")
    if plan.odds is None:
        raise ParameterError(
            "This plan has no odds to solve for.",
            found=plan.no_odds or f"scope {plan.scope}",
            do="Build it for the won amount of the whole company",
        )
    step = plan.scenario.basis.step
    place = {rep: number for number, rep in enumerate(plan.odds.reps)}
    own = [
        largest(plan.odds.bookings[place[rep], 0], odds=odds, step=step) if rep in place else None
        for rep in plan.people["rep_id"]
    ]
    people = plan.people.select(
        "rep_id", "name", "target", "odds", with_odds=pl.Series(own, dtype=pl.Int64)
    )
    needs = None if planner is None else planner.needs(plan.scenario, asked=odds)
    return Solution(
        odds=odds,
        needs=needs,
        company_target=largest(plan.odds.company_bookings[-1], odds=odds, step=step),
        people=people.with_columns(difference=pl.col("with_odds") - pl.col("target")),
    )


def largest(bookings: np.ndarray, *, odds: float, step: int) -> int:
    """Return the largest multiple of a step that at least this share of the scenarios reaches.

    Examples
    --------
    >>> largest(np.array([10.0, 25, 30, 47]), odds=0.5, step=10)
    30
    >>> largest(np.array([10.0, 25, 30, 47]), odds=0.75, step=10)
    20
    """
    needed = max(math.ceil(odds * bookings.size - 1e-9), 1)
    reached = float(np.sort(bookings)[bookings.size - needed])
    return int(reached // step) * step
