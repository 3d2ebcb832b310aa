"""What the register tells of a scope on a day, as reports print it: cut to the scope, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from spm_lib.model import Company, scope_named
from spm_lib.store import ClientFolder
from spm_lib.team.desk.desk import Desk
from spm_lib.team.desk.status import TeamStatus, known_on, team_status
from spm_lib.team.desk.viewer import Viewer
from spm_lib.team.following.checklist import checklist_of
from spm_lib.team.following.goals import Progress, goal_progress
from spm_lib.team.following.review import Review, reviews
from spm_lib.team.records.kinds import records_of
from spm_lib.team.register.opening import open_register
from spm_lib.team.register.register import Register
from spm_lib.workspace import Scope

_PERSONS = ("rep", "manager")


@dataclass(frozen=True)
class TeamTold:
    """What a report prints of the team.

    Attributes
    ----------
    status
        Letters, answers, promises, 1:1s and checklists of the people in scope.
    reviews
        Of them, sorted by person and period; a manager's rating of who reads stays out until the
        self-rating is in.
    goals
        How their own goals go.
    names
        What people are called who owe something, by id.
    """

    status: TeamStatus
    reviews: tuple[Review, ...]
    goals: tuple[Progress, ...]
    names: dict[str, str]

    def words(self) -> Iterator[str]:
        """Return all that was written, which the report may print whomever it names."""
        yield from _texts(_adapter().dump_python(self, mode="json"))


def register_there(company: Company) -> Register | None:
    """Return the register of a client; none where none was begun. It is never made by reading.

    Raises
    ------
    MissingExtraError
        If the extra ``team`` is not installed.
    SourceError
        If a place of the address is not in the environment.
    TeamError
        If the database does not answer.
    """
    settings = company.settings
    if not settings.team.url and not ClientFolder.of(settings.path).team_database.is_file():
        return None
    return open_register(settings)


def team_told(whole: Company, scope: str, *, register: Register | None) -> TeamTold | None:
    """Return what the register tells of a scope at the end of the company's day.

    Parameters
    ----------
    whole
        The whole company on the day: goals are compared with people of any team.
    scope
        As a report is asked for it: ``company``, ``rep:ID``, ``manager:ID``, ``team:NAME``.
    register
        The client's; None: there is none.

    Returns
    -------
    TeamTold or None
        None where there is no register, or the scope is one of deals, which sees nobody's.

    Raises
    ------
    TeamError
        If the client's own checklist cannot be.
    """
    asked = scope_named(whole, scope)
    if register is None or asked.part is not None:
        return None
    desk = Desk(register, _viewer(scope, asked))
    items = checklist_of(ClientFolder.of(whole.settings.path))
    day, calendar = whole.as_of, whole.calendar
    status = team_status(desk, company=whole, items=items, calendar=calendar, on=day)
    events = known_on(desk, day, calendar)
    everybody = known_on(Desk(register, Viewer("", Scope.company())), day, calendar)
    return TeamTold(
        status=status,
        reviews=tuple(
            reviews(records_of(events, "self_rating"), records_of(events, "manager_rating"))
        ),
        goals=tuple(goal_progress(whole, records_of(everybody, "response"), rep_ids=status.names)),
        names=_names(whole, status),
    )


def told_text(told: TeamTold | None) -> str:
    """Return what is told as the text of a file.

    Examples
    --------
    >>> read_told(told_text(None)) is None
    True
    """
    return "null" if told is None else _adapter().dump_json(told).decode()


def read_told(text: str) -> TeamTold | None:
    """Return what ``told_text`` wrote.

    Raises
    ------
    ValidationError
        If the text is another.
    """
    return None if text == "null" else _adapter().validate_json(text)


def _viewer(scope: str, asked: Scope) -> Viewer:
    kind, _, person = scope.partition(":")
    return Viewer("", asked, person if kind in _PERSONS else None)


def _names(whole: Company, status: TeamStatus) -> dict[str, str]:
    """Return the names of the people in scope, and of who else owes them something."""
    owing = {promise.who for promise in status.promises}
    reps = whole.table("reps").filter(pl.col("rep_id").is_in(sorted(owing)))
    return {**dict(reps.select("rep_id", "name").drop_nulls().iter_rows()), **status.names}


@cache
def _adapter() -> TypeAdapter[TeamTold]:
    return TypeAdapter(TeamTold)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
