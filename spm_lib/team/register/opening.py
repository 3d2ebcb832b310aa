"""The register of a client: in ``team.db`` beside the workspace file, or where that file says."""

from __future__ import annotations

from spm_lib.store import ClientFolder
from spm_lib.team.register.register import Register
from spm_lib.workspace import Settings


def open_register(settings: Settings) -> Register:
    """Return the register of a client; it is made where there is none.

    Raises
    ------
    MissingExtraError
        If the extra ``team`` is not installed.
    SourceError
        If a place of the address is not in the environment.
    TeamError
        If the database does not answer.
    """
    folder = ClientFolder.of(settings.path)
    url = settings.team.url or f"sqlite:///{folder.team_database.name}"
    return Register(url, folder=folder.root)
