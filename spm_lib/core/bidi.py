"""Keeping left-to-right and right-to-left text from disturbing each other (Unicode UAX 9)."""

from __future__ import annotations

import unicodedata
from typing import overload

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
_SIDES = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def isolate(text: str) -> str:
    r"""Wrap text in a first-strong isolate: it takes its direction from its own first letter.

    Examples
    --------
    >>> isolate("Acme")
    '\u2068Acme\u2069'
    """
    return f"{FSI}{text}{PDI}"


def first_strong(text: str) -> str | None:
    """Return the direction of the first letter with one: "ltr", "rtl" or None.

    Examples
    --------
    >>> first_strong("12 דגים"), first_strong("12.5%")
    ('rtl', None)
    """
    return next((side for c in text if (side := _SIDES.get(unicodedata.bidirectional(c)))), None)


@overload
def embed(value: str, direction: str) -> str: ...
@overload
def embed(value: object, direction: str) -> object: ...
def embed(value: object, direction: str) -> object:
    """Return a value to be put into a sentence; text that runs the other way is isolated.

    Examples
    --------
    >>> embed("Noa", "rtl") == isolate("Noa"), embed("Noa", "ltr"), embed(3, "rtl")
    (True, 'Noa', 3)
    """
    if not isinstance(value, str) or value[:1] in (LRI, RLI, FSI):
        return value
    other = "ltr" if direction == "rtl" else "rtl"
    foreign = any(_SIDES.get(unicodedata.bidirectional(c)) == other for c in value)
    return isolate(value) if foreign else value
