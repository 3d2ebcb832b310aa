"""The figures of a target plan: every number with its metric id, window and receipt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spm_lib.model import Figure, minor_text
from spm_lib.plans.planning.target_plan import TargetPlan

_OF_PEOPLE = {
    "plan.target": "target",
    "plan.last_year": "last_year",
    "plan.growth": "growth",
    "plan.to_potential": "to_potential",
    "plan.odds": "odds",
    "plan.expected": "expected",
}
_MONEY = ("plan.target", "plan.last_year", "plan.expected")
_PAST = ("plan.last_year",)


def figures_of(plan: TargetPlan) -> tuple[Figure, ...]:
    """Return all figures of a plan: the company's, then teams', people's, and over time."""
    make = _Making(plan)
    return (*make.company(), *make.teams(), *make.people(), *make.periods())


class _Making:
    """Makes the figures of one plan."""

    def __init__(self, plan: TargetPlan) -> None:
        self.plan = plan
        money = f"money:{plan.scenario.currency}"
        self.unit = money if plan.decimals or plan.metric.endswith("amount") else "count"

    def figure(self, metric: str, value: Any, **more: Any) -> Figure:
        """Return one figure; money is given in minor units."""
        plan = self.plan
        window = plan.past if metric in _PAST else plan.window
        more.setdefault("window", (window.start, window.end))
        money = metric in _MONEY
        told = minor_text(value, plan.decimals) if money else _ratio(value)
        unit = self.unit if money else "ratio"
        return Figure(metric, plan.as_of, unit, told, plan.receipt, **more)

    def company(self) -> Iterator[Figure]:
        """Yield what the company asks, how it is shared out, and the odds."""
        plan = self.plan
        if plan.company_target is None:
            return
        yield self.figure("plan.target", plan.company_target)
        yield self.figure("plan.over_assignment", plan.over_assignment, n=plan.people.height)
        told = plan.company_odds
        if told is not None:
            yield from self._odds(told, plan.odds.draws if plan.odds else None, {})

    def teams(self) -> Iterator[Figure]:
        """Yield the target and the odds of each team."""
        sums: dict[str, int] = {}
        for team, value in self._team_rows().iter_rows():
            sums[team] = sums.get(team, 0) + value
        for team, value in sums.items():
            yield self.figure("plan.target", value, by={"team": team})
        odds = self.plan.team_odds
        for row in odds.iter_rows(named=True) if odds.width else ():
            if row["team"] in sums:
                yield from self._odds(row, None, {"team": row["team"]})

    def _team_rows(self) -> Any:
        targets = self.plan.targets
        return targets.filter(targets["rep_id"].is_null()).select("team", "value")

    def people(self) -> Iterator[Figure]:
        """Yield the numbers of each person."""
        draws = self.plan.odds.draws if self.plan.odds else None
        for row in self.plan.people.iter_rows(named=True):
            by = {"rep_id": row["rep_id"]}
            for metric, column in _OF_PEOPLE.items():
                if metric == "plan.odds":
                    told = {**row, "error": row["odds_error"], "mean": row["expected"]}
                    yield from self._odds(told, draws, by)
                elif metric != "plan.expected" and not (
                    metric == "plan.to_potential" and "potential" not in row
                ):
                    yield self.figure(metric, row[column], by=by)

    def _odds(self, row: dict, draws: int | None, by: dict[str, str]) -> Iterator[Figure]:
        """Yield odds with their Monte-Carlo interval, and the expected result with P10 and P90."""
        odds, error = row["odds"], row["error"]
        if odds is not None:
            low, high = max(odds - 1.96 * error, 0), min(odds + 1.96 * error, 1)
            yield self.figure("plan.odds", odds, by=by, n=draws, low=_ratio(low), high=_ratio(high))
        decimals = self.plan.decimals
        if row["mean"] is not None:
            low, high = (minor_text(row[name], decimals) for name in ("p10", "p90"))
            yield self.figure(
                "plan.expected", row["mean"], by=by, n=draws, low=low, high=high, level=0.8
            )

    def periods(self) -> Iterator[Figure]:
        """Yield the company's target per period, and each person's."""
        for start, end, target, _ in self.plan.periods.iter_rows():
            by = {"period": start.isoformat()}
            yield self.figure("plan.target", target, by=by, window=(start, end))
        own = self.plan.targets.drop_nulls("rep_id")
        for rep, start, end, value in own.select(
            "rep_id", "period_start", "period_end", "value"
        ).iter_rows():
            by = {"rep_id": rep, "period": start.isoformat()}
            yield self.figure("plan.target", value, by=by, window=(start, end))


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
