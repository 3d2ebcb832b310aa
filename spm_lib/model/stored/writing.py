"""The one writer of a store: its lock, its place for what waits, and the state it leaves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path

from spm_lib.core.errors import DataError
from spm_lib.model.book import checked_tables
from spm_lib.model.export_day import day_counts, export_day, first_day
from spm_lib.model.kept import renamed_columns
from spm_lib.model.stored.bucket_books import read_counts, read_whole_table
from spm_lib.model.stored.buckets import group_of
from spm_lib.model.stored.contents import (
    ROWS,
    VIEWS,
    Contents,
    mark_of_layers,
    read_contents,
    rules_hash,
)
from spm_lib.store import MANIFEST, locked, prune, sweep, tell

LOCK = ".lock"
SPILLED = ".spilled-"
UNUSED_DAYS = 14


@dataclass(frozen=True)
class Writer:
    """Who writes to a store: its folder, a place for what waits, and the state that is read now."""

    folder: Path
    place: Path
    before: Contents | None


def store_folder(path: str | Path) -> Path:
    """Return the folder of a store, which is named itself or by its manifest."""
    path = Path(path)
    return path.parent if path.name == MANIFEST else path


@contextmanager
def writing(folder: Path) -> Iterator[Writer]:
    """Be the only writer of a store; what waits in its place goes when all is done.

    Raises
    ------
    DataError
        If the folder is none, or holds something else.
    """
    _refuse_taken(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOCK).touch()
    with locked(folder / LOCK):
        (folder / ROWS).mkdir(exist_ok=True)
        for left in folder.glob(f"{SPILLED}*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            before = read_contents(folder)
        except DataError:  # none, or one of another version: a new one takes its place
            before = None
        with tempfile.TemporaryDirectory(dir=folder, prefix=SPILLED) as place:
            yield Writer(folder, Path(place), before)


def _refuse_taken(folder: Path) -> None:
    """Refuse a file, and a folder whose parts hold what is no store's: it would be swept."""
    if any(place.is_file() for place in (folder, *folder.parents)):
        raise DataError(
            "A store needs a folder, and there is a file in its place.",
            found=str(folder),
            do="Name a folder of its own for the store",
        )
    ours = any((folder / name).exists() for name in (LOCK, MANIFEST))
    taken = [name for name in (ROWS, VIEWS) if (folder / name).exists()]
    if taken and not ours:
        raise DataError(
            "The folder holds something else than a store.",
            found=f"{', '.join(taken)} in {folder}",
            do="Name a folder of its own for the store",
        )


def settle(writer: Writer, contents: Contents) -> Path:
    """Settle what all buckets together tell, put the manifest in place and sweep what is left.

    The files of the state before stay, for those who read it. The manifest is returned.
    """
    folder, before = writer.folder, writer.before
    whole = {name: read_whole_table(folder, file) for name, file in contents.whole.items()}
    small = checked_tables(whole, settings=contents.settings)[0]
    counts = [read_counts(folder, bucket) for bucket in contents.buckets]
    days = reduce(add, counts, day_counts(small))
    exported_on, told = export_day(days, section=contents.settings.workspace)
    contents = replace(
        contents,
        told=(*renamed_columns(contents.kept), *told),
        exported_on=exported_on,
        first_day=first_day(days),
        before=tuple(sorted(before.files() - contents.files())) if before else (),
        code=rules_hash(),
    )
    path = tell(folder, contents.to_dict())
    sweep(folder / ROWS, needed={*contents.files(), *contents.before})
    states = [contents, before] if before else [contents]
    prune(folder / VIEWS, unused_days=UNUSED_DAYS)
    there = {file.name for file in (folder / VIEWS).glob("*.parquet")}
    sweep(folder / VIEWS, needed=_views_of(there, states), there=there)  # readers write meanwhile
    return path


def _views_of(views: Collection[str], states: Sequence[Contents]) -> set[str]:
    """Return the files of views that are worth keeping: the newest.

    Of a bucket whose rows now are in no view yet it is that of the rows before, as most of it
    still holds.
    """
    needed, marks = set(), {}
    for file in views:
        if file[0] == ".":  # somebody writes it
            needed.add(file)
        else:
            name, number, mark, _ = file.rsplit("-", 3)
            marks.setdefault((name, int(number)), {}).setdefault(mark, set()).add(file)
    for (name, number), there in marks.items():
        kept = _marks(name, number, states)
        newest = next((mark for mark in kept[0] if mark in there), None) if kept else None
        for mark in {newest, *(known[0] for known in kept)}:
            needed |= there.get(mark, set())
    return needed


def _marks(name: str, number: int, states: Sequence[Contents]) -> list[list[str]]:
    """Return, per state, the marks of a bucket's rows: as they are, and without what came last."""
    found = []
    for state in states:
        if number < len(state.buckets):
            layers = state.buckets[number].layers_of(group_of(name))
            cuts = [layers[:end] for end in range(len(layers), 0, -1)]
            found.append([mark_of_layers(cut) for cut in cuts] or [mark_of_layers([])])
    return found
