"""The pack file as it is written; what its parts mean is known to the rooms that read them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from spm_lib.core.errors import WorkspaceError


def read_pack_file(file: Path) -> dict[str, Any]:
    """Return the content of a pack file.

    Raises
    ------
    WorkspaceError
        If it is not there, or is no TOML.
    """
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise WorkspaceError(
            "There is no pack file.",
            found=f"nothing at {file}",
            do="Name it with --pack; packs lie beside the workspace file, in packs/",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            f"{file.name} cannot be read as TOML.",
            found=str(error),
            do="Correct that line; text goes in double quotes",
        ) from None
