"""The translations: every ``catalogues/<language>/*.po`` merged into one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "catalogues"


@dataclass(frozen=True)
class Catalogue:
    """English message -> translation; for plurals, English singular -> (one, many)."""

    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]


@functools.cache
def catalogue(code: str) -> Catalogue:
    """Return all translations into a language; English needs none."""
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, str]] = {}
    for path in sorted((FOLDER / code).glob("*.po")):
        for msgid, translation in read_po(path).items():
            if isinstance(translation, str):
                texts.setdefault(msgid, translation)
            else:
                plurals.setdefault(msgid, translation)
    return Catalogue(texts, plurals)


def read_po(path: Path) -> dict[str, str | tuple[str, str]]:
    """Return the translated messages of one file; untranslated and fuzzy ones are left out."""
    from babel.messages.pofile import read_po as parse

    with path.open("rb") as file:
        messages = list(parse(file, locale=path.parent.name))
    found: dict[str, str | tuple[str, str]] = {}
    for message in messages:
        if not message.id or not message.string or message.fuzzy:
            continue
        if isinstance(message.id, str):
            found[message.id] = str(message.string)
        else:
            one, many = (*message.string, "", "")[:2]
            found[message.id[0]] = (one or many, many or one)
    return found
