"""A target plan on its way: proposed, approved by somebody who gives a reason, superseded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from spm_lib.core.errors import TeamError
from spm_lib.core.language import Language
from spm_lib.plans import TargetScenario
from spm_lib.team.records.target_plan_state import (
    PlanStatus,
    TargetPlanState,
    content_of,
    in_force_beside,
    superseded,
)

Entry = tuple[str, TargetPlanState]
_KIND = "target_plan"
_SAID = re.compile(r"superseded by proposal (?P<number>[0-9]+)(?:, (?P<name>.+))?")


def proposal(
    states: Sequence[TargetPlanState], scenario: TargetScenario, *, reason: str
) -> list[Entry]:
    """Return what the register is to take in when a plan is proposed, for ``Desk.enter``.

    An open proposal of the same name is superseded by it.

    Parameters
    ----------
    states
        All proposals as they stand.
    scenario
        The plan, as its file says now.
    reason
        Why.

    Raises
    ------
    TeamError
        If this very plan is proposed or approved already.
    """
    content = content_of(scenario)
    there = [one for one in states if one.content == content and one.status != "superseded"]
    if there:
        raise TeamError(
            f"The plan '{scenario.name}' is {there[0].status} already.",
            found=f"proposal {there[0].number}",
        )
    number = 1 + max((one.number for one in states), default=0)
    basis = scenario.basis
    made = TargetPlanState(
        number, scenario.name, content, basis.start, basis.end, "proposed", reason
    )
    said = f"superseded by proposal {number}"
    older = (one for one in states if one.name == scenario.name and one.status == "proposed")
    return [(_KIND, made), *((_KIND, _after(one, "superseded", said)) for one in older)]


def approval(
    states: Sequence[TargetPlanState], scenario: TargetScenario, *, reason: str
) -> list[Entry]:
    """Return what the register is to take in when a proposed plan is approved, for ``Desk.enter``.

    Approved plans of days that it covers too are superseded by it.

    Parameters
    ----------
    states, scenario, reason
        As of ``proposal``.

    Raises
    ------
    TeamError
        If the plan was not proposed as its file says now.
    """
    content = content_of(scenario)
    asked = [one for one in states if one.content == content and one.status == "proposed"]
    if not asked:
        raise TeamError(
            f"The plan '{scenario.name}' was not proposed as it is now.",
            found=plan_status(states, scenario) or "no proposal of it",
            do=f"Run: spm team plan '{scenario.name}' --to proposed --why REASON",
        )
    made = asked[0]
    covered = in_force_beside(states, made)
    entries = [(_KIND, superseded(one, by=made)) for one in covered]
    return [(_KIND, _after(made, "approved", reason)), *entries]


def plan_status(states: Iterable[TargetPlanState], scenario: TargetScenario) -> PlanStatus | None:
    """Return how a plan stands as its file says now; null: it was never proposed like this."""
    content = content_of(scenario)
    found = [one for one in states if one.content == content]
    return max(found, key=lambda one: one.number).status if found else None


def reason_told(state: TargetPlanState, language: Language) -> str:
    """Return why a plan stands as it does; what the register itself said, in a language.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.core.language import language
    >>> days = date(2027, 1, 1), date(2028, 1, 1)
    >>> gone = TargetPlanState(1, "Next", "a" * 64, *days, "superseded", "superseded by proposal 2")
    >>> reason_told(gone, language("he"))
    'הוחלפה בהצעה 2'
    """
    found = _SAID.fullmatch(state.reason) if state.status == "superseded" else None
    if found is None:
        return state.reason
    if found["name"] is None:
        return language.text("superseded by proposal {number}", number=found["number"])
    return language.text("superseded by proposal {number}, {name}", **found.groupdict())


def check_approved(states: Iterable[TargetPlanState], scenario: TargetScenario) -> None:
    """Refuse to hand out letters of a plan that is not approved as it is now.

    Raises
    ------
    TeamError
        If it is not.
    """
    status = plan_status(states, scenario)
    if status != "approved":
        step = "approved" if status == "proposed" else "proposed"
        raise TeamError(
            f"Letters are of an approved plan, and '{scenario.name}' is not approved as it is now.",
            found=status or "it was never proposed like this",
            do=f"Run: spm team plan '{scenario.name}' --to {step} --why REASON; "
            "drafts to look at: spm report letter",
        )


def _after(state: TargetPlanState, status: PlanStatus, reason: str) -> TargetPlanState:
    return replace(state, status=status, reason=reason)
