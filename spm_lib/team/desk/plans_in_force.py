"""The target plans in force: approved in the register, and in the client's folder as approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from spm_lib.core.errors import SpmError
from spm_lib.model import Company
from spm_lib.plans import ApprovedTargets, Planner, TargetScenario, asked_by, load_target_scenario
from spm_lib.team.desk.desk import Desk
from spm_lib.team.desk.told import register_there
from spm_lib.team.desk.viewer import Viewer
from spm_lib.team.records.kinds import record_of
from spm_lib.team.records.target_plan_state import TargetPlanState, as_they_stand, content_of
from spm_lib.workspace import Scope

InForce = tuple[TargetPlanState, date]


def plans_in_force(company: Company, *, on: date | None = None) -> tuple[InForce, ...]:
    """Return the plans approved for days to come, each with the day of its approval.

    Parameters
    ----------
    company
        Of the client.
    on
        The day at whose end the register is read; null: as it is now.

    Raises
    ------
    MissingExtraError, SourceError, TeamError
        As ``register_there``: there is a register, and it does not answer.
    """
    register = register_there(company)
    if register is None:
        return ()
    desk = Desk(register, Viewer("", Scope.company()))
    days, told = {}, []
    for event in desk.events(kinds=["target_plan"]):
        one, day = record_of(event), company.calendar.local_date(event.at)
        if on is not None and day > on:
            continue
        told.append(one)
        if one.status == "approved":
            days[one.number] = day
    found = (one for one in as_they_stand(told) if one.status == "approved")
    return tuple((one, days[one.number]) for one in found if one.end > company.as_of)


def approved_targets(
    company: Company, scope: Scope, *, planner: Callable[[], Planner], on: date | None = None
) -> ApprovedTargets:
    """Return what the plans in force ask of a scope.

    Parameters
    ----------
    company
        Of the client.
    scope
        Whose targets.
    planner
        Gives one of the whole company; called only where a plan is in force.
    on
        The last day on which an approval, and what superseded one, counts; null: any.
    """
    try:
        plans = plans_in_force(company, on=on)
    except SpmError:
        return ApprovedTargets.none(silent=True)
    frames, changed, unfit = [ApprovedTargets.none().periods], [], []
    for state, day in plans:
        scenario = _as_approved(company, state)
        if scenario is None:
            changed.append(state.name)
            continue
        try:
            asked = _asked(planner(), scenario, scope)
        except SpmError:  # it would name people of other teams
            unfit.append(state.name)
            continue
        frames.append(asked.with_columns(plan=pl.lit(state.name), approved_on=pl.lit(day)))
    return ApprovedTargets(pl.concat(frames), tuple(changed), tuple(unfit))


def _asked(planner: Planner, scenario: TargetScenario, scope: Scope) -> pl.DataFrame:
    given = planner.given(scenario)
    return asked_by(given.targets, given.periods, metric=scenario.basis.metric, scope=scope)


def _as_approved(company: Company, state: TargetPlanState) -> TargetScenario | None:
    """Return the plan of a state; null where its file no longer says what was approved."""
    try:
        scenario = load_target_scenario(company.settings.path, state.name)
    except SpmError:
        return None
    return scenario if content_of(scenario) == state.content else None
