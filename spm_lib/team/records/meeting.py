"""A 1:1 meeting: what was talked about, with notes in the order of GROW."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from spm_lib.core.errors import TeamError
from spm_lib.team.records.saying import check_scale, check_words

_TOPICS = 3
_TEXTS = ("topic_of_manager", "goal", "reality", "options", "will", "energy")


@dataclass(frozen=True)
class Meeting:
    """A 1:1 that was held.

    Attributes
    ----------
    rep_id
        With whom.
    on
        The day.
    wins, topics
        Of the person; up to three topics.
    topic_of_manager
        One topic of the manager.
    goal, reality, options, will
        GROW: what is to be reached, what the data say, what could be done, what will be done first.
    confidence
        How sure the person is to take the first step, 1 to 10; null: not asked.
    energy
        Energy and blockers.
    promises
        Numbers of the promises that were gone through.
    """

    rep_id: str
    on: date
    wins: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    topic_of_manager: str = ""
    goal: str = ""
    reality: str = ""
    options: str = ""
    will: str = ""
    confidence: int | None = None
    energy: str = ""
    promises: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in _TEXTS:
            check_words(getattr(self, name), what=name.replace("_", " "), needed=False)
        for text in (*self.wins, *self.topics):
            check_words(text, what="topic")
        if len(self.topics) > _TOPICS:
            found = str(len(self.topics))
            raise TeamError("A 1:1 has three topics of the person at most.", found=found)
        if self.confidence is not None:
            check_scale(self.confidence, what="confidence", most=10)
