"""What a page was asked for beyond types and ranges: a day that is one, a scenario there is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from spm_lib.core.errors import ParameterError, ScopeError
from spm_lib.model import open_company
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


def check_day(workspace: Path, text: str, *, scope: str) -> None:
    """Refuse a day that the data of a workspace does not reach; empty text is none.

    Raises
    ------
    ParameterError
        If the text is not a day, or lies before the first entry or after the newest one (or the
        workspace's own as_of, where that is later).
    """
    day = read_day(text)
    if day is None:
        return
    try:
        company = open_company(workspace, as_of=day, scope=scope)
    except ScopeError:  # it lists who else was there, which is nobody's business here
        raise ParameterError(
            "Nobody whom this page shows was there on that day.",
            found=day.isoformat(),
            do="Give a later day",
        ) from None
    newest = max(company.exported_on, company.settings.workspace.as_of or company.exported_on)
    if day > newest:
        raise ParameterError(
            "The parameter 'as_of' lies after all that is known.",
            found=day.isoformat(),
            do=f"Give a day up to {newest}",
        )


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
