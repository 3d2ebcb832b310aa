"""What the register tells of a report's people: asked of the client, or read from a run's file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spm_lib.core.errors import MissingExtraError, SourceError, SpmError, TeamError
from spm_lib.model import Company

if TYPE_CHECKING:
    from spm_lib.team import Register, TeamTold

    Outcome = TeamTold | SpmError | None


def told_for(whole: Company, scope: str, *, register: Register | None = None) -> Outcome:
    """Return what the register tells of a scope, why it cannot, or nothing where there is none.

    Parameters
    ----------
    whole
        The whole company, on the day of the report.
    scope
        Whose rows, as the report is asked for it.
    register
        The client's, where it is open already.
    """
    from spm_lib.team import register_there, team_told

    try:
        return team_told(whole, scope, register=register or register_there(whole))
    except (MissingExtraError, SourceError, TeamError) as error:
        return error


def outcome_text(outcome: Outcome) -> str:
    """Return what is told, or why nothing is, as the text of a file."""
    from spm_lib.team import told_text

    if isinstance(outcome, SpmError):
        return json.dumps({"error": outcome.what, "do": outcome.do}, ensure_ascii=False)
    return told_text(outcome)


def read_outcome(text: str) -> Outcome:
    """Return what ``outcome_text`` wrote."""
    from spm_lib.team import read_told

    told = json.loads(text)
    if told is not None and "error" in told:
        return TeamError(told["error"], do=told["do"])
    return read_told(text)
