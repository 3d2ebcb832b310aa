"""Verifying a report: its files against its manifest, and what it was made from against today."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spm_lib.core.errors import ReportError
from spm_lib.reports.runs.manifest import brand_hash, code_version, input_hashes
from spm_lib.store import ClientFolder, sha256_file
from spm_lib.workspace import Settings, load_settings


@dataclass(frozen=True)
class Verified:
    """What became of one report: files that are no longer as written, inputs that changed since.

    ``broken`` are faults of the report itself; ``changed`` says what a new run would be made from.
    """

    folder: Path
    broken: tuple[str, ...]
    changed: tuple[str, ...]


def verify(folder: str | Path, *, workspace: str | Path | None = None) -> list[Verified]:
    """Check every report below a folder against its manifest.

    Parameters
    ----------
    folder
        A report's folder, or any folder above it.
    workspace
        The client's workspace file, to say what changed of the data, the workspace file, the brand
        and the code since; without it only the report's own files are checked.

    Raises
    ------
    ReportError
        If there is no report, or a manifest cannot be read.
    """
    manifests = sorted(Path(folder).rglob("manifest.json"))
    if not manifests:
        raise ReportError(
            "There is no report to verify.",
            found=f"no manifest.json below {folder}",
            do="Name a folder that `spm report` wrote",
        )
    now = _now(load_settings(workspace)) if workspace else {}
    return [_verified(path, now) for path in manifests]


def _now(settings: Settings) -> dict[str, Any]:
    return {
        "inputs": input_hashes(settings),
        "workspace": sha256_file(settings.path),
        "brand": brand_hash(ClientFolder.of(settings.path).brand),
        "code": code_version(),
    }


def _verified(path: Path, now: Mapping[str, Any]) -> Verified:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        files = dict(kept["files"])
    except (ValueError, KeyError, TypeError):
        raise ReportError(
            "A manifest cannot be read.", found=str(path), do="Make the report anew"
        ) from None
    changed = tuple(_changes(kept, now)) if now else ()
    return Verified(path.parent, tuple(_faults(path.parent, files)), changed)


def _faults(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    for name, digest in files.items():
        file = folder / Path(name).name
        if not file.is_file():
            yield f"{name} is missing"
        elif sha256_file(file) != digest:
            yield f"{name} is not as it was written"


def _changes(kept: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = kept.get("inputs", {}), now["inputs"]
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"input {name} is gone"
        elif name not in before:
            yield f"input {name} is new"
        elif before[name] != after[name]:
            yield f"input {name} changed"
    words = {"workspace": "the workspace file", "brand": "the brand", "code": "the code"}
    yield from (f"{what} changed" for key, what in words.items() if kept.get(key) != now[key])
