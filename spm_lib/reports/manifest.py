"""The manifest: what a report was made from, so that it can be made again and checked."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.store import sha256_bytes, sha256_file, sha256_json

if TYPE_CHECKING:
    from spm_lib.workspace import Settings

PACKAGE = Path(__file__).resolve().parents[1]


def input_hashes(settings: Settings) -> dict[str, str]:
    """Return the fingerprint of every input, by its path in the client's folder.

    What a database is asked counts by its query; its rows are not kept anywhere.
    """
    found: dict[str, str] = {}
    for name, raw in sorted(settings.raw.items()):
        if raw.path is None:
            found[f"{raw.connection}:{name}"] = sha256_json(raw.query)
            continue
        for path in _files(settings.folder, raw.path):
            found[_shown(path, settings.folder)] = sha256_file(path)
    return found


def _files(folder: Path, pattern: str) -> list[Path]:
    given = Path(pattern)
    if given.is_absolute():
        folder, pattern = Path(given.anchor), str(given.relative_to(given.anchor))
    return sorted(p for p in folder.glob(pattern) if p.is_file())


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


@cache
def code_version() -> dict[str, str]:
    """Return the version of the library and a fingerprint of its code."""
    code = b"".join(p.read_bytes() for p in sorted(PACKAGE.rglob("*.py")))
    return {"version": importlib.metadata.version("spm-lib"), "source": sha256_bytes(code)[:16]}


def origin(settings: Settings, *, notebook: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that decides a report's content: inputs, workspace file, code, parameters."""
    return {
        "inputs": input_hashes(settings),
        "workspace": sha256_file(settings.path),
        "notebook": sha256_file(notebook),
        "code": code_version(),
        "parameters": {k: v for k, v in parameters.items() if k != "workspace"},
    }
