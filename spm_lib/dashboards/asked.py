"""What a page was asked for beyond types and ranges: a day that is one, a scenario there is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from spm_lib.core.errors import ParameterError, ScopeError
from spm_lib.plans import Scenario, load_scenario


def read_day(text: str) -> date | None:
    """Read a day; empty text is None.

    Raises
    ------
    ParameterError
        If the text is not a day.

    Examples
    --------
    >>> read_day("2026-09-30"), read_day("")
    (datetime.date(2026, 9, 30), None)
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            "The parameter 'as_of' is not a day.", found=repr(text[:60]), do="Write YYYY-MM-DD"
        ) from None


def read_saved(workspace: Path, name: str, *, scope: str) -> Scenario:
    """Read a saved scenario, which holds rates of the whole company.

    Raises
    ------
    ScopeError
        If the page shows less than the company.
    ParameterError
        If there is no such scenario.
    """
    if scope != "company":
        raise ScopeError(
            "Saved scenarios hold rates of the whole company.",
            found=f"a page of {scope}",
            do="Leave the parameter 'scenario' out",
        )
    return load_scenario(workspace, name)
