"""What may be written on what: rules between a new record and those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spm_lib.core.errors import TeamError
from spm_lib.team.following.agenda import agenda
from spm_lib.team.records.issued_letter import IssuedLetter
from spm_lib.team.records.kinds import KINDS, Record, read_payload, records_of
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise
from spm_lib.team.records.rating import Rating
from spm_lib.team.records.reply import Reply
from spm_lib.team.records.target_plan_state import TargetPlanState
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.register.event import Event, Payload
from spm_lib.team.responses.response import Response
from spm_lib.team.responses.response_of import response_content, response_of


def check_admitted(
    kind: str, record: Record, *, before: Payload | None, history: Sequence[Event]
) -> None:
    """Refuse a record that may not follow on what is there.

    Parameters
    ----------
    kind
        Of the record.
    record
        What is to be written.
    before
        What stands under its key; None: nothing.
    history
        The events about the same person.

    Raises
    ------
    TeamError
        If it may not: a promise that becomes another one, a decided request, a plan that was not
        proposed, an answer to a letter that nobody issued, a reply to a worry that nobody has, a
        rating before the self-rating.
    """
    there = None if before is None else read_payload(KINDS[kind], before)
    if isinstance(record, Promise | TargetRequest):
        _check_follows(record, there)
    if isinstance(record, TargetPlanState):
        _check_plan(record, there)
    if isinstance(record, Response):
        _check_response(record, records_of(history, "letter"))
    if isinstance(record, Reply):
        _check_reply(record, records_of(history, "response"))
    if isinstance(record, IssuedLetter) and there not in (None, record):
        raise TeamError("An issued letter is never changed.", do="Issue the next version")
    if isinstance(record, Meeting):
        _check_gone_through(record, records_of(history, "promise"))
    if isinstance(record, Rating) and kind == "manager_rating":
        _check_rating(record, records_of(history, "self_rating"))


def _check_follows(record: Promise | TargetRequest, there: Any) -> None:
    if there is not None:
        there.check_next(record)
    elif record.status != "open":
        raise TeamError(
            f"There is no number {record.number} of {record.rep_id} to be closed.",
            do="Write it as open first",
        )


def _check_response(response: Response, letters: Sequence[IssuedLetter]) -> None:
    response_of(response_content(response))
    if not any((r.version, r.letter) == (response.version, response.letter) for r in letters):
        raise TeamError(
            "This answers a letter that was not issued.",
            found=f"version {response.version} of {response.rep_id}, {response.letter[:12]}",
            do="Answer the letter that was handed out",
        )


def _check_reply(reply: Reply, responses: Sequence[Response]) -> None:
    worries = [(w.category, w.text) for r in responses for w in r.worries]
    if (reply.category, reply.worry) not in worries:
        raise TeamError(
            f"{reply.rep_id} has no such worry.",
            found=f"{reply.category}: {reply.worry[:80]}",
            do="Answer a worry in the words in which it was written",
        )


def _check_plan(state: TargetPlanState, there: TargetPlanState | None) -> None:
    if there is not None:
        there.check_next(state)
    elif state.status != "proposed":
        raise TeamError(
            "A plan is proposed before it is anything else.",
            found=f"{state.name}, {state.status}",
        )


def _check_gone_through(meeting: Meeting, promises: Sequence[Promise]) -> None:
    """Refuse a 1:1 that passes over a promise that was owed when it was held."""
    owed = {p.number for p in agenda(promises).open if p.agreed_on < meeting.on}
    passed_over = sorted(owed - set(meeting.promises))
    unknown = sorted(set(meeting.promises) - {p.number for p in promises})
    if passed_over or unknown:
        numbers = ", ".join(map(str, passed_over or unknown))
        raise TeamError(
            "A 1:1 goes through every open promise."
            if passed_over
            else "A 1:1 goes through promises that were made.",
            found=f"{'left out' if passed_over else 'unknown'}: {numbers}",
            do="Open with the agenda, or close a promise with what came of it",
        )


def _check_rating(rating: Rating, self_ratings: Sequence[Rating]) -> None:
    rated = any(one.period == rating.period for one in self_ratings)
    if not rated and not rating.without_self.strip():
        raise TeamError(
            "The self-rating comes first.",
            found=f"none of {rating.rep_id} for {rating.period}",
            do="Ask for it, or say in without_self why there is none",
        )
