"""``spm dashboard``: serve a dashboard and say where it is."""

from __future__ import annotations

from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Tongue, Workspace


def dashboard(
    name: Annotated[
        str, typer.Argument(help="Which dashboard to begin with; without it, the list of all.")
    ] = "",
    workspace: Workspace = WORKSPACE,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    host: Annotated[
        str, typer.Option(help="Address to serve on; another than this machine's needs a login.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8866,
    scope: Annotated[
        str,
        typer.Option(help="Whose rows, without a login: company, rep:ID, team:NAME or manager:ID."),
    ] = "company",
) -> None:
    """Serve the dashboards and print their address; Ctrl-C ends it.

    Without a login only this machine can reach them. `spm users add` and [access] in the workspace
    file give each viewer a login and a scope of their own.
    """
    check_there(workspace)
    from spm_lib.dashboards import serve

    serve(
        workspace,
        name=name,
        language=language.value if language else None,
        host=host,
        port=port,
        scope=scope,
    )
