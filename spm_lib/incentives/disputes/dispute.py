"""One dispute: who says what is wrong, how long it waits, and which answers may come next."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from spm_lib.core.errors import PayError

Status = Literal["open", "in_review", "more_information", "accepted", "rejected", "closed"]
Code = Literal["crediting", "rate", "quota", "data", "other"]
CODES: tuple[str, ...] = get_args(Code)
_UNDECIDED: tuple[Status, ...] = ("open", "in_review", "more_information")
_NEXT: dict[str, tuple[Status, ...]] = {
    "open": ("in_review", "more_information", "accepted", "rejected"),
    "in_review": ("more_information", "accepted", "rejected"),
    "more_information": ("in_review", "accepted", "rejected"),
    "accepted": ("closed",),
    "rejected": ("closed",),
    "closed": (),
}
RESPONSE_DAYS = 14


class Dispute(BaseModel):
    """A dispute about a payment; money is minor units of the plan's currency.

    ``actual`` is what was paid for the deal as the person sees it (null: not said), ``expected``
    what should have been. ``answer`` is the reason of the decision, ``adjustment_id`` what came of
    it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dispute_id: str
    rep_id: str
    period: str
    transaction_id: str | None = None
    actual: int | None = None
    expected: int
    reason: str
    opened_on: date
    status: Status = "open"
    decided_on: date | None = None
    by: str = ""
    code: str = ""
    answer: str = ""
    adjustment_id: str = ""

    @property
    def difference(self) -> int | None:
        """Expected less actual; null where nobody said what was paid."""
        return None if self.actual is None else self.expected - self.actual

    def age(self, on: date) -> int:
        """Return how many days it waited until it was decided, or has waited by a day.

        Examples
        --------
        >>> late = Dispute(dispute_id="D1", rep_id="R1", period="2026-08", expected=100,
        ...                reason="split", opened_on=date(2026, 9, 1))
        >>> late.age(date(2026, 9, 20)), late.overdue(date(2026, 9, 20))
        (19, True)
        """
        return ((self.decided_on or on) - self.opened_on).days

    def overdue(self, on: date, limit: int = RESPONSE_DAYS) -> bool:
        """Say whether it is undecided for more days than an answer may take."""
        return self.status in _UNDECIDED and self.age(on) > limit

    def check_next(self, status: Status, on: date) -> None:
        """Refuse an answer that may not follow, or of a day before the dispute.

        Raises
        ------
        PayError
            If it may not.
        """
        if on < self.opened_on:
            raise PayError(
                f"The dispute {self.dispute_id} cannot be answered before it was opened.",
                found=f"{on}, opened on {self.opened_on}",
                do="Say on which day it is answered",
            )
        if status not in _NEXT[self.status]:
            raise PayError(
                f"The dispute {self.dispute_id} cannot become {status}.",
                found=f"it is {self.status}",
                do=f"Next may come: {', '.join(_NEXT[self.status]) or 'nothing'}",
            )
