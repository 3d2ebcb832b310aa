"""Values written as TOML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def quoted(text: str) -> str:
    r"""Return a text in double quotes.

    Examples
    --------
    >>> print(quoted('7" screen'))
    "7\" screen"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'


def key(text: str) -> str:
    """Return a key, in quotes where it needs them."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else quoted(text)


def array(values: Iterable[str]) -> str:
    """Return a list of texts.

    Examples
    --------
    >>> array(["a", "b c"])
    '["a", "b c"]'
    """
    return f"[{', '.join(quoted(v) for v in values)}]"


def table(pairs: Mapping[str, str]) -> str:
    """Return a table in one line.

    Examples
    --------
    >>> table({"amount": "Deal Value"})
    '{ amount = "Deal Value" }'
    """
    return "{ " + ", ".join(f"{key(k)} = {quoted(v)}" for k, v in pairs.items()) + " }"


def comment(text: str) -> str:
    """Return a text as comment lines."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())
