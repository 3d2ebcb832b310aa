"""Who can reach a server: without a login nobody but this machine."""

from __future__ import annotations

from pathlib import Path

from spm_lib.core.errors import ParameterError
from spm_lib.dashboards.served import ANYWHERE, LOOPBACK
from spm_lib.workspace import Settings, UsersFile, load_settings


def login_is_set_up(workspace: Path) -> bool:
    """Say whether viewers have to be known: ``[access]`` or a users file says so.

    Raises
    ------
    ParameterError
        If ``[access]`` grants something, but nobody could ever sign in.
    SpmError
        If one of the files cannot be read.
    """
    settings, users = load_settings(workspace), UsersFile.of(workspace)
    if users.hashes() or (settings.access and settings.access.proxy):
        return True
    if settings.access is None:
        return False
    raise ParameterError(
        "The workspace file has [access], but nobody can sign in.",
        found=f"no users in {users.path} and no [access.proxy]",
        do="Add a user with `spm users add NAME`, or name the proxy that signs people in",
    )


def check_reach(workspace: Path, *, host: str, scope: str) -> bool:
    """Return whether there is a login; refuse what others could reach without one.

    Raises
    ------
    ParameterError
        If there is no login and the address is not this machine's own; if there is one and the
        server is to show a scope of its own; or if it would answer to no name but this machine's.
    SpmError
        If one of the files cannot be read.
    """
    gated = login_is_set_up(workspace)
    if not gated and host not in LOOPBACK:
        raise ParameterError(
            "Without a login dashboards are served to this machine only.",
            found=f"--host {host}",
            do="Add users with `spm users add NAME` and say under [access] in the workspace file "
            "whose rows each may see; or leave --host out",
        )
    if gated and scope != "company":
        raise ParameterError(
            "With a login each viewer's scope comes from [access].",
            found=f"--scope {scope}",
            do="Leave --scope out",
        )
    if host in ANYWHERE and not _named(workspace):
        raise ParameterError(
            "The server would answer to no name that others can ask for.",
            found=f"--host {host or 'empty'}",
            do='Write names = ["dashboards.example.com"] under [access], as people will type it',
        )
    return gated


def names_of(settings: Settings, host: str) -> tuple[str, ...]:
    """Return the names that a server answers to."""
    own = () if host in (*LOOPBACK, *ANYWHERE) else (host,)
    named = settings.access.names if settings.access else ()
    return tuple(dict.fromkeys((*LOOPBACK, *own, *(name.lower() for name in named))))


def _named(workspace: Path) -> bool:
    access = load_settings(workspace).access
    return bool(access and access.names)
