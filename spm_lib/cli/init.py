"""``spm init``: propose a workspace file from a folder of exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of exports.", metavar="FOLDER")],
    name: Annotated[
        str | None, typer.Option(help="The client's name; default: the folder's.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="The reporting currency, such as ILS.", metavar="CODE")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a workspace file that is there.")
    ] = False,
) -> None:
    """Propose a workspace file; what was guessed, and what could not be, is said."""
    from spm_lib.core import SourceError, WorkspaceError, exponent
    from spm_lib.store import ClientFolder, write_whole

    if currency:
        exponent(currency)
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

    proposal = propose_workspace(folder, name=name, currency=currency)
    write_whole(goal, proposal.text)
    typer.echo(proposal.summary())
    typer.echo(f"Wrote {goal}")
    typer.echo(_next_step(len(proposal.questions), goal))


def _next_step(questions: int, goal: Path) -> str:
    if questions:
        return f"Next: answer the questions above in it ({questions}), then spm check -w {goal}"
    return f"Next: read it, then spm check -w {goal}"
