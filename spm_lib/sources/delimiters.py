"""Which sign stands between the fields of a file, and whether its rows are wrapped in quotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 200
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_WHOLE = re.compile(r'"((?:[^"]|"")*)"[;,\t|]*')


def detect_delimiter(lines: Sequence[str]) -> str:
    r"""Return the delimiter of a file's first lines: the one that most lines hold equally often.

    Examples
    --------
    >>> detect_delimiter(["id;amount", "1;1.234,50", "2;7,00"])
    ';'
    >>> detect_delimiter(["a\tb, c", "1\tx"])
    '\t'
    """
    bare = [_QUOTED.sub("", line) for line in lines[:SAMPLE] if line.strip()]
    return max(DELIMITERS, key=lambda sign: _score(bare, sign))


def _score(lines: Sequence[str], sign: str) -> tuple[float, int]:
    counts = Counter(line.count(sign) for line in lines)
    held = {count: lines_ for count, lines_ in counts.items() if count}
    if not held:
        return 0.0, 0
    count = max(held, key=lambda c: (held[c], c))
    first = 1 if lines[0].count(sign) == count else 0
    return held[count] / len(lines) + first, count


def unwrapped(line: str) -> str | None:
    """Return the content of a line that is one quoted field; None for any other line.

    Examples
    --------
    >>> unwrapped('"1,""Smith, J"",5"')
    '1,"Smith, J",5'
    """
    match = _WHOLE.fullmatch(line)
    return match[1].replace('""', '"') if match else None


def is_wrapped(lines: Sequence[str]) -> bool:
    """Say whether rows stand in quotes whole: one quoted field per line that holds a CSV line.

    Examples
    --------
    >>> is_wrapped(['"id,name"', '"1,""S"" Co"'])
    True
    >>> is_wrapped(['"name"', '"Smith, J"'])
    False
    """
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if not sample:
        return False
    inner = [unwrapped(line) for line in sample]
    first = inner[0]
    if first is None or not any(sign in first for sign in DELIMITERS):
        return False
    return sum(i is not None for i in inner) * 2 > len(sample)
