"""The desk of ``spm team``: who asks, on which day, and how a table is printed in a language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.opening import check_there, open_client
from spm_lib.cli.options import Tongue, moment_of
from spm_lib.cli.printing import print_table

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.model import Company
    from spm_lib.team import Desk, Register

ANALYST = "analyst"
Viewer = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who reads and writes, as spm.toml grants it.")
]
On = Annotated[
    datetime | None,
    typer.Option("--on", parser=moment_of, metavar="YYYY-MM-DD", help="The day; default: today."),
]
Spoken = Annotated[Tongue, typer.Option("--language", help="Language of the words.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Id of the person.")]


@dataclass(frozen=True)
class Seat:
    """One viewer at the desk of one client.

    ``at`` is the moment that is written: noon of the day that was named, or now.
    """

    company: Company
    desk: Desk
    day: date
    at: datetime


def seated(workspace: Path, *, viewer: str, on: datetime | None) -> Seat:
    """Return the desk of a viewer.

    Raises
    ------
    ScopeError
        If the workspace file grants the viewer nothing.
    """
    from spm_lib.team import Desk, open_register, viewer_named

    company = open_client(workspace)
    calendar = company.calendar
    now = datetime.now(calendar.zone)
    today = calendar.local_date(now)
    day = on.date() if on else today
    granted = max(day, today, company.as_of)  # naming an earlier day gives nobody's rows back
    at = datetime.combine(day, time(12), calendar.zone) if on else now
    known = company.table("reps")["rep_id"].drop_nulls().to_list()
    seat = viewer_named(company, viewer, access=company.settings.access, day=granted)
    desk = Desk(open_register(company.settings), seat, people=known)
    return Seat(company, desk, day, at)


def whole_register(workspace: Path, *, viewer: str) -> Register:
    """Return the register to somebody who may see all of it.

    Raises
    ------
    ScopeError
        If the viewer may see a part only.
    """
    from spm_lib.core.errors import ScopeError
    from spm_lib.team import open_register
    from spm_lib.workspace import load_settings

    check_there(workspace)
    settings = load_settings(workspace)
    access = settings.access
    if access and access.viewers:
        today = settings.calendar.local_date(datetime.now(UTC))
        grant = access.grant_of(viewer, today)
        if grant is None or grant.asked != "company":
            raise ScopeError(
                f"'{viewer}' may not see the whole register.",
                do="Let somebody whose scope in [access] is company do it, with --as NAME",
            )
    return open_register(settings)


def print_spoken(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    language: Language,
    *,
    right: Collection[str] = (),
    wrapped: Collection[str] = (),
) -> None:
    """Print rows under headers in a language; ``columns`` are message ids."""
    names = {column: language.text(column) for column in columns}
    print_table(
        list(names.values()),
        rows,
        right=[names[column] for column in right],
        wrapped=[names[column] for column in wrapped],
    )


def category_name(category: str, language: Language) -> str:
    """Return what a category of worries is called in a language."""
    return language.text(category.replace("_", " "))
