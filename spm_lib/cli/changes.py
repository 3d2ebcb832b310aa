"""``spm changes``: what changed since the last report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Since, Tongue, Workspace, day


def changes(
    name: Annotated[str, typer.Argument(help="The report.", metavar="NAME")],
    workspace: Workspace = WORKSPACE,
    since: Since = None,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    scope: Annotated[str, typer.Option("--scope", help="Whom the report is for.")] = "company",
    output: Annotated[Path, typer.Option(help="Root of the output folders.")] = Path("reports"),
) -> None:
    """Tell what moved since an earlier report, and which of its numbers were corrected."""
    check_there(workspace)
    from spm_lib.reports import write_changes

    page = write_changes(
        name,
        workspace=workspace,
        since=day(since),
        language=language.value if language else None,
        scope=scope,
        output=output,
    )
    typer.echo(f"Open {page}")
