"""A store built once and extended by what is new: buckets are made one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.model.book import refuse_nothing
from spm_lib.model.columns import canonical_table
from spm_lib.model.framed import as_polars, kept_columns, kind_of
from spm_lib.model.notices import Notice
from spm_lib.model.stored.bucket_books import (
    add_to_bucket,
    read_told,
    read_whole_table,
    write_bucket,
    write_whole_table,
)
from spm_lib.model.stored.buckets import DEALS_OF_A_BUCKET, KEYS
from spm_lib.model.stored.contents import ROWS, Bucket, Contents, read_contents, rules_hash
from spm_lib.model.stored.currencies import lent_currencies, refuse_late_currencies
from spm_lib.model.stored.from_spark import written_by_spark
from spm_lib.model.stored.spilling import Spill, spill
from spm_lib.model.stored.types import Types, fitted, settled
from spm_lib.model.stored.writing import Writer, settle, store_folder, writing
from spm_lib.workspace import Settings

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
    are read some rows at a time (see ``batches``): no more than one bucket is in memory. Spark
    DataFrames of deals, history, splits and activities are not collected: Spark writes them as
    files into the folder, which driver and executors share, and they are read as lazy ones are. A
    store that was in the folder is replaced once the new one is whole.

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
        If a table is unknown, the tables break the model's contract, the folder holds something
        else, or what Spark wrote is not seen.
    SourceError
        If Spark cannot write into the folder.
    """
    refuse_nothing(frames)
    taken = {name: _taken(frame, name) for name, frame in frames.items()}
    with writing(Path(folder)) as writer:
        made = _in_hand(taken, writer.place)
        start = Contents(
            settings=settings,
            tables=tuple(made),
            kept={name: kept_columns(frame, name) for name, frame in made.items()},
            known=_tuples(known_at_creation),
            notes=tuple(notes),
        )
        rows = {name: _height(frame) for name, frame in made.items()}
        return written(
            writer,
            start,
            buckets=buckets or enough_buckets(rows),
            fill=lambda into: spill(made, into, settings=settings, file=_batch(1)),
        )


def written(
    writer: Writer, start: Contents, *, buckets: int, fill: Callable[[Spill], object]
) -> Path:
    """Write a store of the rows that ``fill`` spills, and return its manifest.

    Raises
    ------
    DataError
        If the tables break the model's contract.
    """
    folder, zone = writer.folder, start.settings.calendar.timezone
    spilled = Spill(writer.place, buckets, places={})
    fill(spilled)
    types = {name: settled(name, spilled.types[name]) for name in start.tables}
    whole = {
        name: _whole(folder, name, rows, types[name], zone) for name, rows in spilled.whole.items()
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
    contents = replace(start, places=spilled.places, batches=1, whole=whole, buckets=tuple(made))
    return settle(writer, contents)


def extend_store(path: str | Path, frames: Mapping[str, Any]) -> Path:
    """Add rows to a store, and return the file that ``spm_lib.open`` takes.

    The rows count as a later export: what they tell of a key that was told before stands in its
    place (see ``set_aside_duplicates``), and of a deal's history they tell more, early or late as
    it may be. Only buckets of deals and activities that they name are made anew. Until all is
    written the old state holds. Frames are those of ``build_store``.

    Raises
    ------
    DataError
        If there is no store, the tables break the model's contract, or what Spark wrote is not
        seen.
    SourceError
        If Spark cannot write into the folder.
    """
    folder = store_folder(path)
    read_contents(folder)  # refuse what is no store before anything is written
    taken = {name: _taken(frame, name) for name, frame in frames.items()}
    with writing(folder) as writer:
        made = _in_hand(taken, writer.place)
        return extended(
            writer,
            {name: kept_columns(frame, name) for name, frame in made.items()},
            fill=lambda into, old: spill(
                made, into, settings=old.settings, file=_batch(old.batches + 1)
            ),
        )


def extended(
    writer: Writer,
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
    folder = writer.folder
    old = read_contents(folder)
    lent = lent_currencies(folder, old)
    spilled = Spill(writer.place, len(old.buckets), places=dict(old.places), lent=lent)
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
    return settle(writer, contents)


def _taken(frame: Any, name: str) -> Any:
    """Return a frame as it is read: lazy ones, and large ones of Spark, as they are."""
    canonical_table(name)
    if isinstance(frame, pl.LazyFrame) or (kind_of(frame) == "pyspark" and name in KEYS):
        return frame
    return as_polars(frame, name)


def _in_hand(taken: Mapping[str, Any], place: Path) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """Return the frames with those of Spark as files, which wait in the writer's place."""
    return {
        name: written_by_spark(frame, name, place) if kind_of(frame) == "pyspark" else frame
        for name, frame in taken.items()
    }


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
