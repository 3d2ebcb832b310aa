"""``spm users``: who may sign in to dashboards."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, Workspace
from spm_lib.cli.speaking import SpeakingGroup

users = typer.Typer(
    help="Who may sign in to dashboards; [access] in the workspace file says what each one sees.",
    cls=SpeakingGroup,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="The viewer's name, as [access] writes it.")]


@users.command()
def add(
    name: Name,
    workspace: Workspace = WORKSPACE,
    stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, one line."),
    ] = False,
) -> None:
    """Add a user, or set the password of one; it is asked for, never written on the line."""
    check_there(workspace)
    from spm_lib.workspace import UsersFile, load_settings

    access = load_settings(workspace).access
    new = UsersFile.of(workspace).add(name, _password(stdin))
    typer.echo(f"{name} can sign in." if new else f"{name} has a new password.")
    if access is None or name not in {grant.name for grant in access.viewers}:
        typer.echo(
            f"{name} sees nothing yet. Add to {workspace.name}:\n\n[[access.viewers]]\n"
            f'name = "{name}"\nscope = "own team"  # or company, team:NAME, manager:ID, rep:ID\n'
            'person = "ID"  # of the person, for own and own team'
        )


@users.command()
def remove(name: Name, workspace: Workspace = WORKSPACE) -> None:
    """Remove a user; pages that are open end within seconds."""
    check_there(workspace)
    from spm_lib.workspace import UsersFile

    UsersFile.of(workspace).remove(name)
    typer.echo(f"{name} can no longer sign in.")


@users.command(name="list")
def list_users(workspace: Workspace = WORKSPACE) -> None:
    """List who may sign in, and whose rows each one sees today."""
    check_there(workspace)
    from datetime import datetime

    from spm_lib.workspace import AccessSettings, UsersFile, load_settings

    settings = load_settings(workspace)
    access, today = settings.access or AccessSettings(), datetime.now(settings.calendar.zone).date()
    for name in sorted(UsersFile.of(workspace).hashes()):
        grant = access.grant_of(name, today)
        typer.echo(f"{name}: {grant.asked if grant else 'nothing, no entry in [access]'}")


def _password(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
