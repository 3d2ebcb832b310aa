"""The state of a target plan: proposed, approved, superseded; of the company, not of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from spm_lib.core.errors import TeamError
from spm_lib.plans import TargetScenario
from spm_lib.store import sha256_json
from spm_lib.team.records.saying import check_one_of, check_scale, check_words
from spm_lib.team.register.event import COMPANY

PlanStatus = Literal["proposed", "approved", "superseded"]
PLAN_STATUSES: tuple[PlanStatus, ...] = get_args(PlanStatus)
_NEXT: dict[PlanStatus, tuple[PlanStatus, ...]] = {
    "proposed": ("approved", "superseded"),
    "approved": ("superseded",),
    "superseded": (),
}


@dataclass(frozen=True)
class TargetPlanState:
    """One proposal of a target plan, as it stands; the register keeps who wrote it and when.

    Attributes
    ----------
    number
        Which of all proposals, from 1.
    name, content
        The scenario's name, and the fingerprint of all it says: another word is another plan.
    start, end
        Days of the plan ``[start, end)``.
    status
        One of ``PLAN_STATUSES``.
    reason
        Why it is proposed, approved or superseded.
    """

    number: int
    name: str
    content: str
    start: date
    end: date
    status: PlanStatus
    reason: str

    def __post_init__(self) -> None:
        check_scale(self.number, what="number of a proposal", most=100_000)
        check_words(self.name, what="name of the plan")
        check_words(self.content, what="fingerprint of the plan")
        check_one_of(self.status, PLAN_STATUSES, what="status of a plan")
        check_words(self.reason, what="reason")

    @property
    def rep_id(self) -> str:
        """Whom it is about: the company."""
        return COMPANY

    def check_next(self, after: TargetPlanState) -> None:
        """Refuse what may not follow on this state.

        Raises
        ------
        TeamError
            If it is another plan, or the status may not follow.
        """
        same = (self.name, self.content, self.start, self.end)
        if same != (after.name, after.content, after.start, after.end):
            raise TeamError(
                f"Proposal {self.number} is of another plan.",
                found=after.name,
                do="Propose the plan as it is now",
            )
        if after.status not in _NEXT[self.status]:
            raise TeamError(
                f"Proposal {self.number} of '{self.name}' cannot become {after.status}.",
                found=f"it is {self.status}",
                do="Propose the plan anew" if self.status == "superseded" else "Leave it as it is",
            )


def superseded(state: TargetPlanState, *, by: TargetPlanState) -> TargetPlanState:
    """Return an approved plan as it stands once another of its days is approved."""
    said = f"superseded by proposal {by.number}, {by.name}"
    return replace(state, status="superseded", reason=said)


def in_force_beside(
    states: Iterable[TargetPlanState], made: TargetPlanState
) -> Iterator[TargetPlanState]:
    """Yield the other plans that are approved for days of a plan."""
    for one in states:
        shares_days = one.start < made.end and made.start < one.end
        if one.status == "approved" and one.number != made.number and shares_days:
            yield one


def as_they_stand(told: Iterable[TargetPlanState]) -> list[TargetPlanState]:
    """Return the last state of each proposal, from all that was told of them, in its order.

    An approval supersedes the plans of its days that were approved before it, those too that
    somebody approved in the same moment without knowing of it.
    """
    found: dict[int, TargetPlanState] = {}
    for one in told:
        if one.status == "approved":
            beside = list(in_force_beside(found.values(), one))
            found |= {other.number: superseded(other, by=one) for other in beside}
        found[one.number] = one
    return list(found.values())


def content_of(scenario: TargetScenario) -> str:
    """Return the fingerprint of all a target scenario says.

    Examples
    --------
    >>> from spm_lib.plans.scenarios.target_scenario import example_scenario
    >>> one = example_scenario()
    >>> content_of(one) == content_of(one.model_copy()), len(content_of(one))
    (True, 64)
    """
    return sha256_json(scenario.model_dump(mode="json"))
