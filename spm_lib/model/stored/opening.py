"""A store opened as a book whose rows stay on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.model.book import Book, declared, is_from_log
from spm_lib.model.creation import known_columns
from spm_lib.model.kept import kept_names
from spm_lib.model.stored.contents import Contents, read_contents
from spm_lib.model.stored.tables import StoredTables
from spm_lib.model.stored.writing import store_folder
from spm_lib.store import MANIFEST


def is_store(path: str | Path) -> bool:
    """Say whether a path is a store, or the file that tells of one.

    Beside a workspace file ``store.json`` is one of the client's own files, a list of shops, say.
    """
    path = Path(path)
    if path.name == MANIFEST:
        return True
    return (path / MANIFEST).is_file() and not (path / "spm.toml").is_file()


def book_of_store(path: str | Path) -> Book:
    """Return the book of a store. The rows of deals and activities stay on disk.

    Raises
    ------
    DataError
        If there is no store.
    """
    folder = store_folder(path)
    contents = read_contents(folder)
    tables = StoredTables(folder, contents)
    said = declared(contents.settings) if contents.known is None else contents.known
    return Book(
        settings=contents.settings,
        tables=tables,
        given=_given(contents, tables),
        exported_on=contents.exported_on,
        from_log=is_from_log(tables),
        kept={n: tuple(kept_names(keep, table=n).values()) for n, keep in contents.kept.items()},
        known=known_columns(said, contents.kept),
        reading_notes=(*contents.notes, *contents.told),
    )


def _given(contents: Contents, tables: StoredTables) -> dict[str, frozenset[str]]:
    """Return the columns that have a value in any bucket, per table, in the order of the tables."""
    given = dict(tables.small_given)
    for bucket in contents.buckets:
        for name, columns in bucket.given.items():
            given[name] = given.get(name, frozenset()) | set(columns)
    return {name: given[name] for name in contents.tables}


@dataclass(frozen=True)
class StoreSummary:
    """What a store holds: rows read per table, parts, batches, export day, bytes on disk."""

    rows: Mapping[str, int]
    buckets: int
    batches: int
    exported_on: date
    size: int


def store_summary(path: str | Path) -> StoreSummary:
    """Return what a store holds.

    Raises
    ------
    DataError
        If there is no store.
    """
    folder = store_folder(path)
    contents = read_contents(folder)
    rows = {name: contents.places[name] for name in contents.tables}
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    made = contents.buckets
    return StoreSummary(rows, len(made), contents.batches, contents.exported_on, size)
