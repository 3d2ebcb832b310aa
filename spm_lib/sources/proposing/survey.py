"""The files of a folder, read as they are, with a profile of every column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.dates import parse_dates
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.money import parse_money
from spm_lib.sources.proposing.profile import ColumnProfile, profile_column
from spm_lib.sources.read import read_bytes
from spm_lib.workspace import RawSettings

SUFFIXES = {
    ".csv",
    ".txt",
    ".tsv",
    ".tab",
    ".xlsx",
    ".xls",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".parquet",
    ".pq",
}
OWN_FOLDERS = {
    "quarantine",
    "reports",
    "cache",
    "snapshots",
    "scenarios",
    "plans",
    "pay",
    "notebooks",
}


@dataclass(frozen=True, eq=False)
class FoundFile:
    """A file of the folder: its name relative to it, its rows, a profile per column."""

    name: str
    rows: FileRows
    columns: tuple[ColumnProfile, ...]
    header: bool

    @property
    def height(self) -> int:
        """Number of rows that could be read."""
        return self.rows.frame.height

    def profile(self, column: str) -> ColumnProfile:
        """Return the profile of a column."""
        return next(c for c in self.columns if c.name == column)


@dataclass(frozen=True, eq=False)
class Survey:
    """What stands in a folder: files that were read; files that could not be, and why."""

    folder: Path
    files: tuple[FoundFile, ...]
    unread: tuple[tuple[str, str], ...]


def survey_folder(folder: Path) -> Survey:
    """Return the data files of a folder and its sub-folders, but for those that we write.

    Raises
    ------
    SourceError
        If there is no such folder, or no data file in it.
    """
    if not folder.is_dir():
        raise SourceError(
            "There is no such folder.", found=str(folder), do="Name the folder of exports"
        )
    paths = [
        p for p in sorted(folder.rglob("*")) if _is_data(p.relative_to(folder)) and p.is_file()
    ]
    files: list[FoundFile] = []
    unread: list[tuple[str, str]] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            files.append(found_file(path.read_bytes(), name=name))
        except (SourceError, OSError) as error:
            unread.append((name, str(error)))
    if not files:
        raise SourceError(
            "No data file could be read there.",
            found="; ".join(f"{n}: {why}" for n, why in unread) or f"nothing in {folder}",
            do="Put exports there: CSV, Excel or Parquet",
        )
    return Survey(folder, tuple(files), tuple(unread))


def _is_data(path: Path) -> bool:
    hidden = any(part.startswith((".", "~")) for part in path.parts)
    own = bool(OWN_FOLDERS & set(path.parts[:-1]))
    text = path.suffix.lower() == ".txt" and "licen" in path.name.lower()
    return path.suffix.lower() in SUFFIXES and not hidden and not own and not text


def found_file(content: bytes, *, name: str) -> FoundFile:
    """Return a file's rows and profiles; without a header its columns are numbered."""
    rows = read_bytes(content, file=name, settings=RawSettings(path=name))
    header = not _is_row_of_data(rows.frame)
    if not header:
        names = tuple(f"column_{i}" for i in range(1, len(rows.dialect.columns) + 1))
        raw = RawSettings(path=name, header=False, names=names)
        rows = read_bytes(content, file=name, settings=raw)
    own = [c for c in rows.frame.columns if c not in ("_file", "_row")]
    profiles = tuple(profile_column(rows.frame[c]) for c in own)
    return FoundFile(name, rows, profiles, header)


def _is_row_of_data(frame: pl.DataFrame) -> bool:
    """Say whether a column's name is a number or a date as the values under it are.

    Years and months above amounts are names.
    """
    names = [
        name
        for name in frame.columns
        if name != "_row" and not re.fullmatch(r"(?:19|20)[0-9]{2}|column_[0-9]+", name)
    ]
    text = pl.Series(names, dtype=pl.String)
    dates = parse_dates(text, order="day-first").values.is_not_null()
    likely = text.filter(parse_money(text).values.is_not_null() | dates)
    kinds = ((name, profile_column(pl.Series([name])).kind) for name in likely)
    return any(profile_column(frame[name].head(200)).kind == kind for name, kind in kinds)
