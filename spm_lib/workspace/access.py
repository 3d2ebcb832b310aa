"""The section ``[access]``: which viewer sees whose rows from when until when, and who vouches."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr

OWN, OWN_TEAM = "own", "own team"
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SCOPE = re.compile(r"company|own|own team|(rep|team|manager):\S.*|[^=\s]+=\S.*")
_VIEWER = re.compile(r"[^\s\x00-\x1f,;\"\\<>]{1,100}")


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError(text)
    return text


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise ValueError(text)
    return text


def _viewer(text: str) -> str:
    if not is_viewer_name(text):
        raise ValueError(text)
    return text


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def is_viewer_name(text: str) -> bool:
    """Say whether a text can be the name of a viewer: one word without quotes, commas or brackets.

    Examples
    --------
    >>> is_viewer_name("dana@example.com"), is_viewer_name("dana, admin")
    (True, False)
    """
    return _VIEWER.fullmatch(text) is not None


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grant(_Section):
    """One viewer's right to see the rows of a scope on the days ``[valid_from, valid_to)``.

    ``scope`` is ``company``, ``rep:ID``, ``team:NAME``, ``manager:ID``, ``COLUMN=value``, or, with
    ``person``, ``own`` or ``own team``. ``dashboards`` names those that may be opened; empty: all.
    """

    name: Annotated[StrictStr, AfterValidator(_viewer)]
    scope: Annotated[StrictStr, AfterValidator(_scope)]
    person: Annotated[StrictStr, Field(min_length=1)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    dashboards: tuple[StrictStr, ...] = ()

    @property
    def asked(self) -> str:
        """The scope as ``open_company`` takes it.

        Examples
        --------
        >>> Grant(name="dana", scope="own team", person="M02").asked
        'manager:M02'
        """
        if self.scope in (OWN, OWN_TEAM):
            return f"{'rep' if self.scope == OWN else 'manager'}:{self.person}"
        return self.scope

    def holds_on(self, day: date) -> bool:
        """Say whether the grant holds on a day; the last day is outside.

        Examples
        --------
        >>> grant = Grant(name="dana", scope="company", valid_to=date(2026, 7, 1))
        >>> grant.holds_on(date(2026, 6, 30)), grant.holds_on(date(2026, 7, 1))
        (True, False)
        """
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)

    def opens(self, dashboard: str) -> bool:
        """Say whether a dashboard may be opened."""
        return not self.dashboards or dashboard in self.dashboards


class ProxySettings(_Section):
    """A proxy that signs people in: the header that names them, and the addresses it asks from."""

    header: Annotated[StrictStr, AfterValidator(_header)]
    addresses: Annotated[
        tuple[Annotated[StrictStr, AfterValidator(_address)], ...], Field(min_length=1)
    ]


class AccessSettings(_Section):
    """Who may look at dashboards; a viewer without a grant sees nothing.

    ``names`` are names that the server answers to beside those of its own machine.
    """

    viewers: tuple[Grant, ...] = ()
    proxy: ProxySettings | None = None
    names: tuple[Annotated[StrictStr, Field(min_length=1)], ...] = ()

    def grant_of(self, viewer: str, day: date) -> Grant | None:
        """Return the grant of a viewer that holds on a day; None where nobody gave one.

        Examples
        --------
        >>> access = AccessSettings(viewers=(Grant(name="dana", scope="team:North"),))
        >>> access.grant_of("dana", date(2026, 9, 30)).asked, access.grant_of("Dana", date.today())
        ('team:North', None)
        """
        found = [g for g in self.viewers if g.name == viewer and g.holds_on(day)]
        return found[0] if len(found) == 1 else None


def access_keys(inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that the section, or a part of it, may hold.

    Examples
    --------
    >>> access_keys(()), access_keys(("proxy",))
    (('viewers', 'proxy', 'names'), ('header', 'addresses'))
    """
    if inner[:1] == ("viewers",):
        return tuple(Grant.model_fields)
    return tuple((ProxySettings if inner == ("proxy",) else AccessSettings).model_fields)


def overlapping(grants: Sequence[Grant]) -> list[tuple[Grant, Grant]]:
    """Return the pairs of grants of one viewer that hold on the same days.

    Examples
    --------
    >>> one = Grant(name="dana", scope="team:A", valid_to=date(2026, 1, 1))
    >>> two = Grant(name="dana", scope="team:B", valid_from=date(2026, 1, 1))
    >>> overlapping([two, one]), len(overlapping([one, two, Grant(name="dana", scope="company")]))
    ([], 2)
    """
    by_name: dict[str, list[Grant]] = {}
    for grant in grants:
        by_name.setdefault(grant.name, []).append(grant)
    found = []
    for own in by_name.values():
        own.sort(key=lambda g: g.valid_from or date.min)
        found += [(a, b) for a, b in pairwise(own) if _meet(a, b)]
    return found


def _meet(first: Grant, second: Grant) -> bool:
    return first.valid_to is None or (second.valid_from or date.min) < first.valid_to
