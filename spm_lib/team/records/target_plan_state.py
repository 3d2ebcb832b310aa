"""The state of a target plan: proposed, approved, superseded; of the company, not of a person."""

from __future__ import annotations

from dataclasses import dataclass
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
