"""A plan file as its author wrote it: where each number stands, and the text with some changed.

Comments, order and layout stay, so that a changed plan differs from its origin in those numbers
only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from spm_lib.core.errors import PlanError

Path = tuple[str | int, ...]
_NUMBER = re.compile(r"(?<![\w.:+-])[+-]?\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?(?![\w.:-])")
_WORDS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_MARK = "98765432.123456789"  # nobody's number: the value that changes with a place is its own


@dataclass(frozen=True)
class Place:
    """A value of the file: its path in the content, and the characters ``[start, end)``."""

    path: Path
    start: int
    end: int
    value: Any


def content_of(text: str) -> dict[str, Any]:
    """Return what a plan's text says, numbers as they are written.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is no TOML.
    """
    return tomllib.loads(text, parse_float=Decimal)


def number_places(text: str) -> list[Place]:
    r"""Return every number of a plan's text, in the order of the file.

    The reader of TOML itself says which value a number is: the one that changes when the number
    is written otherwise. What looks like a number in a text, a comment, a key or a day is none.

    Examples
    --------
    >>> text = 'a = 1 # 2\nb = [{ c = 0.5, d = "3" }]\nday = 2026-01-01'
    >>> [(place.path, str(place.value)) for place in number_places(text)]
    [(('a',), '1'), (('b', 0, 'c'), '0.5')]
    """
    return list(_places(text, _NUMBER, _MARK, Decimal(_MARK)))


def rewritten(text: str, changed: Mapping[Path, Decimal]) -> str:
    """Return a plan's text with some of its numbers changed, everything else as it stands.

    Raises
    ------
    PlanError
        If one of the paths is no number of the text.

    Examples
    --------
    >>> rewritten("rate = 0.50  # of sales", {("rate",): Decimal("0.65")})
    'rate = 0.65  # of sales'
    """
    places = {place.path: place for place in number_places(text)}
    if missing := sorted(set(changed) - set(places), key=str):
        raise PlanError("The plan has no such number.", found=str(missing[0]))
    return _put(text, {places[path]: written(value) for path, value in changed.items()})


def named(text: str, *, plan_id: str, name: str) -> str:
    """Return a plan's text with another id and name in its head.

    Raises
    ------
    PlanError
        If they cannot be found as plain text in quotes.
    """
    mark = "no such text"
    found = {p.path: p for p in _places(text, _WORDS, f'"{mark}"', mark, head="plan")}
    wanted = {("plan", "id"): plan_id, ("plan", "name"): name}
    if set(wanted) - set(found):
        raise PlanError(
            "The plan's id and name cannot be found in its file.",
            do='Write them in [plan] as id = "..." and name = "...", on a line each',
        )
    return _put(text, {found[path]: _quoted(value) for path, value in wanted.items()})


def written(value: Decimal) -> str:
    """Return a number as a plan's author writes it.

    Examples
    --------
    >>> written(Decimal("0.50")), written(Decimal("5E+4")), written(Decimal(0))
    ('0.5', '50000', '0')
    """
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def leaves(content: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Return every value of a content that holds no others, with its path."""
    if isinstance(content, dict):
        for key, inner in content.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(content, list):
        for number, inner in enumerate(content):
            yield from leaves(inner, (*path, number))
    else:
        yield path, content


def _places(
    text: str, pattern: re.Pattern[str], mark: str, value: Any, head: str = ""
) -> Iterator[Place]:
    known = dict(leaves(content_of(text)))
    for found in pattern.finditer(text):
        changed = _other(text[: found.start()] + mark + text[found.end() :], known)
        if len(changed) == 1 and changed[0][1] == value and changed[0][0] in known:
            path = changed[0][0]
            if not head or path[0] == head:
                yield Place(path, found.start(), found.end(), known[path])


def _other(text: str, known: Mapping[Path, Any]) -> list[tuple[Path, Any]]:
    """Return the values of a text that are not the known ones; of no TOML, none."""
    try:
        content = content_of(text)
    except tomllib.TOMLDecodeError:
        return []
    return [(path, value) for path, value in leaves(content) if known.get(path) != value]


def _put(text: str, by_place: Mapping[Place, str]) -> str:
    for place in sorted(by_place, key=lambda one: one.start, reverse=True):
        text = text[: place.start] + by_place[place] + text[place.end :]
    return text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c
                         for c in escaped) + '"'  # fmt: skip
