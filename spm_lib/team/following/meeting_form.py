"""A 1:1's notes as a form: every open promise stands in it, and each is to be gone through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from pydantic import StrictInt, StrictStr

from spm_lib.core.errors import TeamError
from spm_lib.core.language import Language
from spm_lib.team.following.agenda import Agenda
from spm_lib.team.records.kinds import Record
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import PROMISE_STATUSES, Promise
from spm_lib.team.responses.toml_form import Part
from spm_lib.team.responses.toml_text import comment, line, rows

_TEXTS = ("topic_of_manager", "goal", "reality", "options", "will", "energy")


class GoneThrough(Part):
    """An open promise as it stands after the talk; ``who`` and ``what`` are only told."""

    number: StrictInt
    state: Literal["open", "done", "withdrawn"]
    due: date
    outcome: StrictStr = ""
    who: StrictStr = ""
    what: StrictStr = ""


class NewPromise(Part):
    """What was agreed on; one without words is left out."""

    who: StrictStr = ""
    what: StrictStr = ""
    due: date | Literal[""] = ""


class MeetingForm(Part):
    """The notes of a 1:1, as filled in; see ``Meeting``. Confidence 0 is: not asked."""

    rep_id: StrictStr
    on: date
    wins: tuple[StrictStr, ...] = ()
    topics: tuple[StrictStr, ...] = ()
    topic_of_manager: StrictStr = ""
    goal: StrictStr = ""
    reality: StrictStr = ""
    options: StrictStr = ""
    will: StrictStr = ""
    confidence: StrictInt = 0
    energy: StrictStr = ""
    promises: tuple[GoneThrough, ...] = ()
    new_promises: tuple[NewPromise, ...] = ()


def meeting_form(rep_id: str, on: date, agenda: Agenda, *, language: Language) -> str:
    """Return the form of a 1:1 as TOML.

    Parameters
    ----------
    rep_id, on
        With whom, and the day.
    agenda
        What it opens with: every open promise gets a part, whose state is to be filled in.
    language
        Of the comments.
    """
    return "\n".join(_lines(rep_id, on, agenda, language)) + "\n"


def _lines(rep_id: str, on: date, agenda: Agenda, language: Language) -> Iterator[str]:
    yield comment(language.text("Notes of a 1:1; what is left empty is not kept."))
    yield line("rep_id", rep_id)
    yield line("on", on)
    yield line("wins", [""])
    yield line("topics", [""])
    yield line("topic_of_manager", "")
    yield comment(language.text("GROW: goal, reality, options, way forward; sure of it, 1 to 10."))
    yield from (line(key, "") for key in ("goal", "reality", "options", "will"))
    yield line("confidence", 0)
    yield line("energy", "")
    yield ""
    yield comment(
        language.text(
            "Every open promise: say how it stands now, and what came of it or why it is put off."
        )
    )
    yield comment(f"state: {', '.join(PROMISE_STATUSES)}")
    yield from rows("promises", (_asked(one) for one in agenda.open))
    yield comment(language.text("New promises, from both sides."))
    yield from rows("new_promises", [{"who": "", "what": "", "due": ""}] * 2)


def _asked(one: Promise) -> dict[str, object]:
    told = {"number": one.number, "who": one.who, "what": one.what}
    return {**told, "due": one.due, "state": "", "outcome": ""}


def records_of_meeting(
    form: MeetingForm, promises: Sequence[Promise]
) -> list[tuple[Literal["promise", "meeting"], Record]]:
    """Return what a 1:1 writes: promises that changed, new ones, and the notes, in this order.

    Parameters
    ----------
    form
        As filled in.
    promises
        All newest promises of the person, of which every open one is gone through.

    Raises
    ------
    TeamError
        If an open promise is left out or one is unknown, or something cannot be kept.
    """
    known = {one.number: one for one in promises}
    _check_all_there(form, known)
    changed = [_after(known[one.number], one, form.on) for one in form.promises]
    first = max(known, default=0) + 1
    agreed = [one for one in form.new_promises if one.what.strip()]
    new = [
        Promise(form.rep_id, first + place, one.who or form.rep_id, one.what,
                one.due or form.on, form.on)
        for place, one in enumerate(agreed)
    ]  # fmt: skip
    return [
        *(("promise", one) for one in changed if one != known[one.number]),
        *(("promise", one) for one in new),
        ("meeting", _notes(form)),
    ]


def _check_all_there(form: MeetingForm, known: Mapping[int, Promise]) -> None:
    listed = [one.number for one in form.promises]
    left_out = sorted(n for n, one in known.items() if one.open and n not in listed)
    wrong = sorted({n for n in listed if n not in known or listed.count(n) > 1})
    if left_out or wrong:
        raise TeamError(
            "A 1:1 goes through every open promise, once.",
            found=f"left out: {left_out}, unknown or twice: {wrong}",
            do="Write the form anew, or add what is missing",
        )


def _after(before: Promise, told: GoneThrough, on: date) -> Promise:
    """Return a promise as it stands after the talk."""
    if told.state == before.status and told.due == before.due and not told.outcome.strip():
        return before
    closed = None if told.state == "open" else on
    made = replace(before, status=told.state, due=told.due, outcome=told.outcome, closed_on=closed)
    before.check_next(made)
    return made


def _notes(form: MeetingForm) -> Meeting:
    return Meeting(
        rep_id=form.rep_id,
        on=form.on,
        wins=tuple(text for text in form.wins if text.strip()),
        topics=tuple(text for text in form.topics if text.strip()),
        confidence=form.confidence or None,
        promises=tuple(one.number for one in form.promises),
        **{name: getattr(form, name) for name in _TEXTS},
    )
