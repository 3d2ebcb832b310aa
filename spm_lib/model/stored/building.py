"""A store built once and extended by what is new: buckets are made one at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.book import checked_tables, refuse_nothing
from spm_lib.model.export_day import day_counts, export_day, first_day
from spm_lib.model.framed import as_polars, kept_columns
from spm_lib.model.kept import renamed_columns
from spm_lib.model.notices import Notice
from spm_lib.model.stored.bucket_books import (
    add_to_bucket,
    read_counts,
    read_told,
    read_whole_table,
    write_bucket,
    write_whole_table,
)
from spm_lib.model.stored.buckets import DEALS_OF_A_BUCKET, KEYS, group_of
from spm_lib.model.stored.contents import (
    ROWS,
    VIEWS,
    Bucket,
    Contents,
    mark_of_layers,
    read_contents,
    rules_hash,
)
from spm_lib.model.stored.currencies import lent_currencies, refuse_late_currencies
from spm_lib.model.stored.spilling import Spill, spill
from spm_lib.model.stored.types import Types, fitted, settled
from spm_lib.store import MANIFEST, locked, prune, sweep, tell
from spm_lib.workspace import Settings

LOCK = ".lock"
SPILLED = ".spilled-"
UNUSED_DAYS = 14
MOST_LAYERS = 8


def build_store(
    folder: str | Path,
    frames: Mapping[str, Any],
    settings: Settings,
    *,
    known_at_creation: Mapping[str, Sequence[str]] | None = None,
    buckets: int | None = None,
    notes: Sequence[Notice] = (),
) -> Path:
    """Write a company as a store, and return the file that ``spm_lib.open`` takes.

    Frames are those of ``company_from_frames``, or lazy ones (a scan of Parquet files, say), which
    are read some rows at a time: no more than one bucket is in memory. A store that was in the
    folder is replaced once the new one is whole.

    Parameters
    ----------
    folder
        Where the files lie.
    frames
        Tables in canonical columns, by name.
    settings
        The workspace file's settings.
    known_at_creation
        Columns that never change, per table; default: as the settings say.
    buckets
        How many buckets of deals; default: one for 150,000 deals each. It stays for good.
    notes
        What was found while the frames were read.

    Raises
    ------
    DataError
        If a table is unknown, the tables break the model's contract, or the folder holds something
        else.
    """
    refuse_nothing(frames)
    made = {name: _frame(frame, name) for name, frame in frames.items()}
    start = Contents(
        settings=settings,
        tables=tuple(made),
        kept={name: kept_columns(frame, name) for name, frame in made.items()},
        known=_tuples(known_at_creation),
        notes=tuple(notes),
    )
    rows = {name: _height(frame) for name, frame in made.items()}
    return written(
        Path(folder),
        start,
        buckets=buckets or enough_buckets(rows),
        fill=lambda into: spill(made, into, settings=settings, file=_batch(1)),
    )


def written(
    folder: Path, start: Contents, *, buckets: int, fill: Callable[[Spill], object]
) -> Path:
    """Write a store of the rows that ``fill`` spills, and return its manifest.

    Raises
    ------
    DataError
        If the tables break the model's contract.
    """
    zone = start.settings.calendar.timezone
    with _writing(folder) as (place, before):
        spilled = Spill(place, buckets, places={})
        fill(spilled)
        types = {name: settled(name, spilled.types[name]) for name in start.tables}
        whole = {
            name: _whole(folder, name, rows, types[name], zone)
            for name, rows in spilled.whole.items()
        }
        names = [name for name in start.tables if name in KEYS]
        made = [
            write_bucket(
                folder,
                number,
                {n: _together(spilled.read(n, number), types[n], zone) for n in names},
                settings=start.settings,
            )
            for number in range(buckets)
        ]
        contents = replace(
            start, places=spilled.places, batches=1, whole=whole, buckets=tuple(made)
        )
        return _told(folder, contents, before=before)


def extend_store(path: str | Path, frames: Mapping[str, Any]) -> Path:
    """Add rows to a store, and return the file that ``spm_lib.open`` takes.

    The rows count as a later export: what they tell of a key that was told before stands in its
    place (see ``set_aside_duplicates``), and of a deal's history they tell more, early or late as
    it may be. Only buckets of deals and activities that they name are made anew. Until all is
    written the old state holds.

    Raises
    ------
    DataError
        If there is no store, or the tables break the model's contract.
    """
    folder = store_folder(path)
    made = {name: _frame(frame, name) for name, frame in frames.items()}
    kept = {name: kept_columns(frame, name) for name, frame in made.items()}
    return extended(
        folder,
        kept,
        fill=lambda into, old: spill(
            made, into, settings=old.settings, file=_batch(old.batches + 1)
        ),
    )


def extended(
    folder: Path,
    kept: Mapping[str, tuple[str, ...]],
    *,
    fill: Callable[[Spill, Contents], object],
    read: Mapping[str, Mapping[str, int]] | None = None,
    notes: Sequence[Notice] | None = None,
) -> Path:
    """Add the rows that ``fill`` spills to a store, and return its manifest.

    ``kept`` are the columns carried along of each table that has new rows; ``read`` what is read
    of a workspace's files by now (see ``Contents``), and ``notes`` what was found in all of them.

    Raises
    ------
    DataError
        If there is no store, or the tables break the model's contract.
    """
    read_contents(folder)  # refuse what is no store before anything is written
    with _writing(folder) as (place, before):
        old = read_contents(folder)
        lent = lent_currencies(folder, old)
        spilled = Spill(place, len(old.buckets), places=dict(old.places), lent=lent)
        fill(spilled, old)
        refuse_late_currencies(folder, old, spilled.named, lent)
        contents = replace(
            old,
            tables=tuple(dict.fromkeys([*old.tables, *kept])),
            kept=_more_kept(old.kept, kept),
            places=spilled.places,
            batches=old.batches + 1,
            whole={**old.whole, **_more_whole(folder, old, spilled)},
            buckets=_extended(folder, old, spilled),
            read=old.read if read is None else read,
            notes=old.notes if notes is None else tuple(notes),
        )
        return _told(folder, contents, before=before)


def store_folder(path: str | Path) -> Path:
    """Return the folder of a store, which is named itself or by its manifest."""
    path = Path(path)
    return path.parent if path.name == MANIFEST else path


@contextmanager
def _writing(folder: Path) -> Iterator[tuple[Path, Contents | None]]:
    """Be the only writer; give a place for what is spilled, and the state that is read now."""
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
            yield Path(place), before


def _refuse_taken(folder: Path) -> None:
    """Refuse a folder whose parts hold what is no store's: it would be swept."""
    ours = any((folder / name).exists() for name in (LOCK, MANIFEST))
    taken = [name for name in (ROWS, VIEWS) if (folder / name).exists()]
    if taken and not ours:
        raise DataError(
            "The folder holds something else than a store.",
            found=f"{', '.join(taken)} in {folder}",
            do="Name a folder of its own for the store",
        )


def _told(folder: Path, contents: Contents, *, before: Contents | None) -> Path:
    """Settle what all buckets together tell, put the manifest in place and sweep what is left.

    The files of the state before stay, for those who read it.
    """
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


def _frame(frame: Any, name: str) -> pl.DataFrame | pl.LazyFrame:
    return frame if isinstance(frame, pl.LazyFrame) else as_polars(frame, name)


def _height(frame: pl.DataFrame | pl.LazyFrame) -> int:
    return frame.lazy().select(pl.len()).collect(engine="streaming").item()


def _tuples(known: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]] | None:
    return None if known is None else {name: tuple(columns) for name, columns in known.items()}


def _batch(number: int) -> str:
    return f"batch {number:06d}"


def enough_buckets(rows: Mapping[str, int]) -> int:
    """Return how many buckets hold rows of tables, about 150,000 deals in each.

    Examples
    --------
    >>> enough_buckets({"opportunities": 10_000_000, "activities": 3_000_000})
    67
    """
    deals = {"opportunities": 1, "stage_events": 4, "activities": 4}
    needed = [-(-rows.get(n, 0) // (DEALS_OF_A_BUCKET * per)) for n, per in deals.items()]
    return max(1, *needed)


def _together(frames: Sequence[pl.DataFrame], types: Types, zone: str) -> pl.DataFrame:
    empty = pl.DataFrame(schema=types)
    return pl.concat([empty, *(fitted(frame, types, timezone=zone) for frame in frames)])


def _whole(folder: Path, name: str, frames: Sequence[pl.DataFrame], types: Types, zone: str) -> str:
    return write_whole_table(folder, name, _together(frames, types, zone))


def _more_kept(
    kept: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys([*kept, *new])
    return {n: tuple(dict.fromkeys([*kept.get(n, ()), *new.get(n, ())])) for n in names}


def _more_whole(folder: Path, old: Contents, spilled: Spill) -> dict[str, str]:
    """Write the tables kept in one that have new rows."""
    made = {}
    for name, frames in spilled.whole.items():
        known = [read_whole_table(folder, old.whole[name])] if name in old.whole else []
        rows = [*known, *frames]
        types = settled(name, [dict(frame.schema) for frame in rows])
        made[name] = _whole(folder, name, rows, types, old.settings.calendar.timezone)
    return made


def _extended(folder: Path, old: Contents, spilled: Spill) -> tuple[Bucket, ...]:
    """Return the buckets with the spilled rows; those without new ones stay as they are."""
    before = {
        name: dict(pl.scan_parquet(folder / ROWS / file, glob=False).collect_schema())
        for name, file in old.buckets[0].layers[0].items()
    }
    met = {name: spilled.types.get(name, []) for name in KEYS}
    types = {
        name: settled(name, [*([before[name]] if name in before else []), *met[name]])
        for name in KEYS
        if name in before or met[name]
    }
    alike = types == before and old.code == rules_hash()
    zone, made = old.settings.calendar.timezone, []
    for number, bucket in enumerate(old.buckets):
        new = {name: frames for name in types if (frames := spilled.read(name, number))}
        if alike and not new:
            made.append(bucket)
        elif alike and len(bucket.layers) < MOST_LAYERS:
            added = {name: _together(frames, types[name], zone) for name, frames in new.items()}
            made.append(add_to_bucket(folder, number, bucket, added, settings=old.settings))
        else:
            told = read_told(folder, bucket, list(types))
            known = {name: [rows] for name, rows in told.items()}
            together = {
                name: _together([*known.get(name, []), *new.get(name, [])], kinds, zone)
                for name, kinds in types.items()
            }
            made.append(write_bucket(folder, number, together, settings=old.settings))
    return tuple(made)
