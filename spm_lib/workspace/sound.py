"""The sections of a faulty workspace file that are sound: enough to look on for other faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from spm_lib.workspace.settings import Settings

_STAND_IN = {"id": "unsettled", "name": "unsettled", "currency": "USD"}
_NAMED = ("pipelines", "raw", "connections", "tables")


def sound_part(shaped: Mapping[str, Any]) -> Settings:
    """Return settings without what is faulty: sections left out, single keys at their defaults.

    Examples
    --------
    >>> part = sound_part({"path": "spm.toml", "raw": {"a": {"path": 7}, "b": {"path": "b.csv"}}})
    >>> list(part.raw), part.workspace.id
    (['b'], 'unsettled')
    """
    part = {key: value for key, value in shaped.items() if key in Settings.model_fields}
    part["workspace"] = {**_STAND_IN, **_mapping(part.get("workspace"))}
    while True:
        try:
            return Settings.model_validate(part)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                part = _without(part, tuple(fault["loc"]))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _without(part: dict[str, Any], loc: tuple[int | str, ...]) -> dict[str, Any]:
    section, key = str(loc[0]), str(loc[1]) if len(loc) > 1 else ""
    if section == "workspace" and key:
        return {**part, section: {**_less(part[section], key), **_stand_in(key)}}
    if section == "tables" and loc[2:3] == ("reading",) and len(loc) > 3:
        table = part[section].get(key, {})
        reading = _less(table.get("reading"), str(loc[3]))
        return {**part, section: {**part[section], key: {**table, "reading": reading}}}
    if section == "raw" and len(loc) > 2 and loc[2] not in ("path", "connection", "query"):
        raw = _less(part[section].get(key), str(loc[2]))
        return {**part, section: {**part[section], key: raw}}
    if section in _NAMED and key:
        return {**part, section: _less(part[section], key)}
    return _less(part, section)


def _less(value: object, key: str) -> dict[str, Any]:
    return {name: inner for name, inner in _mapping(value).items() if name != key}


def _stand_in(key: str) -> dict[str, Any]:
    return {key: _STAND_IN[key]} if key in _STAND_IN else {}
