"""A form in TOML that somebody filled in: read with all its faults at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from spm_lib.core.errors import TeamError
from spm_lib.team.responses.toml_text import parsed
from spm_lib.workspace import Fault, all_in_one, nearest

_LONGEST = 60


class Part(BaseModel):
    """A part of a form: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


F = TypeVar("F", bound=Part)


def read_form(
    content: bytes, form: type[F], *, name: str, number: Callable[[str], Any] = float
) -> F:
    """Return what was filled in.

    Parameters
    ----------
    content
        The file, TOML in UTF-8.
    form
        What it may say.
    name
        Of the file, for the errors.
    number
        What a number with a point becomes: ``Decimal`` where it is money.

    Raises
    ------
    TeamError
        If it is no TOML, or says what cannot be: all faults in one message.
    """
    told, _ = parsed(content, name=name, number=number)
    try:
        return form.model_validate(told)
    except ValidationError as error:
        faults = [_fault(dict(e), form) for e in error.errors(include_url=False)]
        raise TeamError(all_in_one(name, faults)) from None


def _fault(error: Mapping[str, Any], form: type[BaseModel]) -> Fault:
    place = " ".join(str(p + 1) if isinstance(p, int) else str(p) for p in error["loc"])
    if error["type"] == "missing":
        return Fault(place, "it is missing", f"Add {error['loc'][-1]}")
    if error["type"] == "extra_forbidden":
        known = _fields_at(form, error["loc"][:-1])
        return Fault(place, "there is no such key", nearest(str(error["loc"][-1]), known))
    wanted = error.get("ctx", {}).get("error", error["msg"])
    return Fault(place, f"found {_shown(error['input'])}", str(wanted))


def _shown(value: object) -> str:
    """Return a value as a fault shows it, cut where it is long."""
    told = value[:_LONGEST] if isinstance(value, str) else value
    return str(told) if isinstance(told, Decimal) else repr(told)[: _LONGEST + 2]


def _fields_at(form: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """Return the keys that a part of a form knows."""
    for step in place:
        if isinstance(step, str):
            inner = form.model_fields[step].annotation
            form = next(one for one in get_args(inner) if isinstance(one, type))
    return list(form.model_fields)
