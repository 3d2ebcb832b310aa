"""The letter of who looks, and where the answer goes: decided by the scope, never by the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.dashboards.told import Admitted
from spm_lib.store import ClientFolder
from spm_lib.team import Issued, LetterDesk, LetterFiles, Response

Keep = Callable[[Response], None]
"""Keeps a response for good, or raises an SpmError that says why it cannot."""


@dataclass(frozen=True)
class OwnLetter:
    """The newest letter of one person, the last answer to it, and what keeps a new one.

    Attributes
    ----------
    issued
        The letter.
    answered
        What was answered to it; null: nothing yet.
    keep
        Takes the response that was filled in.
    """

    issued: Issued
    answered: Response | None
    keep: Keep


def own_letter(found: Admitted) -> OwnLetter:
    """Return the letter of the one person whose rows a page may show.

    Raises
    ------
    ScopeError
        If the page may show more than one person.
    TeamError
        If no letter was issued to that person, or the register does not answer.
    """
    from spm_lib.model import scope_named
    from spm_lib.team import Desk, Viewer, open_register
    from spm_lib.workspace import load_settings

    kind, _, rep_id = found.scope.partition(":")
    if kind != "rep":
        raise ScopeError(
            "This form is for one person's own letter.",
            found=found.scope,
            do="Give the person the scope own, or start the dashboard with --scope rep:ID",
        )
    files = LetterFiles(ClientFolder.of(found.workspace))
    issued = files.last_of(rep_id)
    if issued is None:
        raise TeamError("No letter was issued to you yet.", do="Ask your manager")
    viewer = Viewer(found.viewer or rep_id, scope_named(found.company, found.scope), rep_id)
    desk = Desk(open_register(load_settings(found.workspace)), viewer)
    letters = LetterDesk(desk, files, lambda: datetime.now(UTC))
    answered, seen = letters.answered(issued)
    return OwnLetter(issued, answered, _keeping(letters, issued, seen))


def _keeping(letters: LetterDesk, issued: Issued, seen: int) -> Keep:
    """Return what keeps answers of one page, each in the place of the last that the page knows."""
    from spm_lib.team import ConflictError

    def keep(response: Response) -> None:
        nonlocal seen
        newest = letters.files.last_of(issued.letter.rep_id)
        if newest is not None and newest.version != issued.version:
            raise TeamError(
                "A new version of your letter was issued since you opened this page.",
                found=f"version {newest.version}",
                do="Open the page anew, read what changed, and answer that one",
            )
        try:
            seen = letters.hand_in(response, seen=seen)
        except ConflictError as error:
            raise TeamError(
                "Your letter was answered in another place since you opened this page.",
                found=error.found,
                do="Open the page anew, read that answer, and change it if it is not right",
            ) from None

    return keep
