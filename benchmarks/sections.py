"""Sections of a generated page that are measured apart: found by their title, replaced whole."""

from __future__ import annotations

import re
from pathlib import Path


def _found(text: str, title: str) -> re.Match[str] | None:
    """Return the section from its heading to the next one of its kind, or to the end."""
    return re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)


def kept_or(page: Path, title: str, otherwise: str) -> str:
    """Return the section as the page has it; without one, another text.

    Examples
    --------
    >>> kept_or(Path("no such page"), "Speed", "not measured")
    'not measured'
    """
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    found = _found(text, title)
    return found[0].rstrip("\n") + "\n" if found else otherwise


def with_section(text: str, title: str, section: str) -> str:
    r"""Return a page's text with one section replaced, or put at its end.

    Examples
    --------
    >>> with_section("# Page\n## A\nold\n## B\nb\n", "A", "## A\nnew")
    '# Page\n## A\nnew\n\n## B\nb\n'
    """
    section = section.rstrip("\n") + "\n"
    found = _found(text, title)
    if found is None:
        return f"{text.rstrip()}\n\n{section}"
    after = text[found.end() :]
    return text[: found.start()] + section + (f"\n{after}" if after else "")


def put_section(page: Path, title: str, section: str) -> None:
    """Replace one section of a page, or put it at the page's end."""
    page.write_text(
        with_section(page.read_text(encoding="utf-8"), title, section), encoding="utf-8"
    )
