"""Cells of a CSV file that a spreadsheet would take for a formula, and how they are kept text."""

from __future__ import annotations

import re

_SIGN = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_NUMBER = r"(?:[-+]?[0-9][0-9.,]*%?|-+)"
_FIRST = re.compile(rf"\A('*)(?=[{_SIGN}\t\r\n])")
_FIRST_NO_NUMBER = re.compile(rf"\A('*)(?=[{_SIGN}\t\r\n])(?!{_NUMBER}\Z)")
_LATER = re.compile(rf"(?<=[;\t\r\n])([ \"]*)('*)(?=[{_SIGN}])(?!{_NUMBER}(?:[;\t\r\n]|\Z))")


def guard(text: str, *, numbers: bool = False) -> str:
    r"""Return a cell's text with an apostrophe wherever a spreadsheet could begin a formula.

    That is at the beginning, before ``=``, ``+``, ``-``, ``@`` (also full-width), a tab or a line
    end; and after ``;``, a tab or a line end, at which a spreadsheet of another country may split
    a cell. With ``numbers``, plain numbers and dashes stay as they are; after a split they always
    do. ``unguard`` gives back every text as it was.

    Examples
    --------
    >>> guard("=1+1"), guard("-5"), guard("-5", numbers=True), guard("a=b"), guard("x;=1")
    ("'=1+1", "'-5", '-5', 'a=b', "x;'=1")
    """
    text = _LATER.sub(r"\1'\2", text)
    return _first(numbers).sub(r"'\1", text)


def unguard(text: str, *, numbers: bool = False) -> str:
    r"""Return a text as it was before ``guard``, called in the same way.

    Examples
    --------
    >>> [unguard(guard(text)) for text in ("=1", "'=1", "'a", "-5", "\t=1", "x;=1")]
    ['=1', "'=1", "'a", '-5', '\t=1', 'x;=1']
    """
    text = _first(numbers).sub(lambda found: found[1][1:], text)
    return _LATER.sub(lambda found: found[1] + found[2][1:], text)


def _first(numbers: bool) -> re.Pattern[str]:  # noqa: FBT001
    return _FIRST_NO_NUMBER if numbers else _FIRST
