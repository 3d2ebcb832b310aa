"""Keeping left-to-right and right-to-left text from disturbing each other (Unicode UAX 9)."""

from __future__ import annotations

import re
import unicodedata
from typing import overload

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
_SIDES = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_OPENING = frozenset((LRI, RLI, FSI))
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\ufffe\uffff]")
_BROKEN = re.compile("\r\n|[\x0b\x0c\r\x85\u2028\u2029]")
_HALVES = re.compile("[\ud800-\udfff]")
_WILD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


def tame(text: str) -> str:
    r"""Return text that cannot reorder or break what stands around it.

    Embeddings and overrides of direction are dropped; isolates are closed on their own line, and
    closings without an opening are dropped; other control characters are dropped too, odd line
    breaks become plain ones, and halves of characters become U+FFFD. What is left is text that
    XML, HTML and UTF-8 can hold. Line ends and tabs stay.

    Examples
    --------
    >>> tame("\u202eevil\x00"), tame("\u2067open") == "\u2067open\u2069", tame("Acme\u2069 Ltd")
    ('evil', True, 'Acme Ltd')
    """
    if not _WILD.search(text):
        return text
    text = _HALVES.sub("\ufffd", _DROPPED.sub("", _BROKEN.sub("\n", text)))
    return "\n".join(_balanced(line) for line in text.split("\n"))


def _balanced(line: str) -> str:
    kept, depth = [], 0
    for c in line:
        if c == PDI and not depth:
            continue
        depth += (c in _OPENING) - (c == PDI)
        kept.append(c)
    return "".join(kept) + PDI * depth


def isolate(text: str) -> str:
    r"""Wrap text in a first-strong isolate: it takes its direction from its own first letter.

    The text is tamed and put on one line, so that the isolate holds to its end.

    Examples
    --------
    >>> isolate("Acme")
    '\u2068Acme\u2069'
    """
    return f"{FSI}{_one_line(tame(text))}{PDI}"


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _is_isolate(text: str) -> bool:
    """Say whether tame text is one isolate from end to end."""
    if text[:1] not in _OPENING:
        return False
    depth = 0
    for place, c in enumerate(text):
        depth += (c in _OPENING) - (c == PDI)
        if not depth:
            return place == len(text) - 1
    return False


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
    """Return a value to be put into a sentence: tame, and isolated if it runs the other way.

    Examples
    --------
    >>> embed("Noa", "rtl") == isolate("Noa"), embed("Noa", "ltr"), embed(3, "rtl")
    (True, 'Noa', 3)
    """
    if not isinstance(value, str):
        return value
    value = _one_line(tame(value))
    if _is_isolate(value):
        return value
    other = "ltr" if direction == "rtl" else "rtl"
    foreign = any(_SIDES.get(unicodedata.bidirectional(c)) == other for c in value)
    return isolate(value) if foreign else value
