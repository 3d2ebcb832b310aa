"""``spm snapshot``: keep today's state of the client's tables."""

from __future__ import annotations

from typing import Annotated

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, Workspace


def snapshot(
    workspace: Workspace = WORKSPACE,
    force: Annotated[
        bool, typer.Option("--force", help="Put it in the place of another state of that day.")
    ] = False,
) -> None:
    """Keep the client's tables as the exports tell them now, under the workspace's as-of day."""
    from spm_lib.model import snapshot_company

    place = snapshot_company(open_client(workspace), replace_kept=force)
    typer.echo(f"Kept {len(list(place.glob('*.parquet')))} tables in {place}")
