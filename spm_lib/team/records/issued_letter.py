"""An issued letter: that a person was given a version of the own plan letter, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from spm_lib.team.letters.letter_files import Issued
from spm_lib.team.letters.wording import Line
from spm_lib.team.records.saying import check_scale

_YEAR = 365  # days of the past result


@dataclass(frozen=True)
class IssuedLetter:
    """That a letter was handed out.

    Attributes
    ----------
    rep_id
        Whom it is for.
    version, letter
        Its version, 1 and up, and its content hash.
    issued_on
        The day.
    start, end
        Days of the plan ``[start, end)``.
    target
        Minor units, or a count; null: the letter names none.
    last_result
        Of the twelve months before; null: not known.
    metric, currency
        What the target is of, and the currency of amounts.
    changes
        What it says otherwise than the version before.
    """

    rep_id: str
    version: int
    letter: str
    issued_on: date
    start: date
    end: date
    target: int | None = None
    last_result: int | None = None
    metric: str = "won.amount"
    currency: str = ""
    changes: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        check_scale(self.version, what="version of a letter", most=10_000)

    @property
    def growth(self) -> float | None:
        """Target over what the person sold in as many days of the past year, less 1.

        Null where the target or the past result is not known, or the result is not above 0.
        """
        if self.target is None or self.last_result is None or self.last_result <= 0:
            return None
        days = (self.end - self.start).days
        return self.target * _YEAR / (self.last_result * days) - 1


def issued_record(issued: Issued) -> IssuedLetter:
    """Return what the register keeps of an issued letter."""
    letter = issued.letter
    return IssuedLetter(
        rep_id=letter.rep_id,
        version=issued.version,
        letter=issued.hash,
        issued_on=issued.issued_on,
        start=letter.start,
        end=letter.end,
        target=letter.target,
        last_result=letter.last_result,
        metric=letter.metric,
        currency=letter.currency,
        changes=issued.changes,
    )
