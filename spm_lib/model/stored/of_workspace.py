"""A store of a workspace's files: built of all of them, extended by those that came since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.book import refuse_nothing
from spm_lib.model.reading import read_workspace
from spm_lib.model.stored.building import enough_buckets, extended, written
from spm_lib.model.stored.contents import Contents, read_contents, said
from spm_lib.model.stored.spilling import Spill
from spm_lib.model.stored.writing import store_folder, writing
from spm_lib.workspace import Settings

NO_FILE = ""


def build_store_of(
    workspace: str | Path, folder: str | Path, *, buckets: int | None = None
) -> Path:
    """Write the company of a workspace file as a store, and return the file that tells of it.

    The sources are read as ``spm_lib.open`` reads them, one after another in memory; from then on
    one bucket is.

    Raises
    ------
    WorkspaceError
        If the file says what cannot be.
    SourceError
        If files cannot be read.
    DataError
        If the tables break the model's contract.
    """
    made = read_workspace(workspace)
    intake = made.intake
    refuse_nothing(intake.tables)
    start = Contents(
        settings=made.settings,
        tables=tuple(intake.tables),
        kept=intake.kept,
        known=None,
        notes=tuple(intake.notes),
        read={name: _files(frame) for name, frame in intake.tables.items()},
    )
    rows = {name: frame.height for name, frame in intake.tables.items()}
    with writing(Path(folder)) as writer:
        return written(
            writer,
            start,
            buckets=buckets or enough_buckets(rows),
            fill=lambda into: [into.take(name, frame) for name, frame in intake.tables.items()],
        )


def extend_store_of(workspace: str | Path, folder: str | Path) -> dict[str, int]:
    """Add the rows of a workspace's new files to its store; return how many, per table.

    A file that was read before is known by its name and not taken in again. Nothing is written
    where nothing is new.

    Raises
    ------
    DataError
        If there is no store, a file that was read has other rows now, rows tell of no file (a
        query, a database), the workspace file says something else than when the store was built,
        a deal names a foreign currency after its history was read, or somebody else writes to the
        store meanwhile.
    """
    folder = store_folder(folder)
    contents = read_contents(folder)
    made = read_workspace(workspace)
    _refuse_other(contents.settings, made.settings)
    new = {
        name: _new_rows(name, frame, contents.read.get(name, {}))
        for name, frame in made.intake.tables.items()
    }
    new = {name: rows for name, rows in new.items() if rows.height}

    def fill(into: Spill, now: Contents) -> None:
        _refuse_overtaken(contents, now)
        for name, rows in new.items():
            into.take(name, rows)

    if new:
        with writing(folder) as writer:
            extended(
                writer,
                {name: tuple(made.intake.kept[name]) for name in new},
                fill=fill,
                read={name: _files(frame) for name, frame in made.intake.tables.items()},
                notes=made.intake.notes,
            )
    return {name: rows.height for name, rows in new.items()}


def _files(frame: pl.DataFrame) -> dict[str, int]:
    """Return how many rows there are of each file."""
    if "_file" not in frame.columns:
        return {NO_FILE: frame.height}
    counted = frame["_file"].fill_null(NO_FILE).value_counts(name="rows")
    return dict(sorted(counted.iter_rows()))


def _new_rows(name: str, frame: pl.DataFrame, known: Mapping[str, int]) -> pl.DataFrame:
    """Return the rows of files that are not known; of lines nobody could read, those beyond."""
    there = _files(frame)
    changed = [f for f, rows in known.items() if f != NO_FILE and there.get(f) != rows]
    bare = "_file" not in frame.columns
    if changed or (bare and there != dict(known)):
        raise DataError(
            f"What was read of {name} before is not what it says now.",
            found=", ".join(changed) or "rows of a query or a database tell of no file",
            do="Add new files beside the old ones, or build the store anew",
        )
    if bare:
        return frame.clear()
    file = pl.col("_file")
    fresh = frame.filter(file.is_not_null() & ~file.is_in(list(known)))
    lost = frame.filter(file.is_null())
    return pl.concat([fresh, lost.slice(known.get(NO_FILE, 0))])


def _refuse_overtaken(seen: Contents, now: Contents) -> None:
    """Refuse to add what was new beside another state: it may be there by now."""
    if now != seen:
        raise DataError(
            "Somebody wrote to the store meanwhile.",
            found=f"{now.batches:,} batches, {seen.batches:,} when the files were looked at",
            do="Run it again",
        )


def _refuse_other(before: Settings, now: Settings) -> None:
    told, says = said(before), said(now)
    other = sorted(key for key in says if told.get(key) != says[key])
    if other:
        raise DataError(
            "The workspace file says something else than when the store was built.",
            found=", ".join(other),
            do="Build the store anew",
        )
