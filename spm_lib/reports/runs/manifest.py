"""The manifest: what a report was made from, so that it can be made again and checked."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.reports.runs.jobs import origin_parameters
from spm_lib.sources import holds_mended, quarantine_path
from spm_lib.store import ClientFolder, code_hash, sha256_file, sha256_json
from spm_lib.workspace import load_brand

if TYPE_CHECKING:
    from spm_lib.workspace import Settings

PACKAGE = Path(__file__).resolve().parents[2]


def input_hashes(settings: Settings) -> dict[str, str]:
    """Return the fingerprint of every input, by its path in the client's folder.

    What a database is asked counts by its query; its rows are not kept anywhere. A quarantine file
    is an input once a row of it is mended; the client's own metrics and the deals at rest are ones.
    """
    own = ClientFolder(settings.folder)
    beside = [path for path in (own.own_metrics, own.stalls) if path.is_file()]
    found: dict[str, str] = {}
    for name, raw in sorted(settings.raw.items()):
        mended = quarantine_path(settings.folder, name)
        beside += [mended] if holds_mended(mended) else []
        if raw.path is None:
            found[f"{raw.connection}:{name}"] = sha256_json(raw.query)
            continue
        for path in _files(settings.folder, raw.path):
            found[_shown(path, settings.folder)] = sha256_file(path)
    return found | {_shown(path, settings.folder): sha256_file(path) for path in beside}


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
    return {"version": importlib.metadata.version("spm-lib"), "source": code_hash(PACKAGE)[:16]}


def notebook_origin(notebook: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a notebook adds to what decides a report's content."""
    return {
        "notebook": sha256_file(notebook),
        "parameters": origin_parameters(parameters),
    }


def brand_hash(path: Path) -> str | None:
    """Return the fingerprint of a brand file and of the files it names; None without one."""
    if not path.is_file():
        return None
    brand = load_brand(path)
    named = (brand.logo, brand.regular, brand.bold, brand.template)
    return sha256_json([sha256_file(path), *[sha256_file(file) for file in named if file]])


ORIGIN = ("inputs", "workspace", "code", "notebook", "parameters", "brand", "scope", "as_of")


def changed_since(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return which of the things that decide a report are no longer what they were.

    Examples
    --------
    >>> changed_since({"workspace": "a", "as_of": "x"}, {"workspace": "b", "as_of": "x"})
    ['workspace']
    """
    return [key for key in ORIGIN if kept.get(key) != now.get(key)]
