"""Which kinds of records there are, who may write them, and how each becomes JSON and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from spm_lib.core.errors import TeamError
from spm_lib.team.records.check import Check
from spm_lib.team.records.issued_letter import IssuedLetter
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise
from spm_lib.team.records.rating import Rating
from spm_lib.team.records.reply import Reply
from spm_lib.team.records.target_plan_state import TargetPlanState
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.register.event import Event, Key, Payload
from spm_lib.team.register.history import newest, of_kind
from spm_lib.team.responses.response import Response

Record = (
    IssuedLetter
    | Response
    | Reply
    | TargetRequest
    | Promise
    | Check
    | Rating
    | Meeting
    | TargetPlanState
)
Writer = Literal["self", "lead", "both"]


@dataclass(frozen=True)
class Kind:
    """A kind of record: its type, which record of a person it is, and who may write it.

    Writers: ``self``, the person (or an analyst, on the person's behalf); ``lead``, who leads the
    person; ``both``, either. Of the company itself (``COMPANY``) only who may see all of it writes.
    """

    name: str
    type: type
    subject: Callable[[Any], str]
    writer: Callable[[Any], Writer]


def _asks_or_decides(request: TargetRequest) -> Writer:
    return "self" if request.status in ("open", "withdrawn") else "lead"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("letter", IssuedLetter, lambda r: str(r.version), lambda _: "lead"),
        Kind("response", Response, lambda r: str(r.version), lambda _: "self"),
        Kind("reply", Reply, lambda r: r.worry_id, lambda _: "lead"),
        Kind("request", TargetRequest, lambda r: str(r.number), _asks_or_decides),
        Kind("promise", Promise, lambda r: str(r.number), lambda _: "both"),
        Kind("check", Check, lambda r: r.item, lambda _: "lead"),
        Kind("self_rating", Rating, lambda r: r.period, lambda _: "self"),
        Kind("manager_rating", Rating, lambda r: r.period, lambda _: "lead"),
        Kind("target_plan", TargetPlanState, lambda r: str(r.number), lambda _: "lead"),
        Kind("meeting", Meeting, lambda r: r.on.isoformat(), lambda _: "both"),
    )
}


def key_of(kind: str, record: Record) -> Key:
    """Return what a record is written under: told by itself, never by who writes it.

    Raises
    ------
    TeamError
        If the kind does not exist or is of another type.
    """
    known = KINDS.get(kind)
    if known is None or not isinstance(record, known.type):
        raise TeamError(
            "There is no such kind of record.", found=f"{kind}, {type(record).__name__}"
        )
    return Key(kind, record.rep_id, known.subject(record))


def payload_of(record: Record) -> Payload:
    """Return a record as JSON-ready values."""
    return _adapter(type(record)).dump_python(record, mode="json")


def record_of(event: Event) -> Any:
    """Return the record that an event holds, checked as when it was written.

    Raises
    ------
    TeamError
        If it is none, or stands under a key that is not its own.
    """
    kind = KINDS.get(event.key.kind)
    if kind is None:
        raise TeamError("There is no such kind of record.", found=event.key.kind)
    try:
        record = read_payload(kind, event.after)
    except (ValidationError, TeamError) as error:
        raise TeamError(
            f"Event {event.number} holds no {event.key.kind}.", found=str(error).splitlines()[0]
        ) from None
    if key_of(kind.name, record) != event.key:
        raise TeamError(f"Event {event.number} holds a record of another key.")
    return record


def read_payload(kind: Kind, payload: Payload) -> Any:
    """Return the record of a kind that JSON-ready values tell.

    Raises
    ------
    TeamError
        If a key is unknown, or the record cannot be.
    ValidationError
        If a value is of another type.
    """
    unknown = set(payload) - {f.name for f in fields(kind.type)}
    if unknown:
        raise TeamError(f"A {kind.name} knows no such key.", found=", ".join(sorted(unknown)))
    return _adapter(kind.type).validate_python(dict(payload))


def records_of(events: Iterable[Event], kind: str) -> list[Any]:
    """Return the newest records of one kind, in the order in which they first appeared."""
    return [record_of(event) for event in newest(of_kind(events, kind)).values()]


@cache
def _adapter(of: type) -> TypeAdapter[Any]:
    return TypeAdapter(of)
