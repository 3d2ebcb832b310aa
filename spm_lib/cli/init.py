"""``spm init``: propose a workspace file from a folder of exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of exports.", metavar="FOLDER")],
    force: Annotated[
        bool, typer.Option("--force", help="Write over a workspace file that is there.")
    ] = False,
) -> None:
    """Propose a workspace file; what was guessed and what could not be guessed is said."""
    from spm_lib.core.errors import SourceError, WorkspaceError
    from spm_lib.store import ClientFolder, write_whole

    if not folder.is_dir():
        raise SourceError("There is no such folder.", found=str(folder), do="Check the path")
    goal = ClientFolder(folder).workspace
    if goal.exists() and not force:
        raise WorkspaceError(
            "There is a workspace file already.",
            found=str(goal),
            do="Edit it, or add --force to write over it",
        )
    from spm_lib.sources import propose_workspace

    proposal = propose_workspace(folder)
    write_whole(goal, proposal.text)
    typer.echo(f"Wrote {goal}")
    _tell("Guessed (please check):", proposal.guessed)
    _tell("Could not be guessed (please write):", proposal.open)


def _tell(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        typer.echo(f"\n{title}")
        for line in lines:
            typer.echo(f"  - {line}")
