"""A target change request: somebody asks for another target, and gets a decision with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from spm_lib.core.errors import TeamError
from spm_lib.team.records.saying import check_one_of, check_words

RequestStatus = Literal["open", "approved", "partly_approved", "declined", "withdrawn"]
REQUEST_STATUSES: tuple[RequestStatus, ...] = get_args(RequestStatus)
GRANTED: tuple[RequestStatus, ...] = ("approved", "partly_approved")


@dataclass(frozen=True)
class TargetRequest:
    """A request for another target, as it stands.

    Attributes
    ----------
    rep_id
        Whose target.
    number
        Which of the person's requests, from 1.
    target, asked
        The target as it is and as it is asked for, minor units or a count.
    reason
        Why it is asked for.
    status
        One of ``REQUEST_STATUSES``.
    decided
        The target that was granted; null unless one was.
    decision
        Why it was decided so; empty while open.
    """

    rep_id: str
    number: int
    target: int
    asked: int
    reason: str
    status: RequestStatus = "open"
    decided: int | None = None
    decision: str = ""

    def __post_init__(self) -> None:
        check_one_of(self.status, REQUEST_STATUSES, what="status of a request")
        check_words(self.reason, what="reason of the request")
        check_words(self.decision, what="reason of the decision", needed=self.status != "open")
        if min(self.number - 1, self.target, self.asked) < 0:
            raise TeamError("A target is 0 or more.", found=f"{self.target}, {self.asked}")
        granted = self.decided is not None
        if granted != (self.status in GRANTED) or (self.decided or 0) < 0:
            raise TeamError(
                "What was decided does not fit the status of the request.",
                found=f"{self.status}, {self.decided}",
                do="A granted request names the new target, any other none",
            )
        if self.status == "approved" and self.decided != self.asked:
            raise TeamError(
                "An approved request gives the target that was asked for.",
                found=f"asked {self.asked}, decided {self.decided}",
                do="Call it partly_approved",
            )

    def check_next(self, after: TargetRequest) -> None:
        """Refuse what may not follow on this request.

        Raises
        ------
        TeamError
            If the request is decided already, or what was asked is another thing.
        """
        same = (self.target, self.asked, self.reason) == (after.target, after.asked, after.reason)
        if not same or self.status != "open" or after.status == "open":
            raise TeamError(
                f"The request {self.number} of {self.rep_id} cannot become this.",
                found=f"it is {self.status}",
                do="Decide an open one as it was asked, or ask anew",
            )
