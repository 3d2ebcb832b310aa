"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[
    Path, typer.Option("--workspace", "-w", help="The client's workspace file.", metavar="FILE")
]
Workspaces = Annotated[
    list[Path] | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The client's workspace file; several for many clients.  [default: spm.toml]",
        metavar="FILE",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="The last day known; default: the workspace's own.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="The day of the earlier report; default: the newest before.",
    ),
]
WORKSPACE = Path("spm.toml")


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
