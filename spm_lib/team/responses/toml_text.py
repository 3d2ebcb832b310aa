"""A TOML file that people fill in: its lines as they are written, and what it says read back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from spm_lib.core.bidi import tame
from spm_lib.core.errors import TeamError


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


def parsed(
    content: bytes, *, name: str = "This", number: Callable[[str], Any] = float
) -> tuple[dict[str, Any], str]:
    """Return what a file that was filled in says, and its text.

    Parameters
    ----------
    content
        The file, TOML in UTF-8.
    name
        Of the file, for the error.
    number
        What a number with a point becomes.

    Raises
    ------
    TeamError
        If it is no TOML in UTF-8, or holds a number that nobody can read.

    Examples
    --------
    >>> parsed(b"due = 2026-10-01")[0]
    {'due': datetime.date(2026, 10, 1)}
    """
    try:
        text = content.decode("utf-8-sig")
        return tomllib.loads(text, parse_float=number), text
    except (ValueError, RecursionError) as error:  # ValueError: also numbers of 4,300 digits
        raise TeamError(
            f"{name} is not valid TOML in UTF-8.",
            found=str(error).splitlines()[0],
            do='Correct that line; text goes in double quotes, such as text = "March is short"',
        ) from None
