"""Faults of a workspace file: each with its place, what was found there and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from spm_lib.core.errors import WorkspaceError
from spm_lib.workspace.access import access_keys
from spm_lib.workspace.settings import (
    READING_KEYS,
    CalendarSettings,
    ConnectionSettings,
    RawSettings,
    Stages,
    TeamSettings,
    Unpivot,
    WorkspaceSection,
)

_WANTED = {
    "id": 'a short name in lower-case letters, digits, - and _, such as "example"',
    "currency": 'an ISO 4217 code, such as "ILS"',
    "fiscal_year_start": "the number of a month, 1 to 12",
    "as_of": 'a date, such as "2026-09-30"',
    "exported_on": 'a date, such as "2026-10-01"',
    "delimiter": 'one character, such as ";"',
    "encoding": '"utf-8", "utf-16" or "windows-1255", or leave it out',
    "version": "1",
    "scope": "company, own, own team, rep:ID, team:NAME, manager:ID or COLUMN=value",
    "addresses": 'the addresses the proxy asks from, such as ["10.0.0.5"]',
    "header": 'the name of a header, such as "X-Remote-User"',
    "valid_from": "a date, such as 2026-01-01",
    "valid_to": "a date, such as 2026-07-01; it is the first day without access",
    "types": "text, date, time, money, number, integer or boolean",
}
_KINDS = {
    "string_type": "text in double quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": 'a list, such as ["a", "b"]',
    "mapping_type": 'a table, such as { a = "b" }',
    "dict_type": 'a table, such as { a = "b" }',
    "model_type": "a section",
    "string_too_short": "text that is not empty",
    "too_short": "at least one",
}

_DEPTH: dict[str, int] = {
    **dict.fromkeys(("raw", "tables", "connections", "pipelines"), 2),
    **dict.fromkeys(("workspace", "stages", "access", "team"), 1),
}


@dataclass(frozen=True)
class Fault:
    """One thing the file says that cannot be: where, what was found, what to write."""

    place: str
    found: str
    do: str

    def __str__(self) -> str:
        return f"{self.place}: {self.found.rstrip('.')}. {self.do.rstrip('.')}."


def refuse(file: Path, faults: Iterable[Fault]) -> WorkspaceError:
    """Return the one error that lists all faults of a file."""
    return WorkspaceError(all_in_one(file.name, faults))


def all_in_one(what: str, faults: Iterable[Fault]) -> str:
    """Return one message that lists all faults of what was written.

    Examples
    --------
    >>> print(all_in_one("spm.toml", [Fault("[workspace] id", "it is missing", "Add id")]))
    spm.toml says one thing that cannot be:
      - [workspace] id: it is missing. Add id.
    """
    listed = list(faults)
    many = f"{len(listed)} things" if len(listed) > 1 else "one thing"
    return f"{what} says {many} that cannot be:" + "".join(f"\n  - {fault}" for fault in listed)


def nearest(key: str, known: Iterable[str]) -> str:
    """Return what to write in place of an unknown key.

    Examples
    --------
    >>> nearest("delimeter", ["dates", "delimiter"])
    "Did you mean 'delimiter'? (Known here: dates, delimiter)"
    """
    names = list(known)
    near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.5)
    listed = ", ".join(names)
    return f"Did you mean '{near[0]}'? (Known here: {listed})" if near else f"Known here: {listed}"


def known_keys(section: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that a section may hold.

    Examples
    --------
    >>> known_keys(("workspace", "calendar"))
    ('country', 'week')
    """
    match section:
        case ("workspace",):
            return tuple(WorkspaceSection.model_fields)
        case ("workspace", "calendar"):
            return tuple(CalendarSettings.model_fields)
        case ("stages",) | ("pipelines", _):
            return tuple(Stages.model_fields)
        case ("raw", _):
            return tuple(RawSettings.model_fields)
        case (_, _, "unpivot"):
            return tuple(Unpivot.model_fields)
        case ("connections", _):
            return tuple(ConnectionSettings.model_fields)
        case ("team",):
            return tuple(TeamSettings.model_fields)
        case ("access", *inner):
            return access_keys(tuple(inner))
        case ("tables", _):
            own = (
                "from",
                "query",
                "path",
                "columns",
                "keep",
                "known_at_creation",
                "values",
                "zero_is_missing",
                "fixed",
            )
            return own + READING_KEYS
    return (
        "version",
        "workspace",
        "stages",
        "pipelines",
        "raw",
        "connections",
        "tables",
        "access",
        "team",
    )


def validation_faults(error: ValidationError, content: dict[str, Any]) -> list[Fault]:
    """Return the faults that the types found, in the words of the file."""
    found = error.errors(include_url=False)
    return [_fault(dict(e), content) for e in found if not _inherited(e["loc"], content)]


def _inherited(loc: tuple[Any, ...], content: dict[str, Any]) -> bool:
    """Return whether a table only takes a way of reading over from its raw frame."""
    if loc[:1] != ("tables",) or loc[2:3] != ("reading",) or len(loc) < 4:
        return False
    return loc[3] not in content["tables"][loc[1]]


def _fault(error: dict[str, Any], content: dict[str, Any]) -> Fault:
    loc = _place_in_file(tuple(str(part) for part in error["loc"]), content)
    place = path_of(loc)
    key = loc[-1] if loc else ""
    if error["type"] == "missing":
        return Fault(place, "it is missing", _add(key))
    if error["type"] == "extra_forbidden":
        return Fault(place, "there is no such key", nearest(key, known_keys(loc[:-1])))
    return Fault(place, f"found {_shown(error, loc)}", f"Write {_wanted(error, loc)}")


def _add(key: str) -> str:
    wanted = _WANTED.get(key)
    return f"Add {key} = ..., {wanted}" if wanted else f"Add {key}"


def _shown(error: dict[str, Any], loc: tuple[str, ...]) -> str:
    if loc[:1] in (("connections",), ("team",)):
        return "something else"
    value = error["input"]
    return f"'{value}'" if isinstance(value, str) else str(value)


def _wanted(error: dict[str, Any], loc: tuple[str, ...]) -> str:
    if error["type"] == "literal_error":
        return str(error["ctx"]["expected"]).replace("'", '"')
    for key in reversed(loc):
        if key in _WANTED:
            return _WANTED[key]
    return str(_KINDS.get(error["type"], error["msg"]))


def _place_in_file(loc: tuple[str, ...], content: dict[str, Any]) -> tuple[str, ...]:
    """Return where a setting stands in the file, as the short forms are written there."""
    if loc[:2] == ("pipelines", "default") and "stages" in content:
        return ("stages", *loc[2:])
    if loc[:1] == ("raw",) and loc[1:2] and loc[1] not in content.get("raw", {}):
        loc = ("tables", *loc[1:])
    return tuple(part for part in loc if part != "reading")


def path_of(loc: Iterable[str]) -> str:
    """Return the place of a key as a reader looks for it.

    Examples
    --------
    >>> path_of(("raw", "opps", "dates")), path_of(("version",))
    ('[raw.opps] dates', 'version')
    """
    parts = [str(part) for part in loc]
    cut = _DEPTH.get(parts[0], 0) if parts else 0
    if not cut or (len(parts) < 2 and cut == 2):
        return ".".join(parts)
    return f"[{'.'.join(parts[:cut])}] {'.'.join(parts[cut:])}".rstrip()
