"""Text for office files: only what their XML can hold, in marks that every version obeys."""

from __future__ import annotations

import re

from spm_lib.core.bidi import FSI, LRI, PDI, RLI, first_strong

LRM, RLM = "\u200e", "\u200f"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile(f"[{LRI}{RLI}{FSI}{PDI}]")
_COMMANDS = frozenset("=+-@{|%")
_REFERENCE = re.compile(r"!(?=\$?[A-Za-z]+\$?\d)")


def legal(text: str) -> str:
    r"""Return text without the characters that XML cannot hold; its lines end alike.

    Examples
    --------
    >>> legal("a\x00b\ud800c")
    'abc'
    """
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def marked(text: str) -> str:
    r"""Return written text with isolates put as marks of direction.

    Office draws isolates as nothing and does not obey them; it obeys marks. What stands in an
    isolate gets a mark of its own direction on both sides, so that no sign changes sides. Overrides
    of direction inside are taken out: with the isolate gone they would turn what follows.

    Examples
    --------
    >>> marked("\u2066-5%\u2069") == "\u200e-5%\u200e", marked("\u2068נועה\u2069!")
    (True, '\u200fנועה\u200f!')
    """
    out: list[str] = []
    marks: list[str] = []
    end = 0
    for found in _ISOLATES.finditer(text):
        out.append(text[end : found.start()])
        end = found.end()
        if found.group() == PDI:
            out.append(marks.pop() if marks else "")
            continue
        inside = text[end:].partition(PDI)[0]
        rtl = found.group() == RLI or (found.group() == FSI and first_strong(inside) == "rtl")
        marks.append(RLM if rtl else LRM)
        out.append(marks[-1])
    out.append(text[end:])
    return legal(_OVERRIDES.sub("", "".join(out)))


def own_text(text: str) -> str:
    """Return text of the client's as it stands; where we set a part of it apart, with marks."""
    return marked(text) if PDI in text else legal(text)


def chart_text(text: str) -> str:
    r"""Return written text for the name of a chart's axis or series, where cells may be named too.

    A place of a sheet, such as ``Sheet1!A1``, stays a text: a mark nobody sees parts it.

    Examples
    --------
    >>> chart_text("From Sheet1!A1 on") == "From Sheet1!\u200eA1 on", chart_text("Won!")
    (True, 'Won!')
    """
    return _REFERENCE.sub(f"!{LRM}", marked(text))


def like_a_command(text: str) -> bool:
    """Say whether a spreadsheet could take text for a formula once somebody edits it.

    Examples
    --------
    >>> like_a_command("=1+1"), like_a_command(" @x"), like_a_command("Noa")
    (True, True, False)
    """
    return text[:1] in tuple("\t\r\n") or text.lstrip()[:1] in _COMMANDS
