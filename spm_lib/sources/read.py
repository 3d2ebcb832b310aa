"""All raw frames of a workspace file."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.sources.database import read_database
from spm_lib.sources.excel import read_excel_bytes
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.parquet import read_parquet_bytes
from spm_lib.sources.quarantine import quarantine_path, read_mended
from spm_lib.sources.raw_frame import Dialect, RawFrame
from spm_lib.sources.texts import alike
from spm_lib.sources.typed import typed
from spm_lib.sources.unpivot import unpivoted
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
    if faults:
        raise sources_refused(faults)
    return read


def sources_refused(faults: list[SourceError]) -> SourceError:
    """Return the one error that tells of every source that cannot be read."""
    if len(faults) == 1:
        return faults[0]
    listed = "".join(f"\n  - {fault}" for fault in faults)
    return SourceError(f"{len(faults)} sources cannot be read:{listed}")


def read_raw(settings: Settings, name: str) -> RawFrame:
    """Return one raw frame of a workspace file.

    Rows mended in ``quarantine/NAME.csv`` beside the workspace file are read along. Then ``types``
    and ``unpivot`` are applied.

    Raises
    ------
    SourceError
        If there is no such file, or it cannot be read at all.
    """
    raw = settings.raw[name]
    together = _together(name, _parts(settings, name, raw), decimal=raw.decimal)
    mended = quarantine_path(settings.folder, name)
    if mended.is_file():
        together = read_mended(together, mended, decimal=raw.decimal)
    return _shaped(together, settings, raw)


def _parts(settings: Settings, name: str, raw: RawSettings) -> list[FileRows]:
    if raw.connection is None:
        return [_read_file(file, settings, raw) for file in raw_files(settings, name)]
    return [
        read_database(
            str(raw.query),
            connection=settings.connections[raw.connection],
            name=raw.connection,
            folder=settings.folder,
        )
    ]


def _shaped(read: RawFrame, settings: Settings, raw: RawSettings) -> RawFrame:
    place = f"[raw.{read.name}]"
    frame, quarantine = read.frame, read.quarantine
    if raw.types:
        frame, bad = typed(
            frame,
            types=raw.types,
            reading=raw.reading,
            timezone=settings.workspace.timezone,
            place=place,
        )
        quarantine = pl.concat([quarantine, bad])
    if raw.unpivot:
        frame = unpivoted(frame, how=raw.unpivot, place=place, decimal=raw.decimal)
    return replace(
        read, frame=frame, quarantine=quarantine, rows_in=frame.height + quarantine.height
    )


def raw_files(settings: Settings, name: str) -> list[Path]:
    """Return the files of a raw frame, in the order of their names.

    Raises
    ------
    SourceError
        If no file fits the path.
    """
    pattern = str(settings.raw[name].path)
    folder = glob.escape(str(settings.folder))
    found = glob.glob(str(Path(folder, pattern)))  # noqa: PTH207 - Path.glob refuses ..
    files = sorted(Path(p) for p in found if Path(p).is_file())
    if not files:
        raise SourceError(
            f"[raw.{name}] path: no such file.",
            found=f"nothing at {settings.folder / pattern}",
            do="Correct path; it is relative to the workspace file",
        )
    return files


def _read_file(file: Path, settings: Settings, raw: RawSettings) -> FileRows:
    name = _shown(file, settings.folder)
    return read_bytes(_bytes_of(file, name), file=name, settings=raw)


def _bytes_of(file: Path, name: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(
            "A file cannot be opened.",
            found=f"{name}: {error.strerror}",
            do="Close it in other programs, and check who may read it",
        ) from None


def read_bytes(content: bytes, *, file: str, settings: RawSettings) -> FileRows:
    """Return the rows of a file's bytes, whatever its name says it is: Excel, Parquet or text.

    Raises
    ------
    SourceError
        If it is neither, or cannot be read.
    """
    head = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return read_excel_bytes(content, file=file, settings=settings)
    if content.startswith(b"PAR1"):
        return read_parquet_bytes(content, file=file)
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise SourceError(
            f"{file} is a web page, whatever its name says.",
            found=head[:20].decode("ascii", errors="replace"),
            do="Open it in Excel and save it as .xlsx or .csv",
        )
    return read_csv_bytes(content, file=file, settings=settings)


def _shown(file: Path, folder: Path) -> str:
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return file.name


def _together(name: str, parts: list[FileRows], *, decimal: str) -> RawFrame:
    frames = alike([p.frame for p in parts], decimal=decimal)
    frames = [
        frame.with_columns(_file=pl.lit(part.dialect.file))
        for frame, part in zip(frames, parts, strict=True)
    ]
    frame = pl.concat(frames, how="diagonal_relaxed")
    own = [c for c in frame.columns if c not in ("_file", "_row")]
    quarantine = pl.concat([p.quarantine for p in parts])
    return RawFrame(
        name=name,
        frame=frame.select(*own, "_file", "_row"),
        quarantine=quarantine,
        rows_in=frame.height + quarantine.height,
        files=tuple(p.dialect for p in parts),
        notes=tuple(_differences(name, parts)),
    )


def _listed(file: Dialect) -> str:
    return f"{file.file}: {', '.join(file.columns)}"


def _differences(name: str, parts: list[FileRows]) -> list[str]:
    """Return notes on files of one raw frame that do not have the same columns."""
    first = parts[0].dialect
    notes: list[str] = []
    for part in parts[1:]:
        columns = part.dialect.columns
        if not set(columns) & set(first.columns):
            raise SourceError(
                f"[raw.{name}] path: files that share no column.",
                found=f"{_listed(first)}; {_listed(part.dialect)}",
                do="Narrow the path, so that it fits files of one kind",
            )
        gone = [c for c in first.columns if c not in columns]
        new = [c for c in columns if c not in first.columns]
        if gone or new:
            listed = [f"lacks {', '.join(gone)}"] * bool(gone) + [f"adds {', '.join(new)}"] * bool(
                new
            )
            notes.append(f"{part.dialect.file} {' and '.join(listed)}, against {first.file}")
    return notes
