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
    import polars as pl

    from spm_lib.store import ClientFolder, keep_snapshot

    company = open_client(workspace)
    names = ["opportunities", *company.book.tables]
    tables = {name: company.full(name).select(pl.exclude("^_.*$")) for name in dict.fromkeys(names)}
    about = {"workspace": company.settings.workspace.id, "currency": company.currency}
    place = keep_snapshot(
        ClientFolder.of(workspace), company.as_of, tables, about=about, replace=force
    )
    rows = sum(frame.height for frame in tables.values())
    typer.echo(f"Kept {len(tables)} tables, {rows:,} rows, in {place}")
