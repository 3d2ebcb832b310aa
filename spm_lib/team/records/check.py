"""A check: that an item of a person's checklist was done, when, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from spm_lib.team.records.saying import check_one_of, check_words

CheckStatus = Literal["done", "not_needed", "failed"]
CHECK_STATUSES: tuple[CheckStatus, ...] = get_args(CheckStatus)


@dataclass(frozen=True)
class Check:
    """The newest state of an item.

    Attributes
    ----------
    rep_id
        Whose checklist.
    item
        Key of the item.
    on
        The day on which it was done, tried, or found not needed.
    status
        ``failed`` leaves it due; ``not_needed`` ends it, with a reason as evidence.
    evidence
        What shows it: a score, a link, a name; may not be empty.
    """

    rep_id: str
    item: str
    on: date
    evidence: str
    status: CheckStatus = "done"

    def __post_init__(self) -> None:
        check_one_of(self.status, CHECK_STATUSES, what="status of a check")
        check_words(self.item, what="item of the checklist")
        check_words(self.evidence, what="evidence")
