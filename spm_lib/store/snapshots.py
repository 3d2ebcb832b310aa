"""Keeping a client's tables as they are on a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from spm_lib.core.errors import DataError
from spm_lib.store.client_folder import ClientFolder
from spm_lib.store.hashes import frame_hash
from spm_lib.store.writing import whole_folder, write_json

if TYPE_CHECKING:
    import polars as pl


def keep_snapshot(
    folder: ClientFolder,
    day: date,
    tables: Mapping[str, pl.DataFrame],
    *,
    about: Mapping[str, object] | None = None,
    replace: bool = False,
) -> Path:
    """Keep tables as the state of a day, one Parquet file each, beside a manifest.

    The folder appears whole or not at all. The same state kept twice is kept once.

    Raises
    ------
    DataError
        If another state of that day is kept already, unless ``replace``.
    """
    goal = folder.snapshot(day)
    hashes = {name: frame_hash(frame) for name, frame in sorted(tables.items())}
    kept = _kept(goal)
    if kept == hashes:
        return goal
    if kept is not None and not replace:
        raise DataError(
            f"Another state of {day} is kept already.",
            found=str(goal),
            do="Keep it, or add --force to put the new state in its place",
        )
    with whole_folder(goal) as fresh:
        _write(fresh, tables, {**(about or {}), "as_of": day.isoformat(), "tables": hashes})
    return goal


def read_snapshot(folder: ClientFolder, day: date) -> dict[str, pl.DataFrame]:
    """Return the tables kept for a day.

    Raises
    ------
    DataError
        If no whole state of that day is kept.
    """
    import polars as pl

    goal = folder.snapshot(day)
    names = _kept(goal)
    if names is None:
        days = ", ".join(d.isoformat() for d in folder.snapshot_days())
        raise DataError(
            f"No state of {day} is kept.", found=days or "none", do="Run `spm snapshot`"
        )
    return {name: pl.read_parquet(goal / f"{name}.parquet", glob=False) for name in names}


def _kept(goal: Path) -> dict[str, str] | None:
    manifest = goal / "manifest.json"
    if not manifest.is_file():
        return None
    return dict(json.loads(manifest.read_text(encoding="utf-8"))["tables"])


def _write(place: Path, tables: Mapping[str, pl.DataFrame], manifest: dict[str, object]) -> None:
    for name, frame in tables.items():
        frame.write_parquet(place / f"{name}.parquet", compression="zstd")
    write_json(place / "manifest.json", manifest)
