"""``spm store``: a client's data on disk, for more of it than memory holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Workspace
from spm_lib.cli.speaking import SpeakingGroup

store = typer.Typer(
    help="A client's data on disk in buckets, for more of it than memory holds.",
    cls=SpeakingGroup,
    no_args_is_help=True,
)
Folder = Annotated[
    Path | None,
    typer.Option("--store", help="The store's folder; default: cache/store beside the workspace."),
]


@store.command()
def build(
    workspace: Workspace = WORKSPACE,
    folder: Folder = None,
    buckets: Annotated[
        int | None,
        typer.Option(min=1, help="How many parts; default: one for 150,000 deals each."),
    ] = None,
) -> None:
    """Write a client's tables as a store, checked and ready to be asked.

    A store is opened as a workspace file is: `spm metrics won.count -w cache/store/store.json`.
    One that is there already is replaced once the new one is whole.
    """
    from spm_lib.model import build_store_of

    check_there(workspace)
    path = build_store_of(workspace, _place(workspace, folder), buckets=buckets)
    typer.echo(f"Wrote {path}")
    _print(path)


@store.command()
def extend(workspace: Workspace = WORKSPACE, folder: Folder = None) -> None:
    """Add what new files of the workspace tell: only the parts they touch are made anew.

    Files that were read before are known by name. A row whose key was told before takes its place,
    as that of a later export does; late events find their place in their deal's history.
    """
    from spm_lib.model import extend_store_of

    check_there(workspace)
    place = _place(workspace, folder)
    new = extend_store_of(workspace, place)
    if not new:
        typer.echo(f"Nothing to do: {place} holds all files of the workspace.")
        return
    told = ", ".join(f"{rows:,} of {name}" for name, rows in new.items())
    typer.echo(f"Added {told} to {place}")


@store.command()
def show(workspace: Workspace = WORKSPACE, folder: Folder = None) -> None:
    """Say what a store holds: rows per table, parts, the day of the export, its size."""
    _print(_place(workspace, folder))


def _place(workspace: Path, folder: Path | None) -> Path:
    from spm_lib.store import ClientFolder

    return folder or ClientFolder.of(workspace).store


def _print(place: Path) -> None:
    from spm_lib.cli.printing import print_table
    from spm_lib.model import store_summary

    told = store_summary(place)
    print_table(
        ["table", "rows"],
        [(name, f"{rows:,}") for name, rows in told.rows.items()],
        right=["rows"],
    )
    typer.echo(
        f"As of {told.exported_on}, {told.buckets:,} parts, read in {told.batches:,} batches, "
        f"{told.size / 1e6:,.1f} MB."
    )
