"""A viewer: who sits at the desk, whose rows are in scope, and who the viewer is in the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from spm_lib.core.errors import ScopeError
from spm_lib.model import Company, scope_named
from spm_lib.workspace import AccessSettings, Scope

_PERSONS = ("rep", "manager")


@dataclass(frozen=True)
class Viewer:
    """Who reads and writes.

    Attributes
    ----------
    name
        As the viewer signs in; every event that the viewer writes carries it.
    scope
        Whose rows may be seen: the same as in reports and dashboards.
    person
        Who the viewer is in the data; null: nobody, as an analyst.

    Examples
    --------
    >>> manager = Viewer("dana", Scope.reps({"M1", "R1"}, label="manager-M1"), "M1")
    >>> [manager.sees(who) for who in ("R1", "M1", "R2")]
    [True, True, False]
    >>> [manager.leads(who) for who in ("R1", "M1", "R2")]
    [True, False, False]
    """

    name: str
    scope: Scope
    person: str | None = None

    def sees(self, rep_id: str) -> bool:
        """Say whether the rows of a person may be seen; a scope of deals sees nobody's."""
        return self.scope.part is None and self.scope.allows(rep_id)

    def is_self(self, rep_id: str) -> bool:
        """Say whether the viewer is the person."""
        return self.person == rep_id

    def writes(self, rep_id: str) -> bool:
        """Say whether anything may be written about a person.

        With less than the company in scope, only by somebody whom the data know.
        """
        return self.sees(rep_id) and (self.person is not None or not self.scope.narrow)

    def leads(self, rep_id: str) -> bool:
        """Say whether the viewer answers for a person: nobody does for oneself."""
        return self.writes(rep_id) and not self.is_self(rep_id)

    def speaks_for(self, rep_id: str) -> bool:
        """Say whether the viewer may hand in a person's own words: that person, or an analyst."""
        return self.sees(rep_id) and (self.is_self(rep_id) or not self.scope.narrow)


def viewer_named(
    company: Company, name: str, *, access: AccessSettings | None, day: date
) -> Viewer:
    """Return the viewer of a name, as the workspace file grants it on a day.

    Parameters
    ----------
    company
        The whole company, as known on whichever day.
    name
        As the viewer signs in.
    access
        The section ``[access]``. Where it grants nobody anything, whoever can open the folder is an
        analyst, as with dashboards that only this machine can reach.
    day
        The day on which the grant must hold, and whose memberships tell a manager's people.

    Raises
    ------
    ScopeError
        If the section grants others something and this viewer nothing, or what it grants names
        nobody on the day. Who else there is, is not told.
    """
    if access is None or not access.viewers:
        return Viewer(name, Scope.company())
    grant = access.grant_of(name, day)
    if grant is None:
        raise _nothing(name, day)
    kind, _, person = grant.asked.partition(":")
    try:
        scope = scope_named(company.at(day), grant.asked)
    except ScopeError:  # it lists teams and managers
        raise _nothing(name, day) from None
    return Viewer(name, scope, person if kind in _PERSONS else None)


def _nothing(name: str, day: date) -> ScopeError:
    return ScopeError(
        f"'{name}' may see nothing on {day}.", do="Name the viewer in [access] of spm.toml"
    )
