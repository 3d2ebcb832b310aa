"""The figures of a target plan: every number with its metric id, window and receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spm_lib.core.money import exponent
from spm_lib.model import Figure, minor_text
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.targets.kpis.figures import ASSOCIATION
from spm_lib.targets.sharing import needed_attainment

_RATIOS = {
    "fairness.to_last_year": "to_last_year",
    "fairness.to_last_target": "to_last_target",
    "fairness.to_potential": "to_potential",
}


def figures_of(plan: TargetPlan) -> tuple[Figure, ...]:
    """Return all figures of a plan: the company's, then teams', people's, and over time."""
    make = _Making(plan)
    company = (*make.company(), *make.capacity(), *make.fairness(), *make.learned())
    whole = (*company, *make.choice())
    own = (*make.teams(), *make.people(), *make.periods(), *make.kpis())
    return (*whole, *own) if plan.company_target is not None else own


class _Making:
    """Makes the figures of one plan."""

    def __init__(self, plan: TargetPlan) -> None:
        self.plan = plan
        counted = plan.metric.endswith("count")
        self.unit = "count" if counted else f"money:{plan.scenario.currency}"

    def figure(self, metric: str, value: str | None, unit: str, **more: Any) -> Figure:
        """Return one figure; a person's rests on the receipt of the person's own results."""
        plan, rep = self.plan, more.get("by", {}).get("rep_id")
        own = plan.past_figures.get(rep) if rep else None
        more.setdefault("window", (plan.window.start, plan.window.end))
        receipt = plan.receipt if own is None else own.receipt
        return Figure(metric, plan.as_of, unit, value, receipt, **more)

    def amount(self, metric: str, value: int | None, **more: Any) -> Figure:
        """Return a figure of the plan's metric: money, or a count."""
        return self.figure(metric, minor_text(value, self.plan.decimals), self.unit, **more)

    def ratio(self, metric: str, value: float | None, **more: Any) -> Figure:
        """Return a figure that is a ratio."""
        return self.figure(metric, _ratio(value), "ratio", **more)

    def company(self) -> Iterator[Figure]:
        """Yield what the company asks, how it is shared out, and the odds."""
        plan = self.plan
        yield self.amount("target.value", plan.company_target)
        if "" in plan.past_figures:
            yield plan.past_figures[""]
        for level, sum_ in (("team", sum(plan.team_targets.values())), ("rep_id", plan.people_sum)):
            if sum_:
                yield self.amount("target.value", sum_, by={"level": level})
        for level, owner, over in plan.levels.select("level", "id", "over").iter_rows():
            by = {"level": level} | ({} if owner is None else {"id": owner})
            yield self.ratio("target.over_assignment", over, by=by)
        over = plan.over_assignment
        yield self.ratio("target.over_assignment.all", over, n=plan.people.height)
        needed = None if over is None or not 0 <= over <= 1 else needed_attainment(over)
        yield self.ratio("target.attainment_needed", needed)
        if plan.company_odds is not None:
            yield from self._odds(plan.company_odds, {})
        if plan.pay is not None and plan.pay.company is not None:
            yield self._paid(plan.pay.company, {})
            yield self.figure("pay.cost_rate", plan.pay.company["cost_rate"], "ratio")
            yield self.figure("pay.ccos", plan.pay.company["ccos"], "ratio")

    def capacity(self) -> Iterator[Figure]:
        """Yield what people can bring, and what would close the gap to the target."""
        found = self.plan.capacity
        if found is None:
            return
        yield self.amount("capacity.per_head", found.per_head)
        yield self.ratio("capacity.attrition", found.known.attrition, n=found.known.leavers)
        yield self.amount("capacity.bookings", found.capacity.total)
        yield self.amount("capacity.gap", found.gap.amount)
        ways = {row["way"]: row["needed"] for row in found.gap.ways.to_dicts()}
        hires = None if ways["hire"] is None else str(round(ways["hire"]))
        yield self.figure("capacity.gap.hires", hires, "count")
        yield self.ratio("capacity.gap.productivity", ways["productivity"])
        yield self.ratio("capacity.gap.attrition", ways["attrition"])
        yield self.amount("capacity.pipeline_to_create", found.pipeline_to_create)

    def fairness(self) -> Iterator[Figure]:
        """Yield how unequal targets are, and what odds and attainment go with."""
        found = self.plan.fairness
        for name, told in found.ranges.items():
            yield self.ratio("fairness.variation", told.variation, by={"basis": name}, n=told.n)
        for name, told in found.correlations.items():
            yield self.ratio(
                "fairness.correlation",
                told.value,
                by={"of": name},
                n=told.n,
                low=_ratio(told.low),
                high=_ratio(told.high),
            )
        if found.spread is not None:
            past = {"window": (self.plan.past.start, self.plan.past.end), "n": found.spread.n}
            yield self.ratio("fairness.attainment.deviation", found.spread.deviation, **past)
            yield self.ratio("fairness.attainment.near", found.spread.near, **past)

    def learned(self) -> Iterator[Figure]:
        """Yield the season by month of the year, and the ramp by month on board."""
        year = self.plan.year
        for month, index in enumerate(year.season.indices, start=1):
            yield self.ratio("season.index", float(index), by={"month": str(month)})
        for month, share in enumerate(year.ramp, start=1):
            yield self.ratio("ramp.share", share, by={"month": str(month)})

    def teams(self) -> Iterator[Figure]:
        """Yield the target and the odds of each team."""
        for team, value in self.plan.team_targets.items():
            yield self.amount("target.value", value, by={"team": team})
        odds = self.plan.team_odds
        for row in odds.iter_rows(named=True) if odds.width else ():
            if row["team"] in self.plan.team_targets:
                yield from self._odds(row, {"team": row["team"]})

    def people(self) -> Iterator[Figure]:
        """Yield the numbers of each person."""
        ratios = {row["rep_id"]: row for row in self.plan.fairness.people.to_dicts()}
        for row in self.plan.people.iter_rows(named=True):
            by = {"rep_id": row["rep_id"]}
            yield self.amount("target.value", row["target"], by=by)
            if row["rep_id"] in self.plan.past_figures:
                yield self.plan.past_figures[row["rep_id"]]
            yield self.ratio("target.time_there", row["there"], by=by)
            for metric, column in _RATIOS.items():
                if column in ratios[row["rep_id"]]:
                    yield self.ratio(metric, ratios[row["rep_id"]][column], by=by)
            yield from self._odds({**row, "error": row["odds_error"], "mean": row["expected"]}, by)
        for row in () if self.plan.pay is None else self.plan.pay.people.to_dicts():
            yield self._paid(row, {"rep_id": row["rep_id"]})

    def _paid(self, row: Mapping[str, Any], by: dict[str, str]) -> Figure:
        """Return expected pay with its P10 and P90."""
        assert self.plan.pay is not None
        currency = self.plan.scenario.currency
        pay, low, high = (minor_text(row[k], exponent(currency)) for k in ("pay", "p10", "p90"))
        more = {"by": by, "n": self.plan.pay.futures, "low": low, "high": high, "level": 0.8}
        return self.figure("pay.expected", pay, f"money:{currency}", **more)

    def _odds(self, row: Mapping[str, Any], by: dict[str, str]) -> Iterator[Figure]:
        """Yield odds with their Monte-Carlo interval, and the expected result with P10 and P90."""
        odds, error, n = row["odds"], row["error"], self.plan.draws
        if odds is not None:
            low, high = max(odds - 1.96 * error, 0), min(odds + 1.96 * error, 1)
            yield self.ratio(
                self.plan.odds_metric, odds, by=by, n=n, low=_ratio(low), high=_ratio(high)
            )
        if row["mean"] is not None:
            low, high = (minor_text(row[name], self.plan.decimals) for name in ("p10", "p90"))
            more = {"by": by, "n": n, "low": low, "high": high, "level": 0.8}
            yield self.amount("target.expected", row["mean"], **more)

    def periods(self) -> Iterator[Figure]:
        """Yield the company's target per period, and each person's."""
        for start, end, target, _ in self.plan.periods.iter_rows():
            by = {"period": start.isoformat()}
            yield self.amount("target.value", target, by=by, window=(start, end))
        own = self.plan.targets.drop_nulls("rep_id")
        columns = ("rep_id", "period_start", "period_end", "value")
        for rep, start, end, value in own.select(columns).iter_rows():
            by = {"rep_id": rep, "period": start.isoformat()}
            yield self.amount("target.value", value, by=by, window=(start, end))

    def kpis(self) -> Iterator[Figure]:
        """Yield the KPIs: each person's target and past, a team's sum or implied ratio."""
        found = self.plan.kpis
        if found is None:
            return
        for row in found.teams.iter_rows(named=True):
            by = {"kpi": row["kpi"]} | ({} if row["team"] is None else {"team": row["team"]})
            yield self.kpi_target(row, by)
        for row in found.people.iter_rows(named=True):
            by = {"kpi": row["kpi"], "rep_id": row["rep_id"]}
            yield self.kpi_target(row, by, n=row["n"])
            past = (self.plan.past.start, self.plan.past.end)
            told = _of_kind(row["kind"], row["past"])
            yield self.figure("kpi.past", told, row["kind"], by=by, window=past, n=row["n"])

    def kpi_target(self, row: Mapping[str, Any], by: dict[str, str], **more: Any) -> Figure:
        """Return the target of a KPI: a whole number, or a ratio."""
        told = _of_kind(row["kind"], row["target"])
        return self.figure(f"kpi.target.{row['kind']}", told, row["kind"], by=by, **more)

    def choice(self) -> Iterator[Figure]:
        """Yield what of won amount goes with each metric looked at."""
        rows = () if self.plan.kpis is None else self.plan.kpis.choice.iter_rows(named=True)
        places = exponent(self.plan.scenario.currency)
        for row in rows:
            value, low, high = (minor_text(row[k], places) for k in ("with_step", "low", "high"))
            yield self.figure(
                ASSOCIATION,
                value,
                f"money:{self.plan.scenario.currency}",
                by={"kpi": row["metric"], "part": row["part"] or ""},
                window=None,
                n=row["months"],
                low=low,
                high=high,
            )


def _of_kind(kind: str, value: float | None) -> str | None:
    """Return a value of a KPI as text: a count whole, a ratio with decimals."""
    return None if value is None else f"{value:.0f}" if kind == "count" else _ratio(value)


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
