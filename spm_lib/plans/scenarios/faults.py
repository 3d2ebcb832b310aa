"""Faults of a target scenario: each with its place, what was found there and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from spm_lib.core.errors import ParameterError
from spm_lib.plans.scenarios.sections import Section
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.workspace import Fault, all_in_one, nearest

_KINDS = {
    "string_type": "text in double quotes",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": 'an ISO 4217 code, such as "ILS"',
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "too_short": "more of them",
    "too_long": "fewer of them",
    "dict_type": "a table, such as { history = 0.7, even = 0.3 }",
    "model_type": "a section",
    "model_attributes_type": "a section",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "from {} up"),
    "greater_than": ("gt", "above {}"),
    "less_than_equal": ("le", "up to {}"),
    "less_than": ("lt", "below {}"),
}


def checked(content: Mapping[str, Any], *, source: str = "", exponent: int | None = None) -> Any:
    """Return the scenario of a mapping.

    Parameters
    ----------
    source
        The file, to be named in the refusal; empty: none.
    exponent
        Decimals of amounts that stand there as text; null: amounts are minor units.

    Raises
    ------
    ParameterError
        With all faults in one message.
    """
    context = None if exponent is None else {"exponent": exponent}
    try:
        return TargetScenario.model_validate(content, context=context)
    except ValidationError as error:
        raise refused(_faults(error), source=source) from None


def refused(faults: list[Fault], *, source: str = "") -> ParameterError:
    """Return the one error that lists all faults of a scenario."""
    where = f"The scenario file {source}" if source else "The scenario"
    return ParameterError(all_in_one(where, faults))


def _faults(error: ValidationError) -> list[Fault]:
    """Return one fault a place: of several ways to read a value the last one, innermost, speaks."""
    found: dict[str, Fault] = {}
    for one in error.errors(include_url=False):
        loc = tuple(part for part in one["loc"] if _in_file(part))
        place = place_of(loc)
        found[place] = _fault(dict(one), loc, place)
    inner = [place for place in found if any(p.startswith(f"{place} ") for p in found)]
    return [fault for place, fault in found.items() if place not in inner]


def _in_file(part: Any) -> bool:
    """Say whether a part of a place is a key or a number; pydantic also names types."""
    return isinstance(part, int) or not any(sign in part for sign in "[]()'")


def _fault(error: dict[str, Any], loc: tuple[Any, ...], place: str) -> Fault:
    kind = error["type"]
    if kind == "missing":
        return Fault(place, "it is missing", f"Add {loc[-1]}")
    if kind == "extra_forbidden":
        return Fault(place, "there is no such key", nearest(str(loc[-1]), _known(loc[:-1])))
    shown = error["input"]
    found = f"'{shown}'" if isinstance(shown, str) else _short(shown)
    return Fault(place, f"found {found}", f"Write {_wanted(error)}")


def _short(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_defaults=True)
    told = str(value)
    return told if len(told) <= 80 else f"{told[:77]}..."


def _wanted(error: dict[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return str(context["expected"]).replace("'", '"')
    if kind in _BOUNDS:
        key, told = _BOUNDS[kind]
        return f"a number {told.format(context[key])}"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        return f"a list of {bound}"
    return _KINDS.get(kind, str(error["msg"]))


def place_of(loc: tuple[Any, ...]) -> str:
    """Return the place of a key as a reader looks for it.

    Examples
    --------
    >>> place_of(("basis", "target")), place_of(("rows", 1, "move")), place_of(("version",))
    ('[basis] target', '[[rows]] no. 2 move', 'version')
    """
    match loc:
        case ("hires" | "kpis" | "rows" as name, int(number), *rest):
            return " ".join([f"[[{name}]] no. {number + 1}", *map(str, rest)])
        case ("basis" | "share" | "over_time" | "odds" as name, *rest):
            return " ".join([f"[{name}]", *map(str, rest)])
    return ".".join(map(str, loc)) or "the file"


def _known(loc: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the keys that the section of a place may hold."""
    model: type[BaseModel] = TargetScenario
    for part in loc:
        if isinstance(part, str):
            model = _section_of(model.model_fields[part].annotation) or model
    return tuple(model.model_fields)


def _section_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _section_of(arg))), None)
