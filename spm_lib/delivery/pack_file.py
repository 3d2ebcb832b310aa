"""The part of a pack file that says how its reports are handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from spm_lib.delivery.recipients import (
    COLUMNS,
    Recipient,
    Row,
    doubled,
    gather,
    read_rows,
    row_faults,
)
from spm_lib.delivery.settings import (
    DeliverSettings,
    LetterText,
    MailSettings,
    deliver_faults,
    mail_faults,
)
from spm_lib.workspace import Fault, nearest
from spm_lib.workspace.faults import refuse
from spm_lib.workspace.pack_file import read_pack_file

DELIVERY_KEYS = ("recipients", "deliver", "mail")
_SECRET = ("password", "password_env", "user")

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True)
class DeliveryPack:
    """A pack file's delivery: who gets what, in which files, and how letters are sent."""

    name: str
    recipients: tuple[Recipient, ...]
    deliver: DeliverSettings
    mail: MailSettings | None


def load_delivery_pack(path: str | Path) -> DeliveryPack:
    """Return what a pack file says under ``recipients``, ``[deliver]`` and ``[mail]``.

    Its other keys (reports, scopes, languages, formats) belong to the run and are not read here.

    Raises
    ------
    WorkspaceError
        If the file is not there, is no TOML, or it or its list of recipients says anything that
        cannot be: all faults at once.
    """
    file = Path(path)
    content = read_pack_file(file)
    faults: list[Fault] = []
    deliver = _part(DeliverSettings, content.get("deliver", {}), "[deliver]", faults)
    faults += deliver_faults(deliver) if deliver else []
    mail = _mail(file, content, faults)
    allowed = deliver or DeliverSettings.model_validate({})
    rows = _recipient_rows(file, content.get("recipients"), allowed, faults)
    if faults:
        raise refuse(file, faults)
    recipients = gather(rows, password_env=allowed.password_env)
    return DeliveryPack(file.stem, recipients, allowed, mail)


def _mail(file: Path, content: Mapping[str, Any], faults: list[Fault]) -> MailSettings | None:
    given = content.get("mail")
    if given is None:
        return None
    if isinstance(given, dict) and isinstance(given.get("ca_file"), str):
        given = {**given, "ca_file": file.parent / given["ca_file"]}
    mail = _part(MailSettings, given, "[mail]", faults)
    faults += mail_faults(mail) if mail else []
    return mail


def _recipient_rows(
    file: Path, given: Any, deliver: DeliverSettings, faults: list[Fault]
) -> list[tuple[str, Row]]:
    raw: list[tuple[str, Mapping[str, Any]]] = []
    if isinstance(given, str):
        raw, wrong = read_rows(file.parent / given)
        faults += wrong
    elif isinstance(given, list) and all(isinstance(row, dict) for row in given):
        raw = [(f"[[recipients]] {n}", row) for n, row in enumerate(given, start=1)]
    elif given is not None:
        do = 'Write recipients = "recipients.csv", or [[recipients]] with their keys'
        faults.append(Fault("recipients", f"found {given!r}", do))
    if not raw and not faults:
        do = 'Add [[recipients]] with scope, address and language, or recipients = "FILE.csv"'
        faults.append(Fault("recipients", "nobody is named", do))
    rows = [(place, row) for place, g in raw if (row := _part(Row, g, place, faults))]
    for place, row in rows:
        faults += row_faults(place, row, deliver=deliver)
    faults += doubled(rows)
    return rows


def _part(kind: type[Part], given: Any, place: str, faults: list[Fault]) -> Part | None:
    """Return a section in its types, or add its faults to the list."""
    if not isinstance(given, dict):
        faults.append(Fault(place, f"found {given!r}", "Write a section with its keys"))
        return None
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        known = COLUMNS if kind is Row else tuple(kind.model_fields)
        found = error.errors(include_url=False)
        faults += dict.fromkeys(_fault(dict(one), place, known) for one in found)
        return None


def _fault(error: Mapping[str, Any], place: str, known: tuple[str, ...]) -> Fault:
    keys = [str(part) for part in error["loc"] if isinstance(part, str)]
    key = keys[0] if keys else ""
    where = f"{place} {'.'.join(keys[:2])}".strip()
    if error["type"] == "missing":
        return Fault(where, "it is missing", f"Add {key}")
    if error["type"] == "extra_forbidden":
        inner = known if len(keys) == 1 else tuple(LetterText.model_fields)
        return Fault(where, "there is no such key", nearest(keys[-1], inner))
    if key in _SECRET:
        return Fault(where, "found something else than text", "Write text in double quotes")
    shown = f"found {error['input']!r}"
    return Fault(where, shown, error["msg"].removeprefix("Input "))
