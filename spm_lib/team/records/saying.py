"""Words that people write: never empty where something must be said, never endless, all visible."""

from __future__ import annotations

import re
from collections.abc import Collection

from spm_lib.core.errors import TeamError

LONGEST = 2000
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check_words(text: object, *, what: str, needed: bool = True) -> None:
    """Refuse words that cannot be kept or shown.

    Parameters
    ----------
    text
        What somebody wrote.
    what
        What the words are, for the error.
    needed
        Whether they may not be empty.

    Raises
    ------
    TeamError
        If they are no text, missing, longer than 2000 signs, or hold signs that nobody sees.
    """
    if not isinstance(text, str) or (needed and not text.strip()):
        raise TeamError(f"The {what} is missing.", do="Say it in a few words")
    if len(text) > LONGEST:
        found = f"{len(text)} signs"
        raise TeamError(f"The {what} is too long.", found=found, do=f"Write {LONGEST} at most")
    if _UNSEEN.search(text):
        raise TeamError(f"The {what} holds signs that nobody sees.", found=ascii(text)[:80])


def check_scale(value: object, *, what: str, most: int) -> None:
    """Refuse what is no whole number from 1 to ``most``.

    Raises
    ------
    TeamError
        If it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise TeamError(f"The {what} is a whole number from 1 to {most}.", found=repr(value))


def check_one_of(value: object, known: Collection[str], *, what: str) -> None:
    """Refuse what is none of the known words.

    Raises
    ------
    TeamError
        If it is none.
    """
    if value not in known:
        raise TeamError(f"There is no such {what}.", found=repr(value), do=", ".join(known))
