"""What the section ``[access]`` may not say as a whole: whose rows, and one grant at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from spm_lib.workspace.access import OWN, OWN_TEAM, Grant, overlapping
from spm_lib.workspace.faults import Fault


def access_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the faults between the keys of the section."""
    section = content.get("access")
    listed = section.get("viewers") if isinstance(section, dict) else None
    entries = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    for entry in entries:
        yield from _of_one(entry)
    for first, second in overlapping([g for e in entries if (g := _grant(e))]):
        yield Fault(
            f"[access] viewers '{first.name}'",
            f"'{first.scope}' and '{second.scope}' hold on the same days",
            "End one with valid_to on the day on which the other begins",
        )


def _of_one(entry: Mapping[str, Any]) -> Iterator[Fault]:
    place, scope = f"[access] viewers '{entry.get('name', '?')}'", entry.get("scope")
    if scope in (OWN, OWN_TEAM) and "person" not in entry:
        yield Fault(place, f"scope '{scope}' does not say whose", 'Add person = "ID of the person"')
    if scope not in (OWN, OWN_TEAM) and "person" in entry:
        do = f"Write scope = '{OWN}' or '{OWN_TEAM}', or leave person out"
        yield Fault(place, f"scope '{scope}' has no use for person", do)
    grant = _grant(entry)
    if grant and grant.valid_from and grant.valid_to and grant.valid_to <= grant.valid_from:
        do = "Write the first day without access as valid_to"
        yield Fault(place, "valid_to is not after valid_from", do)


def _grant(entry: Mapping[str, Any]) -> Grant | None:
    try:
        return Grant.model_validate(entry)
    except ValidationError:  # told by the types
        return None
