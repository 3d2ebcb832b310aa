"""Scopes as a pack file and ``run.json`` write them."""

from __future__ import annotations

import re

from spm_lib.core.errors import DeliveryError

WHOLE = "company"
_WHOLE_TOO = "all"  # the folder's name for the whole company
_NARROW = re.compile(r"(?:rep|team|manager):\S.*|[^=:\s][^=:]*=\S.*")


def check_scope(text: str) -> str:
    """Return the text of a scope, or refuse it.

    ``company``, ``rep:ID``, ``team:NAME``, ``manager:ID`` or ``COLUMN=value``. Whether there is
    such a person or team is not asked here.

    Raises
    ------
    DeliveryError
        If it is none of these.

    Examples
    --------
    >>> check_scope("rep:r7"), check_scope("Segment=SMB"), check_scope("all")
    ('rep:r7', 'Segment=SMB', 'company')
    """
    if text in (WHOLE, _WHOLE_TOO):
        return WHOLE
    if not _NARROW.fullmatch(text) or not text.isprintable() or text != text.strip():
        raise DeliveryError(
            "This is no scope.",
            found=repr(text),
            do="Write company, rep:ID, team:NAME, manager:ID or COLUMN=value",
        )
    return text
