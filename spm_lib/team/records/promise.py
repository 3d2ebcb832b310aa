"""A promise: who does what by when, agreed between a person and the manager, until it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from spm_lib.core.errors import TeamError
from spm_lib.team.records.saying import check_one_of, check_words

PromiseStatus = Literal["open", "done", "withdrawn"]
PROMISE_STATUSES: tuple[PromiseStatus, ...] = get_args(PromiseStatus)


@dataclass(frozen=True)
class Promise:
    """An action agreed, as it stands.

    Attributes
    ----------
    rep_id
        In whose 1:1 it was agreed.
    number
        Which of those, from 1.
    who
        Who owes it: the person, the manager, or somebody else, by id or name.
    what, due, agreed_on
        What is owed, by which day, and since when.
    status
        One of ``PROMISE_STATUSES``; a promise never ends in another way.
    outcome
        What came of it, why it is withdrawn, or why its day was moved or it was opened again.
    closed_on
        When it was done or withdrawn; null while open.
    """

    rep_id: str
    number: int
    who: str
    what: str
    due: date
    agreed_on: date
    status: PromiseStatus = "open"
    outcome: str = ""
    closed_on: date | None = None

    def __post_init__(self) -> None:
        check_one_of(self.status, PROMISE_STATUSES, what="status of a promise")
        check_words(self.who, what="name of who promises")
        check_words(self.what, what="promise")
        check_words(self.outcome, what="outcome", needed=self.status != "open")
        if self.number < 1 or self.due < self.agreed_on:
            raise TeamError(
                "A promise is due on the day on which it is agreed, or later.",
                found=f"due {self.due}, agreed {self.agreed_on}",
            )
        if (self.closed_on is None) != (self.status == "open"):
            raise TeamError("A closed promise has the day on which it was closed.")

    @property
    def open(self) -> bool:
        """Whether it is still owed."""
        return self.status == "open"

    def overdue(self, on: date) -> bool:
        """Say whether it is owed although its day is over.

        Examples
        --------
        >>> one = Promise("R1", 1, "R1", "call Acme", date(2026, 10, 8), date(2026, 10, 1))
        >>> one.overdue(date(2026, 10, 8)), one.overdue(date(2026, 10, 9))
        (False, True)
        """
        return self.open and on > self.due

    def check_next(self, after: Promise) -> None:
        """Refuse what may not follow on this promise.

        Raises
        ------
        TeamError
            If it becomes another promise, its day moves or it is opened again without a word why,
            or it is closed twice.
        """
        kept = ("rep_id", "number", "who", "what", "agreed_on")
        changed = [name for name in kept if getattr(self, name) != getattr(after, name)]
        if changed:
            raise TeamError(
                f"The promise {self.number} of {self.rep_id} cannot become another one.",
                found=f"another {', '.join(changed)}",
                do="Withdraw it with a reason, and agree on a new one",
            )
        if after.due != self.due and not after.outcome.strip():
            raise TeamError("A promise is put off with a reason.", do="Say why in the outcome")
        if not self.open and after.open and not after.outcome.strip():
            raise TeamError(
                f"The promise {self.number} of {self.rep_id} is opened again with a reason.",
                found=f"{self.status} on {self.closed_on}: {self.outcome[:80]}",
                do="Say why in the outcome",
            )
        if not self.open and not after.open:
            raise TeamError(
                f"The promise {self.number} of {self.rep_id} is closed.",
                found=f"{self.status} on {self.closed_on}",
                do="Open it again, or agree on a new one",
            )
