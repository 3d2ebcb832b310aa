"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


def file_in(place: Path) -> Path:
    """Return the workspace file that was named, or the one in the folder that was.

    Examples
    --------
    >>> file_in(Path("data/acme.toml")).as_posix()
    'data/acme.toml'
    """
    return place / WORKSPACE if place.is_dir() else place


def _files_in(places: list[Path] | None) -> list[Path] | None:
    return places and [file_in(place) for place in places]


def moment_of(text: str | datetime) -> datetime:
    """Read a day as it is written in the workspace file."""
    if isinstance(text, datetime):
        return text
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        told = f"'{text}' is not a day. Write it as YYYY-MM-DD, such as 2026-06-30."
        raise typer.BadParameter(told) from None


WORKSPACE = Path("spm.toml")
Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        callback=file_in,
        help="The client's workspace file, or its folder.",
        metavar="FILE",
    ),
]
Workspaces = Annotated[
    list[Path] | None,
    typer.Option(
        "--workspace",
        "-w",
        callback=_files_in,
        help="The client's workspace file, or its folder; several for many clients.  "
        "[default: spm.toml]",
        metavar="FILE",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=moment_of,
        metavar="YYYY-MM-DD",
        help="The last day known; default: the workspace's own.",
    ),
]
OnEngine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="polars|duckdb|spark|warehouse",
        help="Where rows are counted; default: the workspace's own.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        parser=moment_of,
        metavar="YYYY-MM-DD",
        help="The day of the earlier report; default: the newest before.",
    ),
]


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"


TableFormat = Annotated[Format, typer.Option("--format", help="How to print it.")]


class Tongue(StrEnum):
    """The languages there are."""

    en = "en"
    he = "he"


def day(moment: datetime | None) -> date | None:
    """Return the day of an option that was given."""
    return moment.date() if moment else None
