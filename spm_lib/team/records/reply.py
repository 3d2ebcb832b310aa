"""A reply: what a manager answers to one worry of a response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from spm_lib.store import sha256_json
from spm_lib.team.records.saying import check_one_of, check_words
from spm_lib.team.responses.response import CATEGORIES, Category, Worry

Outcome = Literal["explained", "will_be_checked", "changed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Reply:
    """What a manager answers to a worry; it belongs to the worry's own words.

    Attributes
    ----------
    rep_id
        Whose worry.
    category, worry
        The worry as it was written; written otherwise, it asks for another reply.
    text
        The answer.
    outcome
        One of ``OUTCOMES``: what comes of the worry.
    """

    rep_id: str
    category: Category
    worry: str
    text: str
    outcome: Outcome = "explained"

    def __post_init__(self) -> None:
        check_one_of(self.category, CATEGORIES, what="category of worries")
        check_one_of(self.outcome, OUTCOMES, what="outcome of a worry")
        check_words(self.text, what="reply")

    @property
    def worry_id(self) -> str:
        """The short name of the worry it answers."""
        return worry_id(Worry(self.category, self.worry))


def worry_id(worry: Worry) -> str:
    """Return the short name of a worry, the same wherever the same words are said.

    Examples
    --------
    >>> worry_id(Worry("data", "My deals are missing"))
    'Waa2fc605'
    """
    return f"W{sha256_json([worry.category, worry.text])[:8]}"
