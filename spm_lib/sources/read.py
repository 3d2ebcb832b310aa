"""All raw frames of a workspace file."""

from __future__ import annotations

import glob
from pathlib import Path

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.csv_file import FileRows, read_csv_bytes
from spm_lib.sources.raw_frame import RawFrame
from spm_lib.workspace import RawSettings, Settings


def read_raws(settings: Settings) -> dict[str, RawFrame]:
    """Return every raw frame of a workspace file by its name.

    Raises
    ------
    SourceError
        If files are missing or cannot be read at all; every one of them is listed.
    """
    read: dict[str, RawFrame] = {}
    faults: list[SourceError] = []
    for name in settings.raw:
        try:
            read[name] = read_raw(settings, name)
        except SourceError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        listed = "".join(f"\n  - {fault}" for fault in faults)
        raise SourceError(f"{len(faults)} sources cannot be read:{listed}")
    return read


def read_raw(settings: Settings, name: str) -> RawFrame:
    """Return one raw frame of a workspace file.

    Raises
    ------
    SourceError
        If there is no such file, or it cannot be read at all.
    """
    raw = settings.raw[name]
    parts = [_read_file(f, settings, raw) for f in raw_files(settings, name)]
    return _together(name, parts)


def raw_files(settings: Settings, name: str) -> list[Path]:
    """Return the files of a raw frame, in the order of their names.

    Raises
    ------
    SourceError
        If no file fits the path.
    """
    pattern = str(settings.raw[name].path)
    found = sorted(glob.glob(str(settings.folder / pattern)))
    files = [Path(p) for p in found if Path(p).is_file()]
    if not files:
        raise SourceError(
            f"[raw.{name}] path: no such file.",
            found=f"nothing at {settings.folder / pattern}",
            do="Correct path; it is relative to the workspace file",
        )
    return files


def _read_file(file: Path, settings: Settings, raw: RawSettings) -> FileRows:
    name = _shown(file, settings.folder)
    return read_csv_bytes(file.read_bytes(), file=name, settings=raw)


def _shown(file: Path, folder: Path) -> str:
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return file.name


def _together(name: str, parts: list[FileRows]) -> RawFrame:
    frames = [p.frame.with_columns(_file=pl.lit(p.dialect.file)) for p in parts]
    frame = pl.concat(frames, how="diagonal_relaxed")
    own = [c for c in frame.columns if c not in ("_file", "_row")]
    quarantine = pl.concat([p.quarantine for p in parts])
    return RawFrame(
        name=name,
        frame=frame.select(*own, "_file", "_row"),
        quarantine=quarantine,
        rows_in=frame.height + quarantine.height,
        files=tuple(p.dialect for p in parts),
    )
