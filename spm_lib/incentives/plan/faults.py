"""Faults that the types of a plan find, in the words of the file."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from spm_lib.core.errors import PlanError
from spm_lib.incentives.plan.plan import Plan
from spm_lib.workspace import Fault, all_in_one, nearest

_WANTED = {
    "id": 'a short name in lower-case letters, digits, - and _, such as "new-business"',
    "currency": 'an ISO 4217 code, such as "ILS"',
    "valid_from": "a day without quotes, such as 2026-01-01",
    "valid_to": "the first day after, without quotes, such as 2027-01-01",
    "version": "1",
    "share": "a number over 0 and up to 1",
    "order": 'columns, such as ["date", "transaction_id"]',
}
_KINDS = {
    "string_type": "text in double quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list in [ ]",
    "mapping_type": "a table in { }",
    "model_type": "a section",
    "date_from_datetime_parsing": "a day without quotes, such as 2026-01-01",
    "date_type": "a day without quotes, such as 2026-01-01",
    "value_error": "a number without quotes, such as 0.05, of at most 12 digits",
    "too_short": "at least one",
    "union_tag_not_found": 'kind = "rate" or another way to pay',
}


def refuse(source: str, faults: list[Fault]) -> PlanError:
    """Return the one error that lists all faults of a plan file."""
    return PlanError(all_in_one(Path(source).name, faults))


def type_faults(error: ValidationError, content: dict[str, Any]) -> list[Fault]:
    """Return the faults that the types found, each with its place in the file."""
    found = error.errors(include_url=False)
    return [_fault(dict(e), content) for e in found if not (_follows(e, content))]


def _follows(error: Any, content: dict[str, Any]) -> bool:
    """Return whether a list is called too short only since what is in it has faults."""
    return error["type"] == "too_short" and bool(_inside(content, error["loc"]))


def _fault(error: dict[str, Any], content: dict[str, Any]) -> Fault:
    loc = _without_tags(tuple(error["loc"]), content)
    place, key = place_of(loc, content), str(loc[-1]) if loc else ""
    if error["type"] == "missing":
        wanted = _WANTED.get(key) or _choices(loc)
        return Fault(place, "it is missing", f"Add {key} = {wanted}" if wanted else f"Add {key}")
    if error["type"] == "extra_forbidden":
        return Fault(place, "there is no such key", nearest(key, _known(loc[:-1], content)))
    given = error["input"]
    found = str(given) if isinstance(given, Decimal) else repr(given)
    return Fault(place, f"found {found}", f"Write {_wanted(error, key)}")


def _wanted(error: dict[str, Any], key: str) -> str:
    if error["type"] in ("literal_error", "union_tag_invalid"):
        told = error["ctx"].get("expected") or error["ctx"]["expected_tags"]
        return str(told).replace("'", '"')
    return _WANTED.get(key) or _KINDS.get(error["type"]) or str(error["msg"])


def place_of(loc: tuple[Any, ...], content: Any) -> str:
    """Return a place as a reader looks for it; entries of a list by their id where they have one.

    Examples
    --------
    >>> place_of(("components", 0, "weight"), {"components": [{"id": "new"}]})
    "[[components]] 'new' weight"
    >>> place_of(("plan", "currency"), {"plan": {}})
    '[plan] currency'
    """
    if len(loc) < 2:
        return ".".join(str(part) for part in loc)
    if isinstance(loc[1], int):
        entry = _inside(content, loc[:2])
        name = entry.get("id") if isinstance(entry, dict) else None
        shown = f"'{name}'" if name else f"number {loc[1] + 1}"
        rest = ".".join(_counted(part) for part in loc[2:])
        return f"[[{loc[0]}]] {shown} {rest}".rstrip()
    return f"[{loc[0]}] {'.'.join(_counted(part) for part in loc[1:])}"


def _counted(part: Any) -> str:
    return str(part + 1) if isinstance(part, int) else str(part)


def _inside(content: Any, loc: tuple[Any, ...]) -> Any:
    for part in loc:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return None
    return content


def _without_tags(loc: tuple[Any, ...], content: Any) -> tuple[Any, ...]:
    """Return a place without the tags that tell a kind of section but are no key."""
    if "pays" not in loc:
        return loc
    after = loc.index("pays") + 1
    told = _inside(content, (*loc[:after], "kind"))
    return loc[:after] + loc[after + 1 :] if loc[after : after + 1] == (told,) else loc


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)


def _section_at(loc: tuple[Any, ...], content: Any) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Plan
    for depth, part in enumerate(loc):
        if isinstance(part, int) or model is None:
            continue
        field = model.model_fields.get(part)
        choices = list(_models(field.annotation)) if field else []
        kind = (_inside(content, loc[: depth + 1]) or {}) if len(choices) > 1 else {}
        told = kind.get("kind") if isinstance(kind, dict) else None
        model = next((c for c in choices if told in _literals(c)), (choices or [None])[0])
    return model


def _literals(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("kind")
    return typing.get_args(field.annotation) if field else ()


def _known(loc: tuple[Any, ...], content: Any) -> list[str]:
    model = _section_at(loc, content)
    return [key for key in model.model_fields if key != "source"] if model else []


def _choices(loc: tuple[Any, ...]) -> str:
    model = _section_at(loc[:-1], {})
    field = model.model_fields.get(str(loc[-1])) if model else None
    told = [a for a in typing.get_args(field.annotation) if isinstance(a, str)] if field else []
    return " or ".join(f'"{choice}"' for choice in told)
