"""``spm workspace``: what concerns a client's folder as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Workspace
from spm_lib.cli.speaking import SpeakingGroup

workspace = typer.Typer(
    help="What concerns a client's folder as a whole.", cls=SpeakingGroup, no_args_is_help=True
)
KEPT = (
    "Kept: exports, spm.toml, brand.toml, plans, scenarios, notebooks and the team's register. "
    "Files sent or copied elsewhere, such as folders made by `spm deliver`, are not known here."
)


@workspace.command()
def delete(
    workspace: Workspace = WORKSPACE,
    output: Annotated[Path, typer.Option(help="Root of the output folders.")] = Path("reports"),
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove it; without this it is only listed.")
    ] = False,
) -> None:
    """Remove all that was derived from a client's data: reports, kept states, cache, quarantine.

    Without --yes it lists what would go. States kept by `spm snapshot` and rows mended in the
    quarantine cannot be made again from the exports alone.
    """
    from spm_lib.core.errors import DataError
    from spm_lib.store import ClientFolder, derived_from, remove_derived
    from spm_lib.workspace import load_settings

    check_there(workspace)
    client = load_settings(workspace).workspace.id
    found = derived_from(ClientFolder.of(workspace), workspace_id=client, reports=output)
    if not found:
        typer.echo(f"Nothing was derived from the data of {client}, or it is gone already.")
        return
    if yes:
        try:
            remove_derived(found)
        except OSError as error:
            raise DataError(
                "Something could not be removed.",
                found=f"{error.filename}: {error.strerror}",
                do="Close what holds it open, then run this again",
            ) from error
    typer.echo("Removed:" if yes else "Would be removed (add --yes to do it):")
    for one in found:
        typer.echo(f"  - {one.place}: {one.files:,} files, {one.size / 1e6:,.1f} MB")
    typer.echo(KEPT)
