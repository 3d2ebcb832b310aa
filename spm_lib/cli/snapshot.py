"""``spm snapshot``: keep today's state of the client's tables."""

from __future__ import annotations

from pathlib import Path
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
    """Keep the client's tables as the exports tell them now, under the workspace's as-of day.

    The same state is kept once; another state of the same day takes its place with --force only.
    States of several days are a history of stages: see "read states back" in docs/how-to.md.
    """
    from spm_lib.model import snapshot_company
    from spm_lib.store import ClientFolder

    company = open_client(workspace)
    goal = ClientFolder.of(workspace).snapshot(company.as_of)
    before = _manifest(goal)
    place = snapshot_company(company, replace_kept=force)
    tables = f"{len(list(place.glob('*.parquet')))} tables"
    if before is None:
        typer.echo(f"Kept {tables} as of {company.as_of} in {place}")
    elif before == _manifest(place):
        typer.echo(f"Nothing to do: this very state of {company.as_of} is kept in {place}")
    else:
        typer.echo(f"Replaced the state of {company.as_of} by {tables} in {place}")


def _manifest(place: Path) -> bytes | None:
    """Return what says which state is kept; None where there is none."""
    file = place / "manifest.json"
    return file.read_bytes() if file.is_file() else None
