"""Whose rows may be seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The reps whose rows may be seen; ``rep_ids`` None is the whole company.

    A team's or a manager's scope is the set of reps that memberships give at a day; ``model``
    makes it. An empty set sees nobody's rows. ``part`` is a column of deals and its value: a scope
    that is told by the deals, not by people.

    Examples
    --------
    >>> Scope.company().rep_ids is None, Scope.rep("r7").rep_ids
    (True, frozenset({'r7'}))
    """

    rep_ids: frozenset[str] | None
    label: str
    part: tuple[str, str] | None = None

    @classmethod
    def company(cls) -> Scope:
        """Return the scope of the whole company."""
        return cls(None, "company")

    @classmethod
    def rep(cls, rep_id: str) -> Scope:
        """Return the scope of one person."""
        return cls(frozenset({rep_id}), f"rep-{rep_id}")

    @classmethod
    def reps(cls, rep_ids: frozenset[str] | set[str], *, label: str) -> Scope:
        """Return the scope of several people, such as a team; ``label`` names folders."""
        return cls(frozenset(rep_ids), label)

    @classmethod
    def of_part(cls, column: str, value: str) -> Scope:
        """Return the scope of the deals that have a value in a column.

        Examples
        --------
        >>> Scope.of_part("segment", "SMB").label
        'segment=SMB'
        """
        return cls(None, f"{column}={value}", (column, value))

    @property
    def narrow(self) -> bool:
        """Whether this scope is less than the company."""
        return self.rep_ids is not None or self.part is not None

    def allows(self, rep_id: str | None) -> bool:
        """Say whether rows of this rep may be seen; rows without a rep only by the company.

        Examples
        --------
        >>> Scope.rep("r7").allows("r8"), Scope.rep("r7").allows(None)
        (False, False)
        """
        return self.rep_ids is None or (rep_id is not None and rep_id in self.rep_ids)
