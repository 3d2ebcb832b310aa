"""The target plan that a page prints, cut to its scope: built, or read from the run's file."""

from __future__ import annotations

import json

from spm_lib.core.errors import DataError, MetricError, ParameterError, SpmError
from spm_lib.model import Company
from spm_lib.plans import (
    Planner,
    TargetPlan,
    TargetScenario,
    load_target_scenario,
    plan_text,
    propose,
    read_plan,
)
from spm_lib.team import approved_targets
from spm_lib.workspace import Scope

Outcome = TargetPlan | SpmError
PROPOSAL = "Proposal"


def plan_for(
    whole: Company, scope: Scope, scenario: str, *, planner: Planner | None = None
) -> Outcome:
    """Return the plan as a scope may see it, or why the data allow none.

    Parameters
    ----------
    whole
        The whole company, at the report's day.
    scenario
        Its name or file; empty: the proposal for the next year.
    planner
        One of the same company that has learned already; null: a new one.

    Raises
    ------
    ParameterError
        If there is no such scenario, or it is of another day than the report.
    SpmError
        If what a named scenario asks for cannot be met.
    """
    if scope.part is not None:
        return DataError(
            "Targets are of people, and not of a part of the deals.",
            do="Make this report for the company, a manager, a team or a person",
        )
    given = load_target_scenario(whole.settings.path, scenario) if scenario else None
    if given is not None and given.basis.as_of != whole.as_of:
        raise ParameterError(
            "The scenario is of another day than the report.",
            found=f"scenario {given.basis.as_of}, report {whole.as_of}",
            do=f"Make the report with --as-of {given.basis.as_of}",
        )
    try:
        planner = planner or Planner(whole)
        made = planner.plan(given or _proposed(planner))
    except (DataError, MetricError) as error:
        if given is not None:
            raise
        return error
    return made.within(scope.rep_ids, label=scope.label)


def _proposed(planner: Planner) -> TargetScenario:
    """Return the proposal; of approved plans only those known on the report's day."""
    whole = planner.company
    approved = approved_targets(whole, Scope.company(), planner=lambda: planner, on=whole.as_of)
    return propose(whole, name=PROPOSAL, approved=approved)


def outcome_text(outcome: Outcome) -> str:
    """Return a plan, or why there is none, as the text of a file."""
    if isinstance(outcome, TargetPlan):
        return plan_text(outcome)
    return json.dumps({"error": outcome.what, "do": outcome.do}, ensure_ascii=False)


def read_outcome(text: str) -> Outcome:
    """Return what ``outcome_text`` wrote."""
    told = json.loads(text)
    return DataError(told["error"], do=told["do"]) if "error" in told else read_plan(text)
