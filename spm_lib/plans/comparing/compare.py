"""Two plans side by side: the difference per person, who gains and who loses, odds, cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.plans.planning.target_plan import TargetPlan

Costing = Callable[[TargetPlan], pl.DataFrame]
NO_PAY_PLAN = "no pay plan"
_CLEAR = 2.0  # standard errors of the simulation, from which on a difference of odds is one
_COSTS = {
    **dict.fromkeys(("cost", "cost_p10", "cost_p90"), pl.Int64),
    **dict.fromkeys(("cost_rate", "ccos"), pl.String),
}
_SIDE = ("target", "odds", "expected")


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changes from plan ``a`` to plan ``b``.

    Attributes
    ----------
    a, b
        Names of the scenarios.
    people
        One row per person of either, sorted by rep_id: ``rep_id, name, team, target_a, target_b,
        difference`` (b - a; null where one side has no target), ``odds_a, odds_b,
        odds_difference, odds_error`` (of the difference, both having the same luck; null without
        odds), ``expected_a, expected_b, cost_a, cost_b, cost_difference`` (Int64 minor units;
        null: see ``no_cost``), ``side`` (winner: the odds rise, or without odds the target falls;
        loser: the other way round; null: neither, as far as the simulation can tell).
    company
        A row per plan: ``plan`` (a, b), ``name, target, people`` (the sum of people's targets),
        ``over_assignment, odds, odds_error, expected, cost`` (expected pay), and of pay plans that
        the scenarios name ``cost_p10, cost_p90`` (Int64), ``cost_rate`` (pay / bookings) and
        ``ccos`` (Decimal text; null: not known).
    no_cost
        Why there is no cost on at least one side; empty where there is.
    """

    a: str
    b: str
    people: pl.DataFrame
    company: pl.DataFrame
    no_cost: str

    @property
    def winners(self) -> pl.DataFrame:
        """Those whom ``b`` makes it easier, the most so first."""
        return self._side("winner", descending=True)

    @property
    def losers(self) -> pl.DataFrame:
        """Those whom ``b`` makes it harder, the most so first."""
        return self._side("loser", descending=False)

    def _side(self, side: str, *, descending: bool) -> pl.DataFrame:
        found = self.people.filter(pl.col("side") == side)
        by = pl.coalesce(pl.col("odds_difference"), -pl.col("difference").cast(pl.Float64))
        return found.sort(by, "rep_id", descending=[descending, False])


def compare(a: TargetPlan, b: TargetPlan, *, cost: Costing | None = None) -> Comparison:
    """Set two plans side by side.

    Parameters
    ----------
    cost
        Returns what a plan costs per person: ``rep_id, cost`` (Int64 minor units). Null: what the
        pay plans of its scenario pay; where it names none, its cost columns are null.

    Raises
    ------
    ParameterError
        If the plans are of different metrics or currencies.
    """
    for what, one, other in (
        ("metrics", a.metric, b.metric),
        ("currencies", a.scenario.currency, b.scenario.currency),
    ):
        if one != other:
            raise ParameterError(
                f"Plans of different {what} cannot be compared.",
                found=f"{one} and {other}",
                do="Compare two scenarios of the same",
            )
    sides = [_side_of(plan, end, cost) for plan, end in ((a, "a"), (b, "b"))]
    both = sides[0].join(sides[1], on="rep_id", how="full", coalesce=True)
    told = both.join(_odds_errors(a, b), on="rep_id", how="left").with_columns(
        name=pl.coalesce("name_b", "name_a"),
        team=pl.coalesce("team_b", "team_a"),
        difference=pl.col("target_b") - pl.col("target_a"),
        odds_difference=pl.col("odds_b") - pl.col("odds_a"),
        cost_difference=pl.col("cost_b") - pl.col("cost_a"),
    )
    columns = ["rep_id", "name", "team", "target_a", "target_b", "difference", "odds_a", "odds_b"]
    columns += ["odds_difference", "odds_error", "expected_a", "expected_b"]
    columns += ["cost_a", "cost_b", "cost_difference", "side"]
    return Comparison(
        a=a.scenario.name,
        b=b.scenario.name,
        people=told.with_columns(side=_better()).select(columns).sort("rep_id"),
        company=pl.DataFrame(
            [_company("a", a, sides[0]), _company("b", b, sides[1])], schema_overrides=_COSTS
        ),
        no_cost=NO_PAY_PLAN if cost is None and not (a.pay and b.pay) else "",
    )


def _side_of(plan: TargetPlan, end: str, cost: Costing | None) -> pl.DataFrame:
    people = plan.people.select("rep_id", "name", "team", *_SIDE)
    costs = pl.DataFrame(schema={"rep_id": pl.String, "cost": pl.Int64})
    if cost is not None:
        costs = cost(plan).select("rep_id", pl.col("cost").cast(pl.Int64))
    elif plan.pay is not None:
        costs = plan.pay.people.select("rep_id", cost="pay")
    told = people.join(costs, on="rep_id", how="full", coalesce=True)
    return told.rename({name: f"{name}_{end}" for name in ("name", "team", *_SIDE, "cost")})


def _better() -> pl.Expr:
    """Return who gains: odds that rise clearly; without odds, a target that falls."""
    rise = pl.col("odds_difference")
    clear = _CLEAR * pl.col("odds_error")
    by_odds = (
        pl.when(rise > clear)
        .then(pl.lit("winner"))
        .when(rise < -clear)
        .then(pl.lit("loser"))
        .otherwise(pl.lit(None, pl.String))
    )
    change = pl.col("difference")
    by_target = pl.when(change < 0).then(pl.lit("winner")).when(change > 0).then(pl.lit("loser"))
    return pl.when(rise.is_not_null()).then(by_odds).otherwise(by_target)


def _odds_errors(a: TargetPlan, b: TargetPlan) -> pl.DataFrame:
    """Return the standard error of each difference of odds, scenario by scenario where paired."""
    schema = {"rep_id": pl.String, "odds_error": pl.Float64}
    if a.odds is None or b.odds is None:
        return pl.DataFrame(schema=schema)
    ends = [_reached(plan) for plan in (a, b)]
    same = _same_luck(a, b)
    rows = []
    for rep in sorted(ends[0].keys() & ends[1].keys()):
        one, other = ends[0][rep].astype(float), ends[1][rep].astype(float)
        if same:
            error = float((other - one).std() / np.sqrt(one.size))
        else:
            error = float(np.sqrt(one.var() / one.size + other.var() / other.size))
        rows.append((rep, error))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _same_luck(a: TargetPlan, b: TargetPlan) -> bool:
    first, second = (
        (p.as_of, p.window, p.scenario.basis.seed, p.draws, p.odds.reps if p.odds else ())
        for p in (a, b)
    )
    return first == second


def _reached(plan: TargetPlan) -> dict[str, np.ndarray]:
    """Return in which scenarios each person reaches the target."""
    assert plan.odds is not None
    targets = dict(plan.people.select("rep_id", "target").iter_rows())
    return {
        rep: plan.odds.bookings[place, 0] >= targets[rep]
        for place, rep in enumerate(plan.odds.reps)
        if rep in targets
    }


def _company(end: str, plan: TargetPlan, side: pl.DataFrame) -> dict:
    odds = plan.company_odds or {}
    costs = side[f"cost_{end}"]
    paid = (plan.pay.company if plan.pay else None) or {}
    return {
        "plan": end,
        "name": plan.scenario.name,
        "target": plan.company_target,
        "people": int(plan.people["target"].sum()),
        "over_assignment": plan.over_assignment,
        "odds": odds.get("odds"),
        "odds_error": odds.get("error"),
        "expected": odds.get("mean"),
        "cost": int(costs.sum()) if costs.null_count() < costs.len() else None,
        "cost_p10": paid.get("p10"),
        "cost_p90": paid.get("p90"),
        "cost_rate": paid.get("cost_rate"),
        "ccos": paid.get("ccos"),
    }
