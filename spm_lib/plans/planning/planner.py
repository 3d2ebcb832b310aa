"""A target plan built from a company and a scenario; what is learned is kept for the next one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period, Window
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.core.statement import Statement
from spm_lib.forecast import Draws
from spm_lib.incentives import PayModel, Plan, base_pay_of, joined_models, load_plan, model_pay
from spm_lib.metrics import measure
from spm_lib.model import Company, Figure, metric_id
from spm_lib.plans.paying.paying_data import months_between, paying_data
from spm_lib.plans.paying.scenario_pay import FUTURES, ScenarioPay
from spm_lib.plans.planning.asked_odds import goals_of, levers_of
from spm_lib.plans.planning.capacity_gap import CapacityGap, capacity_gap
from spm_lib.plans.planning.edits import LEVERS
from spm_lib.plans.planning.given import Given, with_named
from spm_lib.plans.planning.kpi_plan import check_kpis, kpi_plan
from spm_lib.plans.planning.over_the_year import Year, year_of
from spm_lib.plans.planning.past_targets import past_targets
from spm_lib.plans.planning.people_told import people_told
from spm_lib.plans.planning.posts import with_posts
from spm_lib.plans.planning.resampled import METRIC, SAID, Resampled, resampled
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.store import ClientFolder
from spm_lib.targets.capacity import known_capacity
from spm_lib.targets.odds.answer import OddsAnswer
from spm_lib.targets.odds.back_solve import BackSolved, back_solve
from spm_lib.targets.odds.odds import SETTLED, Odds
from spm_lib.targets.over_time import TimePlan
from spm_lib.targets.sharing import bases

T = TypeVar("T")
_KEPT = 7  # share-outs, beside the newest


def build(
    company: Company,
    scenario: TargetScenario,
    *,
    draws: int = SETTLED,
    watch: Callable[[str], None] | None = None,
) -> TargetPlan:
    """Build the target plan of a scenario.

    Parameters
    ----------
    company
        In its widest scope; a narrower one is cut out of the plan (``TargetPlan.within``).
    scenario
        What is asked for; its ``as_of`` is taken, whatever the company's is.
    draws
        Scenarios that the odds are played with: 10,000 are what every report prints.
    watch
        Told what is being worked on, in English.

    Raises
    ------
    SpmError
        If the settings cannot be met: what to change is named.
    """
    return Planner(company).plan(scenario, draws=draws, watch=watch)


class Planner:
    """Builds plans of one company, and keeps what scenarios have in common.

    What is learned from the data (bases, season, ramp, rates, luck) is learned once for each basis;
    then a plan with other levers takes milliseconds.

    Parameters
    ----------
    company
        The whole company.
    kept
        Folder of these very rows where what takes long to learn is kept; null: it is not.

    Raises
    ------
    ParameterError
        If the company is one of a narrower scope: a share of the whole needs the whole.
    """

    def __init__(self, company: Company, *, kept: Path | None = None) -> None:
        if company.scoped:
            raise ParameterError(
                "A target plan is built for the whole company.",
                found=f"scope {company.scope.label}",
                do="Build it without a scope; the plan is cut to one afterwards",
            )
        self.company, self._folder = company, kept
        self._kept: dict[Hashable, Any] = {}
        self._kept_given: dict[Hashable, Given] = {}
        self._times: dict[Hashable, TimePlan] = {}

    def plan(
        self,
        scenario: TargetScenario,
        *,
        draws: int = SETTLED,
        watch: Callable[[str], None] | None = None,
    ) -> TargetPlan:
        """Return the plan of a scenario; see ``build``."""
        say = watch or (lambda _: None)
        company, metric = self._at(scenario), scenario.basis.metric
        check_kpis(scenario)
        say("season and ramp")
        year = self._year(company, scenario)
        say("the share-out")
        given = self._given(company, scenario, year)
        say("the odds")
        drawn = self._resampled(company, scenario, given, draws)
        odds, no_odds = (None, "") if drawn else self._odds(scenario, given, year, draws)
        told = drawn.people if drawn else None if odds is None else odds.people
        return TargetPlan(
            scenario=scenario,
            as_of=company.as_of,
            past=company.default_window(),
            company_target=scenario.basis.target,
            people=people_told(given, self._past(company, metric), told),
            levels=given.shared.levels,
            targets=given.targets,
            periods=given.periods,
            left_out=given.left_out,
            odds=odds,
            no_odds=no_odds,
            year=year,
            draws=drawn.draws if drawn else None if odds is None else odds.draws,
            receipt=self._receipt(company, metric),
            past_figures=self._past_figures(company, metric),
            notes=(*year.notes, SAID) if drawn else year.notes,
            resampled=drawn is not None,
            _team_odds=drawn and drawn.teams,
            _company_odds=drawn and drawn.company,
            _capacity=lambda: self._capacity(company, scenario, given, year),
            _kpis=lambda: kpi_plan(company, scenario, given, year),
            _pay=(lambda: self.pay(scenario)) if scenario.pay else None,
        )

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _at(self, scenario: TargetScenario) -> Company:
        day, currency = scenario.basis.as_of, scenario.currency
        if currency != self.company.currency:
            raise ParameterError(
                "The scenario's amounts are of another currency than the workspace's.",
                found=f"{currency}, and {self.company.currency}",
                do=f"Write the amounts in {self.company.currency}",
            )
        return self._once(("company", day), lambda: self.company.at(day))

    def _people(self, company: Company, scenario: TargetScenario) -> pl.DataFrame:
        """Return those who sell, those of the table of people whom rows are about, and posts."""
        metric, potential = scenario.basis.metric, scenario.share.potential
        if "potential" in scenario.share.weights and potential is None:
            raise ParameterError(
                "Potential counts in the share-out, but no column tells it.",
                found=f"weights {scenario.share.weights}",
                do='Name the kept column under [share], such as potential = "Potential"',
            )
        pipeline = "open.count" if metric_id(metric).unit == "count" else "open.amount"
        found = self._once(
            ("people", company.as_of, metric, potential),
            lambda: bases(company, metric=metric, pipeline=pipeline, potential=potential),
        )
        named = {row.rep_id for row in scenario.rows} - set(found["rep_id"])
        return with_posts(with_named(found, company, named) if named else found, scenario)

    def _year(self, company: Company, scenario: TargetScenario) -> Year:
        settings, metric = scenario.over_time, scenario.basis.metric
        key = ("year", company.as_of, metric, settings.model_dump_json())
        return self._once(key, lambda: year_of(company, settings, metric=metric))

    def _receipt(self, company: Company, metric: str) -> Any:
        key = ("receipt", company.as_of, metric)
        return self._once(key, lambda: measure(company, metric).figures()[0].receipt)

    def _given(self, company: Company, scenario: TargetScenario, year: Year) -> Given:
        """Return the targets given; kept while only levers of the odds move."""
        rows = [row.model_dump_json(exclude=set(LEVERS)) for row in scenario.rows]
        basis = scenario.basis.model_dump_json(exclude={"seed"})
        parts = (scenario.share.model_dump_json(), scenario.over_time.model_dump_json())
        hires = [(hire.starts, hire.count, hire.team) for hire in scenario.hires]
        key = (basis, *parts, *hires, *rows)
        if key not in self._kept_given:
            known = self._people(company, scenario)
            made = Given.of(company, known, scenario, year, times=self._times)
            self._kept_given = {**dict(list(self._kept_given.items())[-_KEPT:]), key: made}
        return self._kept_given[key]

    def _past(self, company: Company, metric: str) -> pl.DataFrame:
        key = ("past", company.as_of, metric)
        return self._once(key, lambda: past_targets(company, metric))

    def _past_figures(self, company: Company, metric: str) -> dict[str, Figure]:
        def made() -> dict[str, Figure]:
            found = measure(company, metric, by="rep_id", window=company.default_window())
            (whole,) = measure(company, metric, window=company.default_window()).figures()
            people = {figure.by["rep_id"]: figure for figure in found.figures()}
            return {**people, "": whole}  # in place of what nobody owns

        return self._once(("past figures", company.as_of, metric), made)

    def _capacity(
        self, company: Company, scenario: TargetScenario, given: Given, year: Year
    ) -> CapacityGap | None:
        """Return the capacity beside the target; null where nobody is ramped yet."""
        key = ("capacity", company.as_of, scenario.basis.metric)
        try:
            known = self._once(key, lambda: known_capacity(company, metric=scenario.basis.metric))
        except DataError:
            return None
        return capacity_gap(company, scenario, given, year, known)

    def _resampled(
        self, company: Company, scenario: TargetScenario, given: Given, draws: int
    ) -> Resampled | None:
        """Return the odds of own past results where the data has orders and no deals."""
        if scenario.basis.metric != METRIC or company.has("opportunities"):
            return None
        return resampled(company, scenario, given, draws=draws)

    def _odds(
        self, scenario: TargetScenario, given: Given, year: Year, draws: int
    ) -> tuple[OddsAnswer | None, str]:
        """Return the odds, or why there are none."""
        basis = scenario.basis
        if basis.metric != "won.amount":
            return None, "Odds are told of the won amount only."
        try:
            odds = self.odds_of(scenario)
        except DataError as error:
            return None, error.what
        levers = levers_of(scenario, given, year)
        return odds.answer(goals_of(scenario, given), levers, draws=draws), ""

    def given(self, scenario: TargetScenario) -> Given:
        """Return who gets which target when, without odds.

        Raises
        ------
        SpmError
            If the scenario cannot be met.
        """
        company = self._at(scenario)
        return self._given(company, scenario, self._year(company, scenario))

    def needs(self, scenario: TargetScenario, *, asked: float) -> BackSolved:
        """Return what each person needs to reach the target of a scenario with given odds.

        Raises
        ------
        SpmError
            If the scenario cannot be met, or nothing was won to learn odds from.
        """
        company = self._at(scenario)
        year = self._year(company, scenario)
        given = self._given(company, scenario, year)
        return back_solve(
            self.odds_of(scenario),
            company,
            goals_of(scenario, given),
            asked=asked,
            levers=levers_of(scenario, given, year),
        )

    def futures(self, scenario: TargetScenario, *, count: int = FUTURES) -> Draws:
        """Return simulated bookings by person and month, from today or the period's start on.

        Of those who sell today, each on board as the scenario has it; leavers by chance, their
        successors and people to be hired are in none of them.

        Raises
        ------
        DataError
            If nothing was won by people on board.
        ParameterError
            If the period cannot be played through.
        """
        company, basis = self._at(scenario), scenario.basis
        year = self._year(company, scenario)
        levers = levers_of(scenario, self._given(company, scenario, year), year)
        first = max(basis.start, company.as_of + timedelta(days=1))
        months = months_between(first, basis.end)
        goals = pl.DataFrame(
            [(None, start, end, 0) for start, end in months],
            schema={"rep_id": pl.String, "period_start": pl.Date, "period_end": pl.Date,
                    "value": pl.Int64},
            orient="row",
        )  # fmt: skip
        odds = self.odds_of(scenario)
        played = odds.answer(goals, levers, draws=count).bookings[:, : len(months), :count]
        periods = tuple(Period("month", a, b, f"{a:%Y-%m}") for a, b in months)
        values = np.maximum(np.rint(played), 0).astype(np.int64)
        return Draws(odds.reps, periods, values, scenario.currency, basis.seed)

    def pay(self, scenario: TargetScenario, *, futures: int | None = None) -> ScenarioPay:
        """Return what the scenario's pay plans pay in its simulated year.

        Raises
        ------
        ParameterError
            If it names none.
        SpmError
            If a plan cannot be read or modelled: what to change is named.
        """
        count = futures or FUTURES
        key = ("pay", scenario.model_dump_json(), count)
        return self._once(key, lambda: self._paid(scenario, count))

    def pay_model(
        self, scenario: TargetScenario, plan: Plan, *, futures: int = FUTURES
    ) -> PayModel:
        """Return the model of one pay plan on a scenario's year, targets as quotas.

        Raises
        ------
        SpmError
            As ``model_pay``.
        """
        company, basis = self._at(scenario), scenario.basis
        year = self._year(company, scenario)
        given = self._given(company, scenario, year)
        key = ("futures", scenario.model_dump_json(exclude={"pay", "name", "note"}), futures)
        return model_pay(
            _ramped_once(plan, year),
            self._once(key, lambda: self.futures(scenario, count=futures)),
            paying_data(company, given.people, given.targets, Window(basis.start, basis.end)),
            start=basis.start,
            salaries=base_pay_of(company, basis.start, basis.end),
        )

    def _paid(self, scenario: TargetScenario, futures: int) -> ScenarioPay:
        if not scenario.pay:
            raise ParameterError(
                "The scenario names no pay plan.",
                found=scenario.name,
                do='Add pay = ["NAME"] to its file, the name of a plan in plans/',
            )
        folder = ClientFolder.of(self.company.settings.path).plans
        plans = [load_plan(folder / f"{name.removesuffix('.toml')}.toml") for name in scenario.pay]
        models = [self.pay_model(scenario, plan, futures=futures) for plan in plans]
        model = joined_models(models)
        return ScenarioPay.of(scenario.pay, model, _granted(scenario, model))

    def odds_of(self, scenario: TargetScenario) -> Odds:
        """Return the odds of a scenario's basis, learned once.

        Raises
        ------
        DataError
            If nothing was won by people on board.
        ParameterError
            If the period cannot be played through.
        """
        company, basis = self._at(scenario), scenario.basis
        key = ("odds", company.as_of, basis.start, basis.end, basis.seed)
        days, more = (basis.start, basis.end), {"seed": basis.seed, "kept": self._folder}
        return self._once(key, lambda: Odds.of(company, start=days[0], end=days[1], **more))


def _ramped_once(plan: Plan, year: Year) -> Plan:
    """Return a pay plan without a ramp of its own where targets are ramped already."""
    if plan.quotas is None or all(share >= 1 for share in year.ramp):
        return plan
    return plan.model_copy(update={"quotas": plan.quotas.model_copy(update={"ramp": ()})})


def _granted(scenario: TargetScenario, model: PayModel) -> list[Statement]:
    """Return what the pay of a scenario leaves out, and where base pay comes from."""
    notes = []
    if scenario.hires or scenario.odds.attrition:
        notes.append(Statement("Hires, leavers' successors and what they sell are not paid."))
    if model.salaries is not None:
        notes.append(Statement("Base pay is the cost of people (salaries) of the last 12 months."))
    return notes
