"""``spm dashboard``: serve a dashboard and say where it is."""

from __future__ import annotations

from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Tongue, Workspace


def dashboard(
    name: Annotated[str, typer.Argument(help="Which dashboard.")] = "what_if",
    workspace: Workspace = WORKSPACE,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8866,
    scope: Annotated[
        str, typer.Option(help="Whose rows: company, rep:ID, team:NAME or manager:ID.")
    ] = "company",
) -> None:
    """Serve a dashboard on this machine and print its address; Ctrl-C ends it."""
    check_there(workspace)
    from spm_lib.dashboards import serve

    serve(
        workspace,
        name=name,
        language=language.value if language else None,
        port=port,
        scope=scope,
    )
