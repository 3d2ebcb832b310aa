"""Lines of a TOML file that people fill in: keys with their values, comments, lists of parts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from spm_lib.core.bidi import tame


def comment(text: str) -> str:
    r"""Return a line that is only read by people.

    Examples
    --------
    >>> comment("what, and\nwhy")
    '# what, and why'
    """
    return f"# {' '.join(tame(text).split())}"


def line(key: str, value: object) -> str:
    """Return a key with its value.

    Examples
    --------
    >>> line("due", date(2026, 10, 1)), line("wins", ["one"])
    ('due = "2026-10-01"', 'wins = ["one"]')
    """
    if isinstance(value, date):
        value = value.isoformat()
    # JSON text is TOML text but for one character, which TOML wants escaped
    return f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def rows(name: str, listed: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield the lines of a list of parts, each under its own head."""
    for one in listed:
        yield f"[[{name}]]"
        yield from (line(key, value) for key, value in one.items())
        yield ""
