"""The part of a pack file that says which reports are made, for whom, and in which formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from spm_lib.core.language import LANGUAGES
from spm_lib.reports.formats import FORMATS
from spm_lib.reports.runs.planning import Request
from spm_lib.workspace import Fault, nearest
from spm_lib.workspace.faults import refuse
from spm_lib.workspace.pack_file import read_pack_file

OF_DELIVERY = ("recipients", "deliver", "mail")  # read by the room delivery
KEYS = ("version", "reports", *OF_DELIVERY)


class _Report(BaseModel):
    """One ``[[reports]]`` of a pack file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: StrictStr
    scopes: tuple[StrictStr, ...] = ()
    each: StrictStr | None = None
    languages: tuple[StrictStr, ...] = ()
    formats: tuple[StrictStr, ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)


def load_pack(path: str | Path) -> tuple[Request, ...]:
    """Return the reports that a pack file asks for.

    Raises
    ------
    WorkspaceError
        If the file is not there, is no TOML, or says anything that cannot be: all faults at once.
    """
    file = Path(path)
    content = read_pack_file(file)
    faults = [
        Fault(key, "there is no such key", nearest(key, KEYS)) for key in content if key not in KEYS
    ]
    if content.get("version", 1) != 1:
        faults.append(Fault("version", f"found {content['version']!r}", "Write 1"))
    listed = content.get("reports")
    if not isinstance(listed, list) or not listed:
        do = 'Add [[reports]] with name = "funnel", and with each = "rep" or scopes = ["company"]'
        faults.append(Fault("reports", "no report is named", do))
        raise refuse(file, faults)
    read = [_report(one, f"[[reports]] {n}", faults) for n, one in enumerate(listed, start=1)]
    if faults:
        raise refuse(file, faults)
    return tuple(_request(one) for one in read if one is not None)


def _report(given: Any, place: str, faults: list[Fault]) -> _Report | None:
    try:
        report = _Report.model_validate(given)
    except ValidationError as error:
        faults += [_fault(dict(found), place) for found in error.errors(include_url=False)]
        return None
    for key, allowed in (("languages", tuple(LANGUAGES)), ("formats", tuple(FORMATS))):
        faults += [
            Fault(f"{place} {key}", f"found '{value}'", f"Use {', '.join(allowed)}")
            for value in getattr(report, key)
            if value not in allowed
        ]
    return report


def _fault(found: dict[str, Any], place: str) -> Fault:
    key = str(found["loc"][0]) if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        return Fault(f"{place} {key}", "there is no such key", nearest(key, _Report.model_fields))
    if found["type"] == "missing":
        return Fault(f"{place} {key}", "it is missing", f"Add {key}")
    return Fault(f"{place} {key}".strip(), f"found {found['input']!r}", found["msg"])


def _request(report: _Report) -> Request:
    return Request(
        report.name,
        report.scopes,
        report.each,
        report.languages,
        tuple(name for name in FORMATS if name == "html" or name in report.formats),
        report.parameters,
    )
