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
from spm_lib.team.records.target_plan_state import TargetPlanState, content_of
from spm_lib.workspace import Scope

InForce = tuple[TargetPlanState, date]


def plans_in_force(company: Company) -> tuple[InForce, ...]:
    """Return the plans approved for days to come, each with the day of its approval.

    Raises
    ------
    MissingExtraError, SourceError, TeamError
        As ``register_there``: there is a register, and it does not answer.
    """
    register = register_there(company)
    if register is None:
        return ()
    desk = Desk(register, Viewer("", Scope.company()))
    days = {}
    for event in desk.events(kinds=["target_plan"]):
        one = record_of(event)
        if one.status == "approved":
            days[one.number] = company.calendar.local_date(event.at)
    found = (one for one in desk.plan_states() if one.status == "approved")
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
        The last day on which an approval counts; null: any.
    """
    try:
        plans = [one for one in plans_in_force(company) if on is None or one[1] <= on]
    except SpmError:
        return ApprovedTargets.none(silent=True)
    names, days, frames, changed = [], [], [], []
    for state, day in plans:
        scenario = _as_approved(company, state)
        if scenario is None:
            changed.append(state.name)
            continue
        given = planner().given(scenario)
        metric = scenario.basis.metric
        frames.append(asked_by(given.targets, given.periods, metric=metric, scope=scope))
        names.append(state.name)
        days.append(day)
    if not frames:
        return ApprovedTargets.none(changed=tuple(changed))
    return ApprovedTargets(tuple(names), max(days), pl.concat(frames), tuple(changed))


def _as_approved(company: Company, state: TargetPlanState) -> TargetScenario | None:
    """Return the plan of a state; null where its file no longer says what was approved."""
    try:
        scenario = load_target_scenario(company.settings.path, state.name)
    except SpmError:
        return None
    return scenario if content_of(scenario) == state.content else None
