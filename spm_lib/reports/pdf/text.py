"""Printed text: any text made fit for a line on paper, letter by letter what it says."""

from __future__ import annotations

import re
import unicodedata

from spm_lib.core.bidi import FSI, LRI, PDI, RLI, first_strong

BREAK = "\u200b"  # a zero-width space: a line may end here
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\ufeff\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LINES = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")


def plain(text: str) -> str:
    r"""Return text without what cannot be printed; what it says is not changed.

    Control characters go, and those that would turn the order of letters around (a name must not
    be read as another one); isolates are closed inside the text.

    Examples
    --------
    >>> plain("Noa\x00 \u202eevil")
    'Noa evil'
    """
    return _closed(_UNPRINTABLE.sub("", _LINES.sub("\n", text)).replace("\t", "    "))


def printable(text: str, *, longest: int = 60) -> str:
    """Return plain text that fits its place: longer runs of letters may be broken anywhere.

    Examples
    --------
    >>> printable("abcdef", longest=3) == f"abc{BREAK}def"
    True
    """
    return _with_breaks(plain(text), longest)


def fenced(text: str, *, longest: int = 60) -> str:
    """Return text of a client, set apart so that it takes its direction from itself.

    Examples
    --------
    >>> fenced("Noa") == f"{FSI}Noa{PDI}"
    True
    """
    text = printable(text, longest=longest)
    return f"{FSI}{text}{PDI}" if first_strong(text) else text


def _closed(text: str) -> str:
    """Drop what closes nothing, and close what is left open."""
    kept, depth = [], 0
    for c in text:
        if c in (LRI, RLI, FSI):
            depth += 1
        elif c == PDI:
            if not depth:
                continue
            depth -= 1
        kept.append(c)
    return "".join(kept) + PDI * depth


def _with_breaks(text: str, longest: int) -> str:
    def broken(found: re.Match[str]) -> str:
        parts, length = [], 0
        for c in found[0]:
            if length >= longest and not unicodedata.category(c).startswith(("M", "C")):
                parts.append(BREAK)
                length = 0
            parts.append(c)
            length += 1
        return "".join(parts)

    return re.sub(rf"[^\s{BREAK}]{{{longest + 1},}}", broken, text)
