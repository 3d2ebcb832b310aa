"""The checklist as data: which items there are, for whom, how often, and what shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr

from spm_lib.core.errors import TeamError
from spm_lib.store import ClientFolder
from spm_lib.team.responses.toml_form import Part, read_form
from spm_lib.workspace import Fault, all_in_one

Owner = Literal["manager", "rep", "analyst"]
Every = Literal["once", "week", "month", "quarter", "year"]
PLAN_SIGNED = "plan_signed"
_ADDED = "# --- written by `spm team playbook`; what is below is replaced by the next call ---"
_SHIPPED = Path(__file__).with_name("checklist.toml")
_Text = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class Item(Part):
    """One item of a checklist.

    Attributes
    ----------
    key, name
        Short name, and what is printed: a message id of the catalogues, or the client's own words.
    owner
        Who sees to it.
    evidence
        What shows that it is done.
    every
        ``once``, or in each week, month, quarter or year of the client's calendar.
    within_days
        Days from a person's start to the first time.
    renew_months
        Of what is done once: the months until it is done again; null: never.
    roles
        Whom it is for; empty: everybody.
    """

    key: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    name: _Text
    owner: Owner
    evidence: _Text
    every: Every = "once"
    within_days: Annotated[StrictInt, Field(ge=0, le=3660)] = 0
    renew_months: Annotated[StrictInt, Field(ge=1, le=120)] | None = None
    roles: tuple[_Text, ...] = ()

    def is_for(self, role: str | None) -> bool:
        """Say whether the item is for people of a role; whose role is not known has common ones."""
        return not self.roles or role in self.roles


class _Checklist(Part):
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


def checklist_of(client: ClientFolder) -> tuple[Item, ...]:
    """Return the items of a client: of ``checklist.toml`` in the folder, else those shipped.

    Raises
    ------
    TeamError
        If the client's file says what cannot be: all faults in one message.
    """
    own = client.checklist
    return read_checklist(own if own.is_file() else _SHIPPED)


def read_checklist(file: Path) -> tuple[Item, ...]:
    """Return the items of a checklist file.

    Raises
    ------
    TeamError
        As ``checklist_of``.

    Examples
    --------
    >>> [item.key for item in read_checklist(_SHIPPED) if item.every == "month"]
    ['joint_visit', 'one_on_ones_held', 'forecast_reviewed']
    """
    return _items_of(file.read_bytes(), file.name)


def _items_of(written: bytes, name: str) -> tuple[Item, ...]:
    items = read_form(written, _Checklist, name=name).items
    faults = [*_between(items)]
    if faults:
        raise TeamError(all_in_one(name, faults))
    return items


def checklist_with(client: ClientFolder, items: str) -> str:
    """Return the text of the client's checklist with items added below a line of their own.

    What an earlier call added is replaced; all else of the client's file (of the shipped one where
    there is none) stays as it is, letter by letter.

    Raises
    ------
    TeamError
        If the client's own part, or the whole, says what cannot be.
    """
    own = client.checklist if client.checklist.is_file() else _SHIPPED
    read_checklist(own)
    kept = own.read_bytes().decode("utf-8-sig").split(_ADDED)[0].rstrip()
    text = f"{kept}\n\n{_ADDED}\n{items.strip()}\n"
    _items_of(text.encode(), client.checklist.name)
    return text


def _between(items: Sequence[Item]) -> list[Fault]:
    keys = [item.key for item in items]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    faults = [
        Fault(f"items '{key}'", "it is there twice", "Give each its own key") for key in twice
    ]
    return faults + [
        Fault(
            f"items '{item.key}'",
            "renew_months is for what is done once",
            "Leave out every, or renew_months",
        )
        for item in items
        if item.every != "once" and item.renew_months is not None
    ]
