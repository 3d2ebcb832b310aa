"""Faults of a response: where each is, what was found there and what to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spm_lib.core.errors import TeamError
from spm_lib.core.language import Language, language
from spm_lib.core.statement import Phrase, Statement

Place = tuple[str | int, ...]
_LONGEST = 60


@dataclass(frozen=True)
class ResponseFault:
    """One thing a response says that cannot be.

    Attributes
    ----------
    place
        Keys and positions (from 0) of the field, such as ``("goals", 1, "metric")``.
    said
        What was found and what to write.
    """

    place: Place
    said: Statement = field(hash=False)

    def tell(self, language: Language) -> str:
        """Return the fault in words, its field first."""
        said = self.said.tell(language)
        return f"{field_name(self.place, language)}: {said}"

    def __str__(self) -> str:
        return self.tell(language("en"))


class ResponseError(TeamError):
    """A response that cannot be taken; ``faults`` are all that is wrong with it."""

    def __init__(self, what: str, faults: Sequence[ResponseFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            what,
            found="; ".join(str(fault).rstrip(".") for fault in self.faults),
            do="Correct these fields and hand the response in again",
        )


def found(value: object) -> str:
    """Return a value as a fault shows it: on one line, cut where it is long.

    Examples
    --------
    >>> found("a" * 100)[-5:], found(None)
    ('aaaa…', '')
    """
    try:
        told = "" if value is None else " ".join(str(value).split())
    except ValueError:  # a number of thousands of digits, which Python refuses to write
        told = "…"
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


def field_name(place: Place, language: Language) -> str:
    """Return the field of a place as the form calls it.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> field_name(("goals", 1, "metric"), language("en"))
    'Goal 2, metric'
    """
    match place:
        case (str(name), int(at), str(key)):
            head = Statement(_ONE_OF[name], {"n": at + 1}).tell(language)
            return Statement(
                "{field}, {part}", {"field": head, "part": Phrase(_PARTS.get(key, key))}
            ).tell(language)
        case (str(name), int(at)):
            return Statement(_ONE_OF[name], {"n": at + 1}).tell(language)
    name = str(place[0]) if place else ""
    return language.text(FIELDS.get(name, name))


FIELDS = {
    "": "The response",
    "letter": "Letter",
    "version": "Version of the letter",
    "rep_id": "Person",
    "read_on": "Read on",
    "decision": "Decision",
    "confidence": "Confidence",
    "remarks": "Remarks",
    "worries": "Worries",
    "ideas": "Ideas from the field",
    "goals": "Goals of your own",
}
_ONE_OF = {"worries": "Worry {n}", "ideas": "Idea {n}", "goals": "Goal {n}"}
_PARTS = {
    "category": "category",
    "text": "text",
    "metric": "metric",
    "measure": "what is to be reached",
    "due": "by when",
    "help_wanted": "help wanted",
}
