"""Acceptance: who answered the letter, who is asked again, who fears what, who owes replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from spm_lib.team.letters.wording import Line
from spm_lib.team.records.issued_letter import IssuedLetter
from spm_lib.team.records.reply import Reply, worry_id
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.responses.response import CATEGORIES, Category, Response, Worry

LOW_CONFIDENCE = 2
_ACCEPTING = ("accept", "accept_with_remarks")


@dataclass(frozen=True)
class Standing:
    """How one person stands to the own plan.

    Attributes
    ----------
    letter
        The newest letter.
    response
        The newest response to it; null: not answered.
    earlier
        The newest response to an older letter; null: none.
    changes
        What the newest letter says otherwise than the one that was answered last; empty where it
        is answered itself, or none was.
    owed
        Worries of the newest response that nobody has replied to.
    requests
        Target change requests that nobody has decided.
    """

    letter: IssuedLetter
    response: Response | None
    earlier: Response | None
    changes: tuple[Line, ...]
    owed: tuple[Worry, ...]
    requests: tuple[TargetRequest, ...]

    @property
    def rep_id(self) -> str:
        """Whose standing."""
        return self.letter.rep_id

    @property
    def accepted(self) -> bool:
        """Whether the newest letter is accepted, with or without remarks."""
        return self.response is not None and self.response.decision in _ACCEPTING

    @property
    def ask_again(self) -> bool:
        """Whether an older letter was answered and this one was not: it must be signed anew."""
        return self.response is None and self.earlier is not None

    @property
    def newest(self) -> Response | None:
        """The newest response, to whichever letter."""
        return self.response or self.earlier

    def waiting(self, on: date) -> int:
        """Return for how many days the newest letter waits for an answer; 0 where answered."""
        return 0 if self.response else max((on - self.letter.issued_on).days, 0)


@dataclass(frozen=True)
class Acceptance:
    """How a team stands to its plans, sorted by person."""

    standings: tuple[Standing, ...]

    @cached_property
    def unanswered(self) -> tuple[Standing, ...]:
        """Those whose newest letter waits for an answer, the longest first."""
        waiting = [s for s in self.standings if s.response is None]
        return tuple(sorted(waiting, key=lambda s: (s.letter.issued_on, s.rep_id)))

    @property
    def accepted(self) -> int:
        """How many accepted their newest letter."""
        return sum(s.accepted for s in self.standings)

    @cached_property
    def worries(self) -> dict[Category, int]:
        """Worries in the newest responses, by category: all of them, the most frequent first."""
        newest = [s.newest for s in self.standings if s.newest]
        counted = Counter(w.category for r in newest for w in r.worries)
        order = sorted(CATEGORIES, key=lambda c: (-counted[c], CATEGORIES.index(c)))
        return {category: counted[category] for category in order}

    @property
    def confidences(self) -> tuple[int, ...]:
        """What people answered to their newest letter about reaching the target, 1 to 5."""
        return tuple(s.response.confidence for s in self.standings if s.response)

    @cached_property
    def growth(self) -> float | None:
        """What the targets ask of all together above their past year; null where not known.

        The mean of each person's growth, weighted by the past result.
        """
        letters = [s.letter for s in self.standings if s.letter.growth is not None]
        known = [(one.growth or 0.0, one.last_result or 0) for one in letters]
        past = sum(result for _, result in known)
        return sum(growth * result for growth, result in known) / past if past else None

    @cached_property
    def doubtful(self) -> tuple[Standing, ...]:
        """Those of low confidence whose target asks more growth than all together, largest first.

        Low is 2 or less of 5. Whose growth is not known is not among them.
        """
        found = [
            (s.letter.growth, s)
            for s in self.standings
            if s.response is not None and s.response.confidence <= LOW_CONFIDENCE
        ]
        more = [(g, s) for g, s in found if g is not None and g > (self.growth or 0)]
        return tuple(s for _, s in sorted(more, key=lambda pair: (-pair[0], pair[1].rep_id)))

    @cached_property
    def owed(self) -> tuple[tuple[str, Worry], ...]:
        """Replies owed: whose worry, and the worry."""
        return tuple((s.rep_id, worry) for s in self.standings for worry in s.owed)


def acceptance(
    letters: Iterable[IssuedLetter],
    responses: Iterable[Response],
    *,
    replies: Iterable[Reply] = (),
    requests: Iterable[TargetRequest] = (),
) -> Acceptance:
    """Return how everybody with a letter stands to it.

    Parameters
    ----------
    letters, responses, replies, requests
        The newest records of each kind, of those people that are asked about. A response counts
        for the letter whose content it answers.
    """
    answered: dict[str, list[Response]] = {}
    for response in responses:
        answered.setdefault(response.rep_id, []).append(response)
    replied = {(reply.rep_id, reply.worry_id) for reply in replies}
    undecided: dict[str, list[TargetRequest]] = {}
    for request in requests:
        if request.status == "open":
            undecided.setdefault(request.rep_id, []).append(request)
    issued: dict[str, list[IssuedLetter]] = {}
    for letter in sorted(letters, key=lambda one: one.version):
        issued.setdefault(letter.rep_id, []).append(letter)
    return Acceptance(
        tuple(
            _standing(
                own, answered.get(rep_id, []), replied=replied, requests=undecided.get(rep_id, [])
            )
            for rep_id, own in sorted(issued.items())
        )
    )


def _standing(
    letters: Sequence[IssuedLetter],
    responses: Sequence[Response],
    *,
    replied: set[tuple[str, str]],
    requests: Sequence[TargetRequest],
) -> Standing:
    """Return how one person stands; letters by version."""
    last = letters[-1]
    newest_first = sorted(responses, key=lambda r: -r.version)
    response = next((r for r in newest_first if r.letter == last.letter), None)
    earlier = next((r for r in newest_first if r.letter != last.letter), None)
    since = earlier.version if response is None and earlier else last.version
    newest = response or earlier
    return Standing(
        letter=last,
        response=response,
        earlier=earlier,
        changes=tuple(change for one in letters if one.version > since for change in one.changes),
        owed=tuple(
            worry
            for worry in (newest.worries if newest else ())
            if (last.rep_id, worry_id(worry)) not in replied
        ),
        requests=tuple(requests),
    )
