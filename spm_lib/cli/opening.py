"""Opening the client that a command is about, with the client's own metrics."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spm_lib.model import Company


def open_client(
    workspace: Path, *, as_of: date | None = None, engine: str | None = None
) -> Company:
    """Return the company of a workspace file as known at a day, counted on an engine.

    Raises
    ------
    WorkspaceError
        If there is no such file.
    """
    check_there(workspace)
    from spm_lib.model import open_company

    return open_company(workspace, as_of=as_of, engine=engine)


def check_there(workspace: Path) -> None:
    """Refuse a workspace file that is not there, and say how to get one."""
    from spm_lib.core.errors import WorkspaceError

    if not workspace.is_file():
        near = sorted(workspace.parent.glob("*/spm.toml"))[:3]
        named = " or ".join(f"`-w {file.parent}`" for file in near)
        raise WorkspaceError(
            "There is no workspace file.",
            found=str(workspace),
            do=f"Write {named}"
            if near
            else "Name it with --workspace, or let `spm init FOLDER` propose one from your exports",
        )
